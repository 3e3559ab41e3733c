"""Checks and masks telephone numbers: 11 digits, the first is 7, no plus sign."""

import re

PHONE = re.compile(r"7[0-9]{10}")
AS_PEOPLE_WRITE = re.compile(r"\+?[-().\d\s]+", re.ASCII)


def is_phone(text: str) -> bool:
    """Whether ``text`` is a Russian number as the system stores it, e.g. ``79131234567``."""
    return PHONE.fullmatch(text) is not None


def phone_in(text: str) -> str | None:
    """The number that somebody has typed in any form: ``+7 (913) 123-45-67``, ``8 913 1234567``,
    ``9131234567``. None for a text that is not a whole number."""
    if not AS_PEOPLE_WRITE.fullmatch(text.strip()):
        return None
    digits = re.sub(r"\D", "", text)
    whole = f"7{digits[-10:]}"
    is_whole = len(digits) == 10 or (len(digits) == 11 and digits[0] in "78")
    return whole if is_whole and is_phone(whole) else None


def masked(phone: str) -> str:
    """The number as screens show it: ``+7 (***) ***-67-89``. Never shows more than four digits."""
    return f"+7 (***) ***-{phone[-4:-2]}-{phone[-2:]}"
