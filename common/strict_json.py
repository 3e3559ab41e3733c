"""Reads JSON of others strictly: what comes out can be stored in PostgreSQL as it is."""

import json
import re
from collections.abc import Iterator
from math import inf, isfinite
from typing import Any

# escapes of NUL and of halves of surrogate pairs, which no text of PostgreSQL can hold
SUSPICIOUS = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")

LONGEST_WHOLE = 1_000  # digits, and the sign


def read_json(body: bytes) -> Any:
    """The value of a UTF-8 JSON text. Raises ValueError for what is none, numbers that are not
    finite, text with NUL or half a surrogate pair, and nesting that is too deep."""
    text = body.decode("utf-8")
    try:
        value = json.loads(text, parse_constant=_refused, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if SUSPICIOUS.search(text) and not all(map(_is_storable, _texts(value))):
        raise ValueError("text that cannot be stored")
    return value


def read_json_of_items(body: bytes) -> Any:
    """The value of a UTF-8 JSON text whose items are checked one by one, so that an odd one leaves
    the others readable.

    It may hold text that cannot be stored, and numbers that are not finite: the contract of each
    item has to refuse them. Raises ValueError for what is no JSON, and nesting that is too deep.
    """
    try:
        return json.loads(body.decode("utf-8"), parse_int=_whole)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _whole(digits: str) -> float:
    """Python refuses whole numbers of thousands of digits, and the whole text with them."""
    return int(digits) if len(digits) <= LONGEST_WHOLE else inf


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a number too large")
    return number


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)
