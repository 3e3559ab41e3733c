"""Format control: finds the cells of a file that break a rule [source appendix А].

Rules are expressions over text columns, so that a piece of a file is checked in a few passes over
memory. Single cells are looked at only in rows where a rule is broken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy as _

from apps.filters.types import COUNTRY_CODES
from apps.ingest.reading.columns import COLUMNS, NAMES, Column, Kind
from apps.ingest.reading.csv_reader import LINE
from apps.ingest.types import FormatError

MAX_INTEGER = 2_147_483_647  # the largest value of an integer column of PostgreSQL
MAX_TEXT = 255  # letters in the text columns of an application
FIRST_YEAR = 1900  # no birth and no application is older; PostgreSQL would accept it
SHOWN_LETTERS = 200  # of a wrong value; a hostile file may have endless ones

DIGITS = "^[0-9]{1,32}$"
PHONE = "^7[0-9]{10}$"
DATE = r"^[0-9]{2}\.[0-9]{2}\.[0-9]{4}$"
TIME = "^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
WHOLE = "^0*[0-9]{1,10}$"
AMOUNT = "^0*[0-9]{1,12}(?:[.,][0-9]{1,2})?$"


@dataclass(frozen=True, slots=True)
class Rule:
    """``broken`` is true where the text of ``column`` breaks the rule."""

    column: str
    broken: pl.Expr
    text: Any  # what is expected, translated when it becomes a str


def as_date(column: str) -> pl.Expr:
    """The date in a text of the right format; null when there is no such day."""
    return pl.col(column).str.to_date("%d.%m.%Y", strict=False)


def as_whole(column: str) -> pl.Expr:
    """The number in a text; null when it is not a number."""
    return pl.col(column).cast(pl.Int64, strict=False)


def arrange(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """All columns by their names, from columns in the order ``names``. Missing ones are empty.

    The spaces around a value are cut only in TEXT columns, where they break no rule. Elsewhere they
    do, and ``without_spaces`` cuts them then.
    """
    present = {name: str(position) for position, name in enumerate(names)}
    return frame.select(
        pl.col(LINE),
        *(
            (_cut(present[name]) if name in _TEXTS else pl.col(present[name])).alias(name)
            if name in present
            else pl.lit("").alias(name)
            for name in NAMES
        ),
    )


def without_spaces(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows without the spaces around every value."""
    return rows.select(pl.col(LINE), *(_cut(name) for name in NAMES))


def _cut(name: str) -> pl.Expr:
    return pl.col(name).str.strip_chars()


_TEXTS = {column.name for column in COLUMNS if column.kind is Kind.TEXT}


def broken_rows(rows: pl.DataFrame) -> pl.Series | None:
    """For each row whether a rule is broken; None when all rows are right."""
    broken = rows.select(
        pl.any_horizontal(rule.broken for rule in rules()).alias("broken")
    ).to_series()
    return broken if broken.any() else None


def count_errors(rows: pl.DataFrame) -> int:
    """How many rules the rows break."""
    return sum(_marks(rows).sum().row(0))


def errors_of(rows: pl.DataFrame) -> Iterator[FormatError]:
    """Every broken rule of the rows, in the order of lines and columns."""
    for row, broken in zip(rows.iter_rows(named=True), _marks(rows).iter_rows(), strict=True):
        for rule, is_broken in zip(rules(), broken, strict=True):
            if is_broken:
                value = row[rule.column][:SHOWN_LETTERS]
                yield FormatError(row[LINE], rule.column, value, str(rule.text))


def _marks(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(rule.broken.alias(str(number)) for number, rule in enumerate(rules()))


@cache
def rules() -> tuple[Rule, ...]:
    """All rules in the order of columns. A cell breaks at most one of them."""
    return tuple(rule for column in COLUMNS for rule in (*_own_rules(column), *_joint(column)))


def _own_rules(column: Column) -> Iterator[Rule]:
    text = pl.col(column.name)
    if column.required:
        yield Rule(column.name, text == "", _("a value is required"))
    broken, expectation = _format_rule(column)
    yield Rule(column.name, (text != "") & broken, expectation)


def _format_rule(column: Column) -> tuple[pl.Expr, Any]:
    text = pl.col(column.name)
    match column.kind:
        case Kind.DATE:
            return _is_no_date(column.name), _("a date that exists is expected, as DD.MM.YYYY")
        case Kind.CHOICE:
            accepted = [*column.choices, *column.synonyms]
            return ~text.is_in(accepted), _Expectation(_("one of: %s"), ", ".join(column.choices))
        case Kind.COUNTRY:
            return ~text.is_in(sorted(COUNTRY_CODES)), _(
                "a country code of ISO 3166-1 alpha-3 is expected"
            )
        case Kind.TEXT:
            return text.str.len_chars() > MAX_TEXT, _Expectation(
                _("at most %s letters"), str(MAX_TEXT)
            )
        case Kind.WHOLE:
            number = as_whole(column.name)
            wrong = ~text.str.contains(WHOLE) | (number > MAX_INTEGER).fill_null(value=True)
            return wrong, _Expectation(_("a whole number up to %s is expected"), str(MAX_INTEGER))
        case _:
            pattern, expectation = _PATTERNS[column.kind]
            return ~text.str.contains(pattern), expectation


def _is_no_date(column: str) -> pl.Expr:
    date = as_date(column)
    exists = (date.dt.year() >= FIRST_YEAR).fill_null(value=False)
    return ~(pl.col(column).str.contains(DATE) & exists)


class _Expectation:
    """A text with a value in it, translated when it becomes a str."""

    def __init__(self, text: Any, value: str) -> None:
        self.text = text
        self.value = value

    def __str__(self) -> str:
        return str(self.text) % self.value


_PATTERNS = {
    Kind.DIGITS: (DIGITS, _("digits only are expected, at most 32")),
    Kind.PHONE: (PHONE, _("11 digits are expected, the first is 7, without a plus sign")),
    Kind.TIME: (TIME, _("a time is expected, as hh:mm:ss")),
    Kind.AMOUNT: (
        AMOUNT,
        _("an amount is expected: up to 12 digits, at most two decimals behind a dot or comma"),
    ),
}


def _joint(column: Column) -> Iterator[Rule]:
    """Rules that compare a column with another; only for values that keep their own format."""
    text = pl.col(column.name)
    if column.name == "scoring_result":
        yield Rule(
            column.name,
            text.is_in(column.choices) & (pl.col("application_status") != "scored"),
            _("is filled only where the application status is scored"),
        )
    if column.name == "loan_changed_time":
        yield Rule(
            column.name,
            text.str.contains(TIME) & (pl.col("loan_changed_date") == ""),
            _("a time without its date"),
        )
