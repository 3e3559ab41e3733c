"""Makes up applications for demonstrations, tests and measurements.

The same seed makes the same rows. A phone belongs to the same person in every file.
"""

from datetime import date
from typing import TextIO

import polars as pl

from apps.filters.types import MISSPELT_RECEIVED
from apps.ingest.reading.columns import COLUMNS, NAMES, Column, Kind
from apps.ingest.sample_draws import Dice, day_after, padded
from apps.ingest.sample_people import people_of

PIECE_ROWS = 50_000
START, DAYS = date(2026, 4, 1), 180  # applications of half a year
FIRST_NUMBER = 34_000_000  # near the source's example
STATUSES = ["registered"] * 5 + ["scored"] * 3 + ["created", "canceled"]
LOAN_STATUSES = ["", "", "", "transferred", "received", MISSPELT_RECEIVED, "canceled", "repaid"]
PRODUCTS = ["express"] * 6 + [
    "consumer",
    "overdraft",
    "securedByCar",
    "onlineCreditTransfer",
    "webExpress",
]
# a right value of each kind, for columns that nothing below draws
EXAMPLES = {
    Kind.DIGITS: "34697463",
    Kind.DATE: "07.10.2022",
    Kind.TIME: "12:30:59",
    Kind.PHONE: "79057896050",
    Kind.COUNTRY: "KGZ",
    Kind.TEXT: "example",
    Kind.AMOUNT: "20000,50",
    Kind.WHOLE: "7",
}
BROKEN = {
    "phone": "89131234567",
    "birth_date": "30.02.1990",
    "application_status": "unknown",
    "sex": "Ж",
    "desired_amount": "25000.123",
}


def write_sample(out: TextIO, rows: int, seed: int, bad_rows: int = 0) -> None:
    """Write a file of ``rows`` applications with a header; the last ``bad_rows`` are wrong."""
    out.write(";".join(NAMES) + "\n")
    for first in range(0, rows, PIECE_ROWS):
        numbers = pl.int_range(first, min(first + PIECE_ROWS, rows), dtype=pl.UInt64, eager=True)
        frame = _applications(numbers, seed)
        if bad_rows:
            frame = _with_bad_rows(frame, numbers >= rows - bad_rows)
        out.write(frame.write_csv(include_header=False, separator=";", quote_style="never"))


def example_of(column: Column) -> str:
    """A value that breaks no rule of the column."""
    return column.choices[0] if column.choices else EXAMPLES[column.kind]


def _with_bad_rows(frame: pl.DataFrame, bad: pl.Series) -> pl.DataFrame:
    names = list(BROKEN)
    turn = pl.int_range(pl.len()) % len(names)
    return frame.with_columns(
        pl.when(bad & (turn == number))
        .then(pl.lit(BROKEN[name]))
        .otherwise(pl.col(name))
        .alias(name)
        for number, name in enumerate(names)
    )


def _applications(numbers: pl.Series, seed: int) -> pl.DataFrame:
    dice = Dice(numbers, seed)
    drawn = pl.DataFrame(
        {
            "application_number": numbers + FIRST_NUMBER + seed % 1000 * 10_000_000,
            **_status(dice),
            **_client(dice),
            **_device(dice),
            **_product(dice),
        }
    )
    is_scored = pl.col("application_status") == "scored"
    has_loan = pl.col("loan_status") != ""
    made = drawn.with_columns(
        _only_where(is_scored, "scoring_result"),
        loan_changed_date=_only_where(has_loan, "changed_date"),
        loan_changed_time=_only_where(has_loan, "changed_time"),
    )
    return made.select(_text_of(column, made) for column in COLUMNS)


def _only_where(condition: pl.Expr, name: str) -> pl.Expr:
    return pl.when(condition).then(pl.col(name)).otherwise(pl.lit("")).alias(name)


def _text_of(column: Column, made: pl.DataFrame) -> pl.Expr:
    if column.name not in made.columns:
        return pl.lit(example_of(column)).alias(column.name)
    return pl.col(column.name).cast(pl.String)


def _status(dice: Dice) -> dict[str, pl.Series]:
    created = dice.below(DAYS)
    return {
        "created_date": day_after(START, created),
        "created_time": _time(dice),
        "changed_date": day_after(START, created + dice.below(14) + 1),
        "changed_time": _time(dice),
        "application_status": dice.pick(STATUSES),
        "loan_status": dice.pick(LOAN_STATUSES),
        "scoring_result": dice.pick(["approved", "approved", "rejected"]),
    }


def _client(dice: Dice) -> dict[str, pl.Series]:
    # 80 of 100 numbers have a 3 or a 4 where the masks of the source's example campaign want one
    middle = dice.pick(["3", "4", "3", "4", "3", "4", "3", "4", "5", "6"])
    phone = "79" + padded(dice.below(10_000), 4) + middle + padded(dice.below(10_000), 4)
    return {
        "client_type": dice.pick(["pioneer", "pioneer", "repeater"]),
        "phone": phone,
        **people_of(phone),
        "face_id": dice.pick(["2Zz484MB", "9Kq17xPa", "5Lw603Tn"])
        + dice.below(10**12).cast(pl.String),
    }


def _device(dice: Dice) -> dict[str, pl.Series]:
    return {
        "device_os": dice.pick(["ANDROID", "ANDROID", "ANDROID", "IOS"]),
        "app_version": "3." + dice.below(120).cast(pl.String) + ".0",
        "device_id": dice.pick(["be86e2a1", "c41f09d7", "07ab35ee"]) + padded(dice.below(10**8), 8),
    }


def _product(dice: Dice) -> dict[str, pl.Series]:
    desired = (dice.below(60) + 1) * 1000
    return {
        "desired_amount": desired,
        "approved_amount": desired // 2,
        "product_type": dice.pick(PRODUCTS),
        "term": dice.below(60) + 7,
        "term_unit": dice.pick(["day"]),
        "grace": dice.below(15),
        "grace_unit": dice.pick(["day"]),
    }


def _time(dice: Dice) -> pl.Series:
    hour, minute, second = dice.below(24), dice.below(60), dice.below(60)
    return padded(hour, 2) + ":" + padded(minute, 2) + ":" + padded(second, 2)
