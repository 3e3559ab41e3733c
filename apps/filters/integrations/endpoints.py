"""Where BlackList, Casper and Abram are; limits and credentials come from the environment."""

from django.conf import settings

from common.http import Endpoint, HttpService, http_service


def service(name: str) -> HttpService:
    """The service of this name (``blacklist``, ``casper``, ``abram``), one per process."""
    limits = settings.SERVICE_LIMITS[name.upper()]
    token = getattr(settings, f"{name.upper()}_TOKEN")
    return http_service(
        Endpoint(
            name=name,
            base_url=getattr(settings, f"{name.upper()}_URL"),
            headers=(("Authorization", f"Bearer {token}"),) if token else (),
            connect_seconds=limits["connect_seconds"],
            read_seconds=limits["read_seconds"],
            concurrency=limits["concurrency"],
            rest_seconds=settings.SERVICE_REST_SECONDS,
        )
    )
