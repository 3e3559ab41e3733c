"""What others send as JSON: only what the tables can hold comes in."""

import pytest

from common.strict_json import read_json


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        rb'{"name": "a\u0000b"}',
        rb'{"\u0000": 1}',
        rb'["\ud83d"]',
        b'["\xed\xa0\x80"]',
        b'{"a": 1',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_json_that_could_not_be_stored_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is told to nobody
        read_json(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'["\ud83d\ude00", "\\u0000", 1.5]', ["\U0001f600", "\\u0000", 1.5]),
        ('{"имя": null}'.encode(), {"имя": None}),
    ],
)
def test_honest_json_comes_in_as_it_is(body: bytes, value: object) -> None:
    assert read_json(body) == value
