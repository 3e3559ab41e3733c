"""Reads what somebody typed into the search of the back office: pure, from a text to what it means.

A text may mean several things: ten digits are a phone without its first 7, and a number.
"""

import re
from dataclasses import dataclass

from common.phones import AS_PEOPLE_WRITE, phone_in

LONGEST = 100  # characters of a text; what comes after is not read
LONGEST_NUMBER = 32  # digits of an application number
LARGEST_ID = 2**63 - 1
FEWEST_DIGITS = 4  # of the end of a phone
MOST_DIGITS = 9  # more are a whole phone, or none
MOST_WORDS = 4
NUMBER_SIGN = re.compile(r"^\s*(№|N|No\.?)\s*", re.IGNORECASE)
LAST_OF_MASKED = re.compile(r"\*[-\s)]*(\d{2}-?\d{2})\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a text may mean; empty where it means nothing of the kind.

    ``phone`` is whole, ``digits`` are the last four or more of one, ``number`` is that of an
    application, a task or a conversation, ``words`` are those of a name.
    """

    phone: str = ""
    digits: str = ""
    number: str = ""
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.phone or self.digits or self.number or self.words)

    @property
    def id(self) -> int | None:
        """The number as the key of a row, if it can be one."""
        return int(self.number) if self.number and int(self.number) <= LARGEST_ID else None


def terms_of(text: str) -> Terms:
    """What ``text`` means; false when it is empty or too short to search by."""
    text = NUMBER_SIGN.sub("", text[:LONGEST].replace("\0", "")).strip()
    if (masked := LAST_OF_MASKED.search(text)) is not None:
        return Terms(digits=masked[1].replace("-", ""))
    if AS_PEOPLE_WRITE.fullmatch(text):
        return _of_digits(text, re.sub(r"\D", "", text))
    words = tuple(text.replace(",", " ").split())[:MOST_WORDS]
    return Terms(words=words) if any(letter.isalpha() for letter in text) else Terms()


def _of_digits(text: str, digits: str) -> Terms:
    has_plus = text.startswith("+")  # as nobody writes a number
    number = "" if has_plus or len(digits) > LONGEST_NUMBER else digits
    if (phone := phone_in(text)) is not None:
        return Terms(phone=phone, number=number)
    end = digits.removeprefix("7") if has_plus else digits
    ends_a_phone = FEWEST_DIGITS <= len(end) <= MOST_DIGITS
    return Terms(digits=end if ends_a_phone else "", number=number)
