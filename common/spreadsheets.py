"""Writes tables as .xlsx files that Excel, LibreOffice and Google Sheets open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from common.clock import MOSCOW

MOST_ROWS = 1_048_575  # of a sheet of Excel, without the heading
MOST_CHARACTERS = 32_767  # of a cell of Excel; longer texts are cut
NOTE_WIDTH = 60

Cell = str | int | float | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """The heading of a column, and its width in characters."""

    title: str
    width: int = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table. ``rows`` is read once, row by row, and is never held in memory as a whole; each has
    as many cells as there are ``columns``. ``notes`` (who made it, when, from which filter) stand
    on a sheet of their own, so that the table begins in the first row. ``marks`` are cells that are
    coloured and have a comment: the row from 1, or 0 for the heading, and the column from 0."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    notes: Sequence[tuple[str, str]] = ()
    marks: Mapping[tuple[int, int], str] = field(default_factory=dict)


class TooManyRowsError(Exception):
    """The table has more rows than a sheet of Excel can have."""


def write_workbook(target: BinaryIO, sheet: Sheet) -> int:
    """Write the table as .xlsx to ``target``; returns the number of its rows.

    Text stays text: what begins with ``=`` is no formula, what looks like an address is no link.
    Times with a zone are written in Moscow's, since Excel knows no zones. Raises TooManyRowsError.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "dd.mm.yyyy",
    }
    with xlsxwriter.Workbook(target, options) as book:
        page = book.add_worksheet(_plain(sheet.title))
        bold = book.add_format({"bold": True})
        moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm:ss"})
        wrong = book.add_format({"bg_color": "#FCE0DD", "border": 1, "border_color": "#B0241C"})
        for number, column in enumerate(sheet.columns):
            page.set_column(number, number, column.width)
            style = wrong if (0, number) in sheet.marks else bold
            page.write_string(0, number, column.title, style)
        for (line, number), text in sheet.marks.items():
            page.write_comment(line, number, text, {"x_scale": 2})
        page.freeze_panes(1, 0)
        count = 0
        for count, row in enumerate(sheet.rows, start=1):
            if count > MOST_ROWS:
                raise TooManyRowsError
            for number, cell in enumerate(row):
                if (count, number) in sheet.marks:
                    page.write_string(count, number, str(cell or "")[:MOST_CHARACTERS], wrong)
                else:
                    _write(page, count, number, cell, moment)
        page.autofilter(0, 0, count, len(sheet.columns) - 1)
        if sheet.notes:
            _write_notes(book.add_worksheet(_("About this file")), sheet.notes, bold)
    return count


def _write(page: Worksheet, row: int, number: int, cell: Cell, moment: Format) -> None:
    match cell:
        case None | "":
            pass
        case str():
            page.write_string(row, number, cell[:MOST_CHARACTERS])
        case datetime():
            local = cell.astimezone(MOSCOW).replace(tzinfo=None) if cell.tzinfo else cell
            page.write_datetime(row, number, local, moment)
        case date():
            page.write_datetime(row, number, cell)
        case _:
            page.write_number(row, number, cell)


def _write_notes(page: Worksheet, notes: Sequence[tuple[str, str]], bold: Format) -> None:
    page.set_column(0, 1, NOTE_WIDTH)
    for number, (name, value) in enumerate(notes):
        page.write_string(number, 0, name, bold)
        page.write_string(number, 1, value)


def _plain(title: str) -> str:
    """The title as Excel allows it for a sheet: without some signs, no apostrophe at an end, at
    most 31 characters."""
    plain = "".join(" " if character in "[]:*?/\\" else character for character in title)
    return plain[:31].strip("'")
