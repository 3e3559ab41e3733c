"""What a request is answered that never reaches Django, in the form of the API that it asked."""

import json

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from telemarketing.api_errors import API, error_body
from telemarketing.web.requests import Answer

RETRY_SECONDS = 5  # by then a full lane has answered what waited
TEXT = "text/plain; charset=utf-8"


def busy(path: str) -> Answer:
    """Too many requests of this kind wait already."""
    return _refusal(path, 503, "UNAVAILABLE", _("The system is busy. Try again in a few seconds."))


def unreachable(path: str) -> Answer:
    """The process of the back office does not answer."""
    return _refusal(
        path, 503, "UNAVAILABLE", _("The back office does not answer. Try again in a few seconds.")
    )


def too_slow(path: str) -> Answer:
    """The body did not come in time."""
    return _refusal(path, 408, "INVALID_REQUEST", _("The request did not arrive in time."))


def too_long(path: str) -> Answer:
    """More came than any request of this system has."""
    return _refusal(path, 413, "INVALID_REQUEST", _("The request is too long."))


def failed(path: str) -> Answer:
    """Something broke outside of Django's own handling of errors; the log has it."""
    return _refusal(path, 500, "ERROR", _("Internal error."))


def _refusal(path: str, status: int, word: str, description: Promise) -> Answer:
    with override(settings.LANGUAGE_CODE):  # as the answers of the API
        kind, text = _written(path, word, str(description))
    headers = [("content-type", kind), ("cache-control", "no-store")]
    if status == 503:
        headers.append(("retry-after", str(RETRY_SECONDS)))
    if status in (408, 413):
        headers.append(("connection", "close"))  # the rest of the body may still arrive
    return Answer(status, headers, text.encode())


def _written(path: str, word: str, description: str) -> tuple[str, str]:
    if not path.startswith(API):
        return TEXT, description
    body = error_body(path, word, description)
    return "application/json", json.dumps(body, ensure_ascii=False)
