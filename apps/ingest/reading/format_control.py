"""Format control: finds the cells of a file that break a rule [source appendix А].

Rules are expressions over text columns, so that a piece of a file is checked in a few passes over
memory. Single cells are looked at only in rows where a rule is broken.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy as _

from apps.filters.types import COUNTRY_CODES
from apps.ingest.reading.columns import COLUMNS, NAMES, Column, Kind
from apps.ingest.reading.csv_reader import LINE
from apps.ingest.types import FormatError
from common.clock import MOSCOW

MAX_INTEGER = 2_147_483_647  # the largest value of an integer column of PostgreSQL
MAX_TEXT = 255  # letters in the text columns of an application
FIRST_DAY = date(1900, 1, 1)  # no birth and no application is older; PostgreSQL would accept it
SHOWN_LETTERS = 200  # of a wrong value; a hostile file may have endless ones

DIGITS = "^[0-9]{1,32}$"
PHONE = "^7[0-9]{10}$"
DATE = r"^[0-9]{2}\.[0-9]{2}\.[0-9]{4}$"
TIME = "^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
WHOLE = "^0*[0-9]{1,10}$"
# line ends may stand inside quotes; any other control character, and a mark of direction, makes a
# name look like another one
UNSEEN = (
    r"[\x00-\x09\x0B-\x1F\x7F-\x9F"
    r"\x{061C}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2066}-\x{2069}]"
)
CLOCKS_DIFFER_BY = timedelta(minutes=5)  # at most, so much may a moment lie in the future
AMOUNT = "^0*[0-9]{1,12}(?:[.,][0-9]{1,2})?$"


@dataclass(frozen=True, slots=True)
class Rule:
    """``broken`` is true where the text of ``column`` breaks the rule."""

    column: str
    broken: pl.Expr
    text: Any  # what is expected, translated when it becomes a str


def _parsed(column: str) -> str:
    """The name of the column that ``_with_parsed`` adds to that of a date or time."""
    return f"{column} parsed"


def _with_parsed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows; for each date also the day, null where there is none, and for each time whether
    there is such a time. Several rules look at them."""
    return rows.with_columns(
        _read(column).alias(_parsed(column.name))
        for column in COLUMNS
        if column.kind in {Kind.DATE, Kind.TIME}
    )


def _read(column: Column) -> pl.Expr:
    text = pl.col(column.name)
    if column.kind is Kind.TIME:
        return text.str.contains(TIME)
    day = text.str.to_date("%d.%m.%Y", strict=False)
    return pl.when(text.str.contains(DATE) & (day >= FIRST_DAY)).then(day)


def as_whole(column: str) -> pl.Expr:
    """The number in a text; null when it is not a number."""
    return pl.col(column).cast(pl.Int64, strict=False)


def arrange(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """All columns by their names, from columns in the order ``names``. Missing ones are empty.

    The spaces around a value are cut only in TEXT columns, where they break no rule. Elsewhere they
    do, and ``without_spaces`` cuts them then.
    """
    present = {name: str(position) for position, name in enumerate(names) if name}
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


def broken_rows(rows: pl.DataFrame, rules: Sequence[Rule]) -> pl.Series | None:
    """For each row whether a rule is broken; None when all rows are right."""
    broken = (
        _with_parsed(rows)
        .select(pl.any_horizontal(rule.broken for rule in rules).alias("broken"))
        .to_series()
    )
    return broken if broken.any() else None


def count_errors(rows: pl.DataFrame, rules: Sequence[Rule]) -> int:
    """How many rules the rows break."""
    return sum(_marks(rows, rules).sum().row(0))


def errors_of(rows: pl.DataFrame, rules: Sequence[Rule]) -> Iterator[FormatError]:
    """Every broken rule of the rows, in the order of lines and columns."""
    marks = _marks(rows, rules)
    for row, broken in zip(rows.iter_rows(named=True), marks.iter_rows(), strict=True):
        for rule, is_broken in zip(rules, broken, strict=True):
            if is_broken:
                value = row[rule.column][:SHOWN_LETTERS]
                yield error_in(row, FormatError(row[LINE], rule.column, value, str(rule.text)))


def error_in(row: Mapping[str, str], error: FormatError) -> FormatError:
    """The same error with the application's number and the phone, as far as the row has them."""
    number, phone = row.get("application_number", ""), row.get("phone", "")
    return replace(
        error,
        application_number=number if re.search(DIGITS, number) else "",
        phone=phone if re.search(PHONE, phone) else "",
    )


def _marks(rows: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    return _with_parsed(rows).select(
        rule.broken.alias(str(number)) for number, rule in enumerate(rules)
    )


def rules_at(now: datetime) -> tuple[Rule, ...]:
    """All rules in the order of columns. A cell breaks at most one of them."""
    latest = (now + CLOCKS_DIFFER_BY).astimezone(MOSCOW)
    return tuple(
        rule for column in COLUMNS for rule in (*_own_rules(column), *_joint(column, latest))
    )


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
            is_none = pl.col(_parsed(column.name)).is_null()
            return is_none, _("a date that exists is expected, as DD.MM.YYYY")
        case Kind.TIME:
            return ~pl.col(_parsed(column.name)), _("a time is expected, as hh:mm:ss")
        case Kind.CHOICE:
            accepted = [*column.choices, *column.synonyms]
            return ~text.is_in(accepted), _Expectation(_("one of: %s"), ", ".join(column.choices))
        case Kind.COUNTRY:
            return ~text.is_in(sorted(COUNTRY_CODES)), _(
                "a country code of ISO 3166-1 alpha-3 is expected"
            )
        case Kind.TEXT:
            return _text_rule(column)
        case Kind.WHOLE:
            number = as_whole(column.name)
            wrong = ~text.str.contains(WHOLE) | (number > MAX_INTEGER).fill_null(value=True)
            return wrong, _Expectation(_("a whole number up to %s is expected"), str(MAX_INTEGER))
        case _:
            pattern, expectation = _PATTERNS[column.kind]
            return ~text.str.contains(pattern), expectation


def _text_rule(column: Column) -> tuple[pl.Expr, Any]:
    text = pl.col(column.name)
    is_long = text.str.len_chars() > MAX_TEXT
    if not column.is_name:
        return is_long, _Expectation(_("at most %s letters"), str(MAX_TEXT))
    words = _("at most %s letters, without control characters and marks of direction")
    return is_long | text.str.contains(UNSEEN), _Expectation(words, str(MAX_TEXT))


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
    Kind.AMOUNT: (
        AMOUNT,
        _("an amount is expected: up to 12 digits, at most two decimals behind a dot or comma"),
    ),
}


def _joint(column: Column, latest: datetime) -> Iterator[Rule]:
    """Rules that compare a column with another or the clock; only for values that keep their own
    format."""
    text = pl.col(column.name)
    if column.kind is Kind.DATE:
        later = _("a date that has come is expected")
        yield Rule(column.name, _is_later(column.name, latest), later)
    if column.name == "changed_date":
        yield Rule(
            column.name,
            _changed_before_created(latest),
            _("a change is not expected before the creation"),
        )
    if column.name == "scoring_result":
        yield Rule(
            column.name,
            text.is_in(column.choices) & (pl.col("application_status") != "scored"),
            _("is filled only where the application status is scored"),
        )
    if column.name == "loan_changed_time":
        yield Rule(
            column.name,
            pl.col(_parsed(column.name)) & (pl.col("loan_changed_date") == ""),
            _("a time without its date"),
        )


def _is_later(column: str, latest: datetime) -> pl.Expr:
    """Whether a day, with its time where it has one, lies behind ``latest`` in Moscow."""
    day, last_day = pl.col(_parsed(column)), latest.date()
    is_later = day > last_day
    if time := _time_of(column):
        # the texts of two times are in the order of the times
        is_late = pl.col(_parsed(time)) & (pl.col(time) > f"{latest:%H:%M:%S}")
        is_later |= (day == last_day) & is_late
    return is_later.fill_null(value=False)


def _time_of(column: str) -> str:
    time = column.replace("_date", "_time")
    return time if time in NAMES else ""


def _changed_before_created(latest: datetime) -> pl.Expr:
    """Only where both moments are right: a wrong one is reported by itself."""
    created, changed = (pl.col(_parsed(f"{name}_date")) for name in ("created", "changed"))
    are_times = pl.col(_parsed("created_time")) & pl.col(_parsed("changed_time"))
    is_before = (changed < created) | (
        (changed == created) & are_times & (pl.col("changed_time") < pl.col("created_time"))
    )
    return is_before.fill_null(value=False) & ~_is_later("created_date", latest)
