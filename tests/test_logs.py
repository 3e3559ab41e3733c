import logging

from telemarketing.logs import DiscreetFormatter


def written(message: str) -> str:
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, message, None, None)
    return DiscreetFormatter("{message}", style="{").format(record)


def test_no_phone_reaches_the_log() -> None:
    line = "DETAIL: Key (campaign_id, phone)=(1, 79131234567) exists, +79131234567, 89131234567"

    assert written(line) == (
        "DETAIL: Key (campaign_id, phone)=(1, <phone>) exists, <phone>, <phone>"
    )


def test_no_token_reaches_the_log() -> None:
    assert written("Bearer eyJhbGciOi.eyJqdGki.c2ln-_x refused") == "Bearer <token> refused"


def test_other_numbers_stay_as_they_are() -> None:
    assert written("task 7913 of file 123456789012345 took 12 ms") == (
        "task 7913 of file 123456789012345 took 12 ms"
    )
