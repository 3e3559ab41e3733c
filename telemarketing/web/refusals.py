"""What a request is answered that never reaches Django: in the form of the API that it asked, and
in the language that Django would have chosen.
"""

import json

from django.http import HttpRequest, parse_cookie
from django.utils.functional import Promise
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext_lazy as _

from telemarketing.api_errors import API, error_body
from telemarketing.web.requests import Answer, Scope

RETRY_SECONDS = 5  # by then a full lane has answered what waited
TEXT = "text/plain; charset=utf-8"


def busy(scope: Scope) -> Answer:
    """Too many requests of this kind wait already."""
    return _refusal(scope, 503, "UNAVAILABLE", _("The system is busy. Try again in a few seconds."))


def unreachable(scope: Scope) -> Answer:
    """The process of the back office does not answer."""
    return _refusal(
        scope, 503, "UNAVAILABLE", _("The back office does not answer. Try again in a few seconds.")
    )


def too_slow(scope: Scope) -> Answer:
    """The body did not come in time."""
    return _refusal(scope, 408, "INVALID_REQUEST", _("The request did not arrive in time."))


def too_long(scope: Scope) -> Answer:
    """More came than any request of this system has."""
    return _refusal(scope, 413, "INVALID_REQUEST", _("The request is too long."))


def failed(scope: Scope) -> Answer:
    """Something broke outside of Django's own handling of errors; the log has it."""
    return _refusal(scope, 500, "ERROR", _("Internal error."))


def _refusal(scope: Scope, status: int, word: str, description: Promise) -> Answer:
    with override(_language_of(scope)):
        kind, text = _written(scope.path, word, str(description))
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


def _language_of(scope: Scope) -> str:
    """The language of the answer, by Django's own rule."""
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = scope.headers.get("accept-language") or ""
    request.COOKIES = parse_cookie(scope.headers.get("cookie") or "")
    return get_language_from_request(request)
