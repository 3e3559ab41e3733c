"""Reads JSON of others strictly: what comes out can be stored in PostgreSQL as it is."""

import json
import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

# escapes of NUL and of halves of surrogate pairs, which no text of PostgreSQL can hold
SUSPICIOUS = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


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
