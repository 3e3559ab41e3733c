"""The page /metrics for Prometheus, which must send the token.

Each scrape runs the collectors that the setting ``METRICS_COLLECTORS`` names. They query the
tables, so every web worker answers the same.
"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

SCHEME = "Bearer "


def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics as text; 401 without the right token, 404 when METRICS_TOKEN is not set."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not _is_allowed(request.headers.get("Authorization", "")):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _is_allowed(header: str) -> bool:
    given = header.removeprefix(SCHEME) if header.startswith(SCHEME) else ""
    return constant_time_compare(given, settings.METRICS_TOKEN)


def _registry() -> CollectorRegistry:
    # auto_describe would run each collector once more, only to learn the names of its metrics
    registry = CollectorRegistry(auto_describe=False)
    for path in settings.METRICS_COLLECTORS:
        registry.register(import_string(path)())
    return registry
