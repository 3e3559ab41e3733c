"""Checks rows of a call list: which may be imported, and what is wrong with the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.utils.translation import gettext as _

from apps.campaigns import selectors as campaigns
from apps.ingest.call_lists.cell_values import MIDNIGHT, contract_value, split_name
from apps.ingest.call_lists.list_columns import FULL_NAME, NUMBER, PHONE
from apps.ingest.models import CallList, CallListRow
from apps.ingest.reading.columns import COLUMNS, NAMES
from apps.ingest.reading.csv_reader import LINE
from apps.ingest.reading.format_control import broken_rows, errors_of, rules_at
from apps.ingest.states import LeftOut
from apps.ingest.uploaded_rows import Row
from common.clock import MOSCOW

BY_NAME = {column.name: column for column in COLUMNS}
NAME_PARTS = ("last_name", "first_name", "middle_name")
MOMENTS = ("created", "changed", "loan_changed")
SHOWN_LETTERS = 200  # of a wrong value


@dataclass(frozen=True, slots=True)
class Sorted:
    """Rows with all columns of an incoming file, and those that are left out."""

    good: pl.DataFrame
    left_out: list[CallListRow]


def sort_rows(
    call_list: CallList, rows: Sequence[Row], at: datetime, earlier: dict[str, int]
) -> Sorted:
    """Which of these rows may be imported now. A few queries for any number.

    ``earlier`` are the phones of earlier rows with their lines; those of these rows are added.
    """
    frame = _frame(call_list, rows)
    # an amount that is wrong is shown as it stands in the file
    rules = rules_at(at)
    broken = broken_rows(frame, rules)
    left_out = []
    if broken is not None:
        left_out = _refused(call_list, frame.filter(broken), rules, {row.line: row for row in rows})
        frame = frame.filter(~broken)
    repeated = _repeated(call_list, frame, earlier)
    frame = frame.filter(~pl.col(LINE).is_in([row.line_number for row in repeated]))
    known = campaigns.phones_with_open_tasks(call_list.campaign_id, frame[PHONE].to_list())
    is_known = frame[PHONE].is_in(sorted(known))
    lines = frame.filter(is_known)[LINE].to_list()
    waits = [[PHONE, "", _("the campaign is going to call this client already")]]
    here = [_left_out(call_list, line, LeftOut.KNOWN, waits) for line in lines]
    return Sorted(frame.filter(~is_known), [*left_out, *repeated, *here])


def _refused(
    call_list: CallList,
    bad: pl.DataFrame,
    rules: Sequence[object],
    rows: Mapping[int, Row],
) -> list[CallListRow]:
    broken: dict[int, list[list[str]]] = {}
    for error in errors_of(bad, rules):  # type: ignore[arg-type]
        shown = _as_written(call_list, rows[error.line], error.column) or error.value
        broken.setdefault(error.line, []).append([error.column, shown[:SHOWN_LETTERS], error.rule])
    return [_left_out(call_list, line, LeftOut.REFUSED, found) for line, found in broken.items()]


def _as_written(call_list: CallList, row: Row, column: str) -> str:
    place = call_list.mapping.get(column)
    return row.cells[place] if place is not None and place < len(row.cells) else ""


def _repeated(
    call_list: CallList, frame: pl.DataFrame, earlier: dict[str, int]
) -> list[CallListRow]:
    found = []
    for line, phone in zip(frame[LINE].to_list(), frame[PHONE].to_list(), strict=True):
        first = earlier.setdefault(phone, line)
        if first != line:
            same = [[PHONE, "", _("the same phone as in row %d") % first]]
            found.append(_left_out(call_list, line, LeftOut.REPEATED, same))
    return found


def _left_out(call_list: CallList, line: int, why: LeftOut, broken: list[list[str]]) -> CallListRow:
    return CallListRow(call_list=call_list, line_number=line, why=why, broken=broken)


def _frame(call_list: CallList, rows: Sequence[Row]) -> pl.DataFrame:
    """The rows as an incoming file would have them: every column, as text."""
    columns = {name: [""] * len(rows) for name in NAMES}
    for field, place in call_list.mapping.items():
        cells = [row.cells[place] if place < len(row.cells) else "" for row in rows]
        if field == FULL_NAME:
            _split_names(columns, cells)
        elif field in columns:
            column = BY_NAME[field]
            columns[field] = [contract_value(column, cell) for cell in cells]
    _fill(columns, call_list, rows)
    lines = pl.Series(LINE, [row.line for row in rows], dtype=pl.Int64)
    texts = (pl.Series(name, values, dtype=pl.String) for name, values in columns.items())
    return pl.DataFrame([lines, *texts])


def _split_names(columns: dict[str, list[str]], names: Iterable[str]) -> None:
    parts = list(zip(*(split_name(name) for name in names), strict=True))
    for column, values in zip(NAME_PARTS, parts, strict=False):
        if not any(columns[column]):  # a column of its own counts more
            columns[column] = list(values)


def _fill(columns: dict[str, list[str]], call_list: CallList, rows: Sequence[Row]) -> None:
    """What every row needs and the list, or the cell, does not tell."""
    for field, value in call_list.constants.items():
        columns[field] = [text or value for text in columns[field]]
    columns[NUMBER] = [
        text or number_of(call_list.pk, row.line)
        for text, row in zip(columns[NUMBER], rows, strict=True)
    ]
    for moment in MOMENTS:
        _divide(columns, moment)
    uploaded = f"{call_list.wtime.astimezone(MOSCOW):%d.%m.%Y %H:%M:%S}".split()
    changed = [columns["changed_date"], columns["changed_time"]]
    created = [columns["created_date"], columns["created_time"]]
    for number in range(len(rows)):
        _complete(changed, number, uploaded)
        _complete(created, number, [part[number] for part in changed])


def _complete(moments: list[list[str]], number: int, other: list[str]) -> None:
    """A moment without a date is the ``other`` one, and without a time the midnight of its day."""
    days, times = moments
    if not days[number]:
        days[number], times[number] = other
    times[number] = times[number] or MIDNIGHT


def _divide(columns: dict[str, list[str]], moment: str) -> None:
    """A cell of a date may hold the time as well; a column of times counts more."""
    days, times = columns[f"{moment}_date"], columns[f"{moment}_time"]
    for number, text in enumerate(days):
        day, _space, time = text.partition(" ")
        if time and ":" in time:
            days[number], times[number] = day, times[number] or time


def number_of(list_id: int, line: int) -> str:
    """The application number of a row whose list has none: 15 digits, and the first is 9."""
    return f"9{list_id:07d}{line:07d}"
