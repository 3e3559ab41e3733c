"""A rejected file as a table whose wrong cells are marked, for people who correct it in Excel."""

import csv
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from apps.ingest.folder.opened_file import take
from apps.ingest.models import IncomingFile
from apps.ingest.reading.columns import TITLES
from apps.ingest.reading.csv_reader import (
    BOM,
    WINDOWS,
    announced_dialect,
    looks_like_windows_1251,
)
from apps.ingest.reading.header import find_names
from apps.ingest.streams import Stream
from apps.ingest.types import FileRejectedError
from apps.ingest.uploaded_rows import MOST_ROWS
from apps.ingest.uploads import MOST_BYTES
from common.spreadsheets import Column, Sheet

LOOKED_AT = 64 * 1024  # bytes, to find the encoding
Record = tuple[int, list[str]]


class NotForExcelError(Exception):
    """The file is gone, or too large for a table; the text is for people."""


def marked_sheet(file: IncomingFile, stream: Stream) -> Sheet:
    """The rows of the file as they stand in it, with the broken rules of the report as comments.

    What cannot be told apart strictly is told apart as well as it goes. Raises NotForExcelError.
    """
    records = list(_records(file, stream))
    head_line, head = (
        records.pop(0) if stream.has_header and records else (0, list(TITLES.values()))
    )
    width = max([len(head), *(len(cells) for _line, cells in records)])
    titles = [*head, *[""] * (width - len(head))]
    place_of = {name: place for place, name in enumerate(find_names(head)) if name}
    row_of = {line: number for number, (line, _cells) in enumerate(records, start=1)}
    notes = [
        (_("File"), file.name),
        (_("Stream"), file.stream),
        (_("Why it was rejected"), file.reason),
    ]
    return Sheet(
        title=file.name,
        columns=[Column(title) for title in titles],
        rows=([*cells, *[""] * (width - len(cells))] for _line, cells in records),
        notes=notes,
        marks=_marks(file, place_of, {**row_of, head_line: 0}),
    )


def _marks(
    file: IncomingFile, place_of: Mapping[str, int], row_of: Mapping[int, int]
) -> dict[tuple[int, int], str]:
    """A rule about a row as a whole, or about a column that is missing, stands at the first cell;
    one about a row that cannot be found, at the first heading."""
    marks: dict[tuple[int, int], str] = {}
    for error in file.errors.order_by("id"):
        cell = (row_of.get(error.line_number, 0), place_of.get(error.column, 0))
        marks[cell] = "; ".join(filter(None, (marks.get(cell, ""), error.rule)))
    return marks


def _records(file: IncomingFile, stream: Stream) -> Iterator[Record]:
    """The records that are not blank, each with its first line."""
    if file.size > MOST_BYTES or file.rows > MOST_ROWS:
        raise NotForExcelError(_("the file is too large for Excel: correct it by the report"))
    if not file.moved_to:
        raise NotForExcelError(_("the file is not kept any more"))
    try:
        with take(Path(file.moved_to)) as opened:
            start = opened.content.read(LOOKED_AT)
            opened.content.seek(0)
            dialect, line = announced_dialect(opened.content, stream.dialect)
            content = opened.content.read().removeprefix(BOM)
    except (OSError, FileRejectedError) as error:
        raise NotForExcelError(_("the file is not where it was moved to")) from error
    text = content.decode(_encoding(start, dialect.encoding), "replace").replace("\0", "")
    reader = csv.reader(text.splitlines(keepends=True), delimiter=dialect.delimiter)
    before = line - 1
    try:
        for record in islice(reader, MOST_ROWS + 1):
            if any(cell.strip() for cell in record):
                yield line, record
            line = before + reader.line_num + 1
    except csv.Error as error:
        raise NotForExcelError(_("the file has a value that is too long for Excel")) from error


def _encoding(start: bytes, encoding: str) -> str:
    """That of the stream, but windows-1251 where the file was rejected for being in it."""
    try:
        start.decode(encoding)
    except UnicodeDecodeError as error:
        is_cut = encoding == "utf-8" and error.end == len(start) and len(start) == LOOKED_AT
        if not is_cut and looks_like_windows_1251(start):
            return WINDOWS
    return encoding
