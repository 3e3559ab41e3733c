"""Reads a CSV file piece by piece: whole records with their lines, every value as text.

polars splits a piece without quotes. The strict reader of the standard library splits one with
quotes, and refuses malformed ones. Both read a record alike, so it does not matter where a piece
ends.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import BinaryIO

import polars as pl
from django.utils.translation import gettext as _

from apps.ingest.types import FileRejectedError, FormatError

PIECE_BYTES = 2 * 1024 * 1024  # about 8,000 rows; larger gained nothing and costs memory
LINE = "line"  # the column that holds the number of the line where a record begins
BOM = b"\xef\xbb\xbf"
Record = list[str]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the files of a stream are written."""

    delimiter: str  # one ASCII character
    encoding: str  # a codec of Python, in which quotes and line ends are single bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole records in UTF-8, and the line of the file where the first begins."""

    first_line: int
    records: bytes

    @property
    def lines(self) -> int:
        """How many line ends the piece has."""
        return self.records.count(b"\n")


@dataclass(frozen=True, slots=True)
class Rows:
    """The records of a piece. Those with a wrong number of values are errors."""

    frame: pl.DataFrame  # text columns "0", "1", … and LINE
    misshapen: list[FormatError] = field(default_factory=list)


def read_pieces(file: BinaryIO, dialect: Dialect) -> Iterator[Piece]:
    """Split a file. Raises FileRejectedError when it is not text, or a record does not end."""
    pending, line = _without_bom(file.read(PIECE_BYTES), dialect.encoding), 1
    while True:
        fresh = file.read(PIECE_BYTES)
        end = _end_of_records(pending) if fresh else len(pending)
        if fresh and not end and len(pending) >= PIECE_BYTES:
            raise FileRejectedError(
                _("a record does not end: a quote is not closed, or a value is too long"), line
            )
        if end:
            piece = Piece(line, _in_utf_8(pending[:end], dialect.encoding, line))
            yield piece
            line += piece.lines
        if not fresh:
            return
        pending = pending[end:] + fresh


def _without_bom(start: bytes, encoding: str) -> bytes:
    if not start.startswith(BOM):
        return start
    if encoding != "utf-8":
        raise FileRejectedError(_("the file is in UTF-8, the stream expects %s") % encoding)
    return start[len(BOM) :]


def _end_of_records(pending: bytes) -> int:
    """The position after the last line end outside quotes; 0 when there is none.

    Quotes come in pairs in a well-formed file, so a line end is outside when an even number of them
    comes before it.
    """
    quotes = pending.count(b'"')
    end = len(pending)
    while (found := pending.rfind(b"\n", 0, end)) >= 0:
        quotes -= pending.count(b'"', found, end)
        if quotes % 2 == 0:
            return found + 1
        end = found
    return 0


def _in_utf_8(records: bytes, encoding: str, line: int) -> bytes:
    if b"\0" in records:
        bad_line = line + records.count(b"\n", 0, records.index(b"\0"))
        raise FileRejectedError(_("not a text file: it holds NUL bytes"), bad_line)
    if encoding != "utf-8":
        records = _decoded(records, encoding, line).encode()
    return records.replace(b"\r\n", b"\n") if b"\r" in records else records


def _decoded(records: bytes, encoding: str, line: int) -> str:
    try:
        return records.decode(encoding)
    except UnicodeDecodeError as error:
        bad_line = line + records.count(b"\n", 0, error.start)
        raise FileRejectedError(_("not a text in the encoding %s") % encoding, bad_line) from error


def split_header(piece: Piece, dialect: Dialect) -> tuple[Record, int, Piece]:
    """The first record that is not blank, its line, and the rest of the piece.

    Raises FileRejectedError when every record is blank, or quotes are malformed.
    """
    for record, first, last in _records(piece, dialect):
        end = _after_line(piece.records, last - piece.first_line)
        return record, first, Piece(last + 1, piece.records[end:])
    raise FileRejectedError(_("the file is empty"))


def _after_line(records: bytes, number: int) -> int:
    end = 0
    for _line in range(number + 1):
        end = records.find(b"\n", end) + 1 or len(records)
    return end


def read_rows(piece: Piece, width: int, dialect: Dialect) -> Rows:
    """Split a piece into values. Raises FileRejectedError when quotes are malformed.

    ``width`` is the number of values that a record must have.
    """
    frame = _split_plain(piece, width, dialect.delimiter)
    return Rows(frame) if frame is not None else _read_strictly(piece, width, dialect)


def _split_plain(piece: Piece, width: int, delimiter: str) -> pl.DataFrame | None:
    """The rows, or None when splitting at every delimiter and line end may be wrong."""
    records = piece.records.rstrip(b"\n")
    lines = records.count(b"\n") + 1
    if (
        not records
        or any(mark in records for mark in (b'"', b"\r", b"\n\n"))
        or records.startswith(b"\n")
        or records.count(delimiter.encode()) != lines * (width - 1)
    ):
        return None
    try:
        frame = pl.read_csv(
            records,
            has_header=False,
            separator=delimiter,
            quote_char=None,
            schema=_text_columns(width),
            empty_string_is_null=False,
        )
    except pl.exceptions.PolarsError:
        return None  # a row of another width, or not UTF-8: the strict reader finds the line
    if frame.height != lines:
        return None
    return _numbered(frame, piece.first_line)


@cache
def _text_columns(width: int) -> dict[str, type[pl.String]]:
    return {str(position): pl.String for position in range(width)}


def _numbered(frame: pl.DataFrame, first_line: int) -> pl.DataFrame:
    lines = pl.int_range(first_line, first_line + frame.height, dtype=pl.Int64, eager=True)
    return frame.with_columns(lines.alias(LINE))


def _read_strictly(piece: Piece, width: int, dialect: Dialect) -> Rows:
    rows: list[Record] = []
    lines: list[int] = []
    misshapen: list[FormatError] = []
    for record, line, _last in _records(piece, dialect):
        if len(record) == width:
            rows.append(record)
            lines.append(line)
        else:
            misshapen.append(_misshapen(len(record), width, line))
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    frame = pl.DataFrame(
        [pl.Series(str(at), values, dtype=pl.String) for at, values in enumerate(columns)]
    )
    return Rows(frame.with_columns(pl.Series(LINE, lines, dtype=pl.Int64)), misshapen)


def _misshapen(found: int, width: int, line: int) -> FormatError:
    rule = _("%(found)d values in the row, %(width)d expected") % {"found": found, "width": width}
    return FormatError(line, "", "", rule)


def _records(piece: Piece, dialect: Dialect) -> Iterator[tuple[Record, int, int]]:
    """The records that are not blank, each with its first and last line."""
    text = _decoded(piece.records, "utf-8", piece.first_line)
    _refuse_stray_quotes(text, piece.first_line, dialect.delimiter)
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=dialect.delimiter, strict=True)
    last = piece.first_line - 1
    while True:
        first = last + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileRejectedError(_("malformed CSV: %s") % _explained(error), first) from error
        last = piece.first_line - 1 + reader.line_num
        if len(record) > 1 or (record and record[0].strip()):
            yield record, first, last


@cache
def _well_quoted(delimiter: str) -> re.Pattern[str]:
    edge = re.escape(delimiter)
    return re.compile(
        rf'[^"]*+(?:(?<![^{edge}\r\n])"[^"]*+(?:""[^"]*+)*+"(?![^{edge}\r\n])[^"]*+)*+'
    )


def _refuse_stray_quotes(text: str, first_line: int, delimiter: str) -> None:
    """Raise FileRejectedError for a quote that opens or closes inside a value.

    The standard reader takes it as part of the value. Then counting quotes would no longer show
    whether a line end is inside them.
    """
    match = _well_quoted(delimiter).match(text)
    end = match.end() if match else 0
    if end != len(text):
        line = first_line + text.count("\n", 0, end)
        raise FileRejectedError(
            _("malformed CSV: a quote is not closed or stands inside a value"), line
        )


def _explained(error: csv.Error) -> str:
    text = str(error)
    if "field limit" in text or "larger than" in text:
        return _("a value is too long")
    if "new-line" in text:
        return _("a carriage return without a line feed outside quotes")
    return text
