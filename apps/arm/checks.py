"""System checks of the settings of the operator workplace."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from rest_framework.throttling import SimpleRateThrottle

from apps.arm.rest.phones import FULL, MASKED


@register(Tags.security)
def phones_are_full_or_masked(**options: Any) -> list[CheckMessage]:
    """A misspelt word would show whole numbers."""
    if settings.ARM_PHONES in (FULL, MASKED):
        return []
    return [Error(f"ARM_PHONES is {settings.ARM_PHONES!r}, not {FULL} or {MASKED}.", id="arm.E001")]


@register(Tags.security)
def reveals_have_a_limit(**options: Any) -> list[CheckMessage]:
    """A limit that cannot be read would fail at the first number that is asked for."""
    try:
        count, _seconds = SimpleRateThrottle.parse_rate(None, settings.ARM_REVEALS)  # type: ignore[arg-type]
    except (ValueError, KeyError, IndexError):
        count = None
    if count:
        return []
    return [Error(f"ARM_REVEALS is {settings.ARM_REVEALS!r}, not as 60/hour.", id="arm.E002")]
