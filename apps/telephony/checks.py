"""System check of telephony's settings: a wrong one stops the start."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

AT_LEAST_ONE = (
    "TELEPHONY_SHARDS",
    "TELEPHONY_SENDERS",
    "TELEPHONY_RECONCILE_SECONDS",
    "TELEPHONY_EVENT_DAYS",
)


def settings_are_complete(**_kwargs: Any) -> list[CheckMessage]:
    """Return an error for each setting that is missing or out of bounds, with what is expected."""
    found: list[CheckMessage] = []
    address = urlsplit(settings.MIGHTYCALL_URL)
    if address.scheme not in {"http", "https"} or not address.hostname:
        expected = "MIGHTYCALL_URL: an http or https address of MightyCall is expected"
        found.append(Error(expected, id="telephony.E001"))
    if not settings.MIGHTYCALL_API_KEY:
        expected = "MIGHTYCALL_API_KEY: the key of the company's account is expected"
        found.append(Error(expected, id="telephony.E002"))
    found += [
        Error(f"{name}: a whole number from 1 is expected", id="telephony.E003")
        for name in AT_LEAST_ONE
        if getattr(settings, name) < 1
    ]
    return found
