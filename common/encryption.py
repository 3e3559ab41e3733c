"""Encrypts credentials that the system must send to other services, before they are stored. The
keys come from the environment."""

from functools import cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@cache
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(plain: str) -> str:
    """The text, encrypted with the first of the keys in the setting ``FIELD_ENCRYPTION_KEYS``."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(plain.encode()).decode()


def decrypt(encrypted: str) -> str:
    """The text that was encrypted with any of the configured keys. Raises
    ``cryptography.fernet.InvalidToken`` when none of them fits."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(encrypted.encode()).decode()
