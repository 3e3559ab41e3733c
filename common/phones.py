"""Checks and masks telephone numbers: 11 digits, the first is 7, no plus sign."""

import re

PHONE = re.compile(r"7[0-9]{10}")


def is_phone(text: str) -> bool:
    """Whether ``text`` is a Russian number as the system stores it, e.g. ``79131234567``."""
    return PHONE.fullmatch(text) is not None


def masked(phone: str) -> str:
    """The number as screens show it: ``+7 (***) ***-67-89``. Never shows more than four digits."""
    return f"+7 (***) ***-{phone[-4:-2]}-{phone[-2:]}"
