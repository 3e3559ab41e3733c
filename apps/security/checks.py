"""System checks of the settings for tokens and log-ins."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from apps.security.second_factor import REQUIRED
from apps.security.tokens import MIN_KEY_BYTES

SECOND_FACTOR_WORDS = (REQUIRED, "offered")
# what Django's deployment check asks for, which nobody has to run
MIN_SECRET_LENGTH = 50
MIN_SECRET_CHARACTERS = 5


@register(Tags.security)
def jwt_key_is_long_enough(**options: Any) -> list[CheckMessage]:
    """HS512 is only as strong as its key is long."""
    length = min((len(key.encode()) for key in settings.JWT_KEYS), default=0)
    if length >= MIN_KEY_BYTES:
        return []
    return [
        Error(
            f"A key of JWT_KEY has {length} bytes; HS512 needs at least {MIN_KEY_BYTES}.",
            hint='python -c "import secrets; print(secrets.token_urlsafe(64))" makes one.',
            id="security.E001",
        )
    ]


@register(Tags.security)
def secret_key_is_strong(**options: Any) -> list[CheckMessage]:
    """Whoever guesses it signs sessions of the back office."""
    key = settings.SECRET_KEY
    if len(key) >= MIN_SECRET_LENGTH and len(set(key)) >= MIN_SECRET_CHARACTERS:
        return []
    return [
        Error(
            f"SECRET_KEY is weak: it needs {MIN_SECRET_LENGTH} characters, not all the same.",
            hint='python -c "import secrets; print(secrets.token_urlsafe(50))" makes one.',
            id="security.E008",
        )
    ]


@register(Tags.security)
def jwt_key_is_its_own(**options: Any) -> list[CheckMessage]:
    """The leak of one key must not be the leak of the other."""
    if not {settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS} & set(settings.JWT_KEYS):
        return []
    return [Error("JWT_KEY and SECRET_KEY are the same.", id="security.E002")]


@register(Tags.security)
def second_factor_is_known(**options: Any) -> list[CheckMessage]:
    """A word with a mistake in it must not switch the second factor off."""
    if settings.SECOND_FACTOR in SECOND_FACTOR_WORDS:
        return []
    return [Error("SECOND_FACTOR must be 'required' or 'offered'.", id="security.E007")]


@register(Tags.security)
def limits_make_sense(**options: Any) -> list[CheckMessage]:
    """Wrong limits would lock out everybody, or nobody."""
    found: list[CheckMessage] = []
    if settings.TOKEN_LIFETIME_SECONDS < 60:
        found.append(Error("TOKEN_LIFETIME_SECONDS must be at least 60.", id="security.E003"))
    if settings.TOKENS_PER_OPERATOR < 1:
        found.append(Error("TOKENS_PER_OPERATOR must be at least 1.", id="security.E009"))
    if settings.AXES_FAILURE_LIMIT < 1:
        found.append(Error("LOGIN_FAILURE_LIMIT must be at least 1.", id="security.E004"))
    if settings.EVERYWHERE_FAILURE_LIMIT < settings.AXES_FAILURE_LIMIT:
        found.append(
            Error("EVERYWHERE_FAILURE_LIMIT is below LOGIN_FAILURE_LIMIT.", id="security.E007")
        )
    if settings.ADDRESS_FAILURE_LIMIT < settings.AXES_FAILURE_LIMIT:
        found.append(
            Error("ADDRESS_FAILURE_LIMIT is below LOGIN_FAILURE_LIMIT.", id="security.E005")
        )
    if not 60 <= settings.BACK_OFFICE_IDLE_SECONDS <= settings.BACK_OFFICE_SESSION_SECONDS:
        found.append(
            Error(
                "BACK_OFFICE_IDLE_SECONDS must be 60 to BACK_OFFICE_SESSION_SECONDS.",
                id="security.E008",
            )
        )
    if settings.TRUSTED_PROXIES < 0:
        found.append(Error("TRUSTED_PROXIES must not be negative.", id="security.E006"))
    return found
