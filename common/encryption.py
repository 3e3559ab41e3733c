"""Credentials that must be sent onwards are encrypted at rest, with keys from the environment."""

from functools import cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@cache
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(plain: str) -> str:
    """The text encrypted with the first configured key (``FIELD_ENCRYPTION_KEY``)."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(plain.encode()).decode()


def decrypt(encrypted: str) -> str:
    """The text again; any configured key will do. Raises ``cryptography.fernet.InvalidToken``."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(encrypted.encode()).decode()
