"""Known devices: whoever has logged in from a browser before is not kept out by the failures of
others (docs/adr/0009-throttling-with-axes.md).

A log-in leaves a signed cookie with a random number of the browser and marks of the logins that
were right there. It proves nothing but that: the password is asked all the same, and the failures
of each login are counted for each device, so a stolen cookie buys as few guesses as an address.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "security.known-device"
SECONDS = 90 * 24 * 60 * 60
MOST_LOGINS = 20  # colleagues who share a computer; the one who came first is forgotten first


def device_of(request: HttpRequest, login: str) -> str | None:
    """The number of the browser that sent the request; None where this login was never right
    there, and for a cookie that we did not sign or that is too old.
    """
    number, marks = _read(request)
    is_known = any(constant_time_compare(mark, _mark(number, login)) for mark in marks)
    return number if is_known else None


def remember(request: HttpRequest, response: HttpResponse, login: str) -> None:
    """Let the browser keep that this login was right there, for 90 days from now on."""
    number, marks = _read(request)
    number = number or secrets.token_urlsafe(16)
    mark = _mark(number, login)
    kept = [mark, *(other for other in marks if other != mark)][:MOST_LOGINS]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps({"number": number, "marks": kept}, salt=SALT),
        max_age=SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    """The browser's number and its marks; both are empty where there is no cookie of ours."""
    cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        kept: dict[str, Any] = signing.loads(cookie, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return "", []
    return kept["number"], kept["marks"]


def _mark(number: str, login: str) -> str:
    """What stands for a login in the cookie of this browser; nobody reads the login from it."""
    return salted_hmac(f"{SALT}.{number}", login, algorithm="sha256").hexdigest()[:32]
