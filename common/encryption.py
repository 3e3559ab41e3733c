"""Encrypts credentials that the system must send to other services, before they are stored. The
keys come from the environment."""

from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


@cache
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(plain: str) -> str:
    """The text, encrypted with the first of the keys in the setting ``FIELD_ENCRYPTION_KEYS``."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(plain.encode()).decode()


def is_current(encrypted: str) -> bool:
    """True if the text was encrypted with the first of the keys."""
    try:
        Fernet(settings.FIELD_ENCRYPTION_KEYS[0]).decrypt(encrypted.encode())
    except InvalidToken:
        return False
    return True


def renewed(encrypted: str) -> str:
    """The same, encrypted with the first of the keys. Raises ``InvalidToken`` when no key fits."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).rotate(encrypted.encode()).decode()


def decrypt(encrypted: str) -> str:
    """The text that was encrypted with any of the configured keys. Raises
    ``cryptography.fernet.InvalidToken`` when none of them fits."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(encrypted.encode()).decode()
