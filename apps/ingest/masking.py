"""Wrong values as screens show them: enough to see what is wrong, not whose it is."""

import re

from apps.ingest.reading.columns import PERSONAL

PHONE_ANYWHERE = re.compile(r"(?<![0-9])[78][0-9]{10}(?![0-9])")  # columns may be swapped
SHORT = 4  # letters that tell of nobody
SEEN_START, SEEN_END = 1, 2


def masked_value(column: str, value: str) -> str:
    """The value, its middle hidden sign by sign where it may be a person's."""
    if column in PERSONAL:
        return _hidden(value)
    return PHONE_ANYWHERE.sub(lambda phone: _hidden(phone[0]), value)


def _hidden(value: str) -> str:
    if len(value) <= SHORT:
        return value
    middle = re.sub(r"\w", "*", value[SEEN_START:-SEEN_END])
    return value[:SEEN_START] + middle + value[-SEEN_END:]
