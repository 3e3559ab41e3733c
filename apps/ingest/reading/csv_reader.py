"""Reads a CSV file piece by piece: whole records with their lines, every value as text.

polars splits a piece without quotes. The strict reader of the standard library splits one with
quotes, and refuses malformed ones. Both read a record alike, so it does not matter where a piece
ends. Where bad rows are skipped, ``salvage`` takes over in a piece that the strict reader refuses.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import BinaryIO

import polars as pl
from django.utils.translation import gettext as _

from apps.ingest.reading.quoting import end_of_good_quotes, explained, stray_quote
from apps.ingest.reading.salvage import salvage
from apps.ingest.types import FileRejectedError

PIECE_BYTES = 2 * 1024 * 1024  # about 8,000 rows; larger gained nothing and costs memory
LINE = "line"  # the column that holds the number of the line where a record begins
BOM = b"\xef\xbb\xbf"
SEPARATOR_LINE = re.compile(rb'"?sep=([!#-/:-@\[-`{-~\t ])"?\r?\n', re.IGNORECASE)
LONGEST_SEPARATOR_LINE = len('"sep=;"\r\n')
WINDOWS = "windows-1251"  # what Russian Excel writes
ASCII = bytes(range(0x80))
RUSSIAN = bytes([*range(0xC0, 0x100), *"Ёё№«»—–…\N{NO-BREAK SPACE}".encode(WINDOWS)])
STRANGE_SHARE = 0.1  # in text of another encoding it is a third and more
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
    # where bad rows are skipped: the lines that are no text in the encoding, and why
    flaws: Mapping[int, str] = field(default_factory=dict)

    @property
    def lines(self) -> int:
        """How many line ends the piece has."""
        return self.records.count(b"\n")


@dataclass(frozen=True, slots=True)
class Misshapen:
    """A record that cannot be read, or has a wrong number of values."""

    line: int
    values: Record  # as far as they can be told apart
    reason: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The records of a piece."""

    frame: pl.DataFrame  # text columns "0", "1", … and LINE
    misshapen: list[Misshapen] = field(default_factory=list)


def announced_dialect(file: BinaryIO, dialect: Dialect) -> tuple[Dialect, int]:
    """The dialect of a file that Excel wrote with a line ``sep=;`` at its start, and the line where
    the rest begins.

    Leaves the position there. Without such a line: the same dialect, 1, the start of the file.
    """
    start = file.read(len(BOM) + LONGEST_SEPARATOR_LINE)
    found = SEPARATOR_LINE.match(_without_bom(start, dialect.encoding))
    if not found:
        file.seek(0)
        return dialect, 1
    file.seek(found.end() + (len(BOM) if start.startswith(BOM) else 0))
    return Dialect(found[1].decode(), dialect.encoding), 2


def read_pieces(
    file: BinaryIO, dialect: Dialect, *, first_line: int = 1, skips: bool = False
) -> Iterator[Piece]:
    """Split what is left of a file.

    Raises FileRejectedError when it is not text, or a record does not end. With ``skips`` lines
    that are not text become flaws of their piece, and a piece may end inside a broken record.
    """
    pending, line = _without_bom(file.read(PIECE_BYTES), dialect.encoding), first_line
    while True:
        fresh = file.read(PIECE_BYTES)
        end = _end_of_records(pending) if fresh else len(pending)
        if fresh and not end and len(pending) >= PIECE_BYTES:
            end = pending.rfind(b"\n") + 1 if skips else 0
            if not end:
                raise FileRejectedError(
                    _("a record does not end: a quote is not closed, or a value is too long"), line
                )
        if end:
            piece = _piece(line, pending[:end], dialect.encoding, skips=skips)
            yield piece
            line += piece.lines
        if not fresh:
            return
        pending = pending[end:] + fresh


def without_end_mark(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces without Ctrl-Z at the end of the last, which old programs of DOS put there."""
    last: Piece | None = None
    for piece in pieces:
        if last is not None:
            yield last
        last = piece
    if last is not None:
        text = last.records.rstrip(b"\x1a\r\n")
        has_mark = b"\x1a" in last.records[len(text) :]
        yield replace(last, records=text + b"\n") if has_mark else last


def _piece(line: int, records: bytes, encoding: str, *, skips: bool) -> Piece:
    if not skips:
        return Piece(line, _in_utf_8(records, encoding, line))
    try:
        whole = _in_utf_8(records, encoding, line)
        _decoded(whole, "utf-8", line)
    except FileRejectedError:
        return _piece_with_flaws(line, records, encoding)
    return Piece(line, whole)


def _piece_with_flaws(line: int, records: bytes, encoding: str) -> Piece:
    lines, flaws = records.split(b"\n"), {}
    for number, text in enumerate(lines):
        try:
            lines[number] = _decoded(_in_utf_8(text, encoding, line), "utf-8", line).encode()
        except FileRejectedError as flaw:
            flaws[line + number] = flaw.reason
            readable = text.decode(encoding, "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
            lines[number] = readable.encode()
    return Piece(line, b"\n".join(lines).replace(b"\r\n", b"\n"), flaws)


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
        raise FileRejectedError(_not_a_text(records, encoding), bad_line) from error


def _not_a_text(records: bytes, encoding: str) -> str:
    words = {"encoding": encoding, "other": WINDOWS}
    if encoding != WINDOWS and looks_like_windows_1251(records):
        return _("not a text in the encoding %(encoding)s; it looks like %(other)s") % words
    return _("not a text in the encoding %s") % encoding


def looks_like_windows_1251(text: bytes) -> bool:
    """Whether nearly all that is not ASCII would be Russian letters in windows-1251.

    Empty or plain ASCII text looks like any encoding.
    """
    foreign = text.translate(None, ASCII)
    return len(foreign.translate(None, RUSSIAN)) <= len(foreign) * STRANGE_SHARE


def split_header(
    piece: Piece, dialect: Dialect, *, skips: bool = False
) -> tuple[Record, int, Piece]:
    """The first record that is not blank, its line, and the rest of the piece.

    Raises FileRejectedError when every record is blank, or quotes are malformed; with ``skips``
    only those of the header matter, which has one line then.
    """
    head = _up_to_the_first_text(piece) if skips else piece
    for record, first, last in _records(head, dialect):
        end = _after_line(piece.records, last - piece.first_line)
        return record, first, Piece(last + 1, piece.records[end:], piece.flaws)
    raise FileRejectedError(_("the file is empty"))


def _up_to_the_first_text(piece: Piece) -> Piece:
    end = 0
    while end < len(piece.records):
        start, end = end, piece.records.find(b"\n", end) + 1 or len(piece.records)
        if piece.records[start:end].strip():
            break
    return Piece(piece.first_line, piece.records[:end])


def _after_line(records: bytes, number: int) -> int:
    end = 0
    for _line in range(number + 1):
        end = records.find(b"\n", end) + 1 or len(records)
    return end


def read_rows(piece: Piece, width: int, dialect: Dialect, *, skips: bool = False) -> Rows:
    """Split a piece into values.

    ``width`` is the number of values that a record must have. Raises FileRejectedError when quotes
    are malformed; with ``skips`` such a record is misshapen, if the next one can be found.
    """
    frame = None if piece.flaws else _split_plain(piece, width, dialect.delimiter)
    if frame is not None:
        return Rows(frame)
    return _read_one_by_one(piece, width, dialect, skips=skips)


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


def _read_one_by_one(piece: Piece, width: int, dialect: Dialect, *, skips: bool) -> Rows:
    rows: list[Record] = []
    lines: list[int] = []
    misshapen: list[Misshapen] = []
    found = _salvaged(piece, width, dialect) if skips else _strictly(piece, dialect)
    for record, line, flaw in found:
        if len(record) == width and not flaw:
            rows.append(record)
            lines.append(line)
        elif flaw or any(value.strip() for value in record):
            misshapen.append(Misshapen(line, record, flaw or _wrong_width(len(record), width)))
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    frame = pl.DataFrame(
        [pl.Series(str(at), values, dtype=pl.String) for at, values in enumerate(columns)]
    )
    return Rows(frame.with_columns(pl.Series(LINE, lines, dtype=pl.Int64)), misshapen)


def _wrong_width(found: int, width: int) -> str:
    return _("%(found)d values in the row, %(width)d expected") % {"found": found, "width": width}


def _strictly(piece: Piece, dialect: Dialect) -> Iterator[tuple[Record, int, str]]:
    return ((record, first, "") for record, first, _last in _records(piece, dialect))


def _salvaged(piece: Piece, width: int, dialect: Dialect) -> Iterator[tuple[Record, int, str]]:
    """The records, each with its first line and what is wrong with it.

    One of several lines may have swallowed others behind a stray quote, so the strict reader is
    believed only where each record is one line.
    """
    try:
        found = [] if piece.flaws else list(_records(piece, dialect))
    except FileRejectedError:
        found = []
    if found and all(first == last for _record, first, last in found):
        return ((record, first, "") for record, first, _last in found)
    lines = piece.records.decode().split("\n")
    return (
        (record, piece.first_line + start, flaw or _first_flaw(piece, start, end))
        for record, start, end, flaw in salvage(lines, width, dialect.delimiter)
    )


def _first_flaw(piece: Piece, start: int, end: int) -> str:
    flaws = (piece.flaws.get(piece.first_line + number, "") for number in range(start, end))
    return next(filter(None, flaws), "")


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
            raise FileRejectedError(explained(error), first) from error
        last = piece.first_line - 1 + reader.line_num
        if len(record) > 1 or (record and record[0].strip()):
            yield record, first, last


def _refuse_stray_quotes(text: str, first_line: int, delimiter: str) -> None:
    """Raise FileRejectedError for a quote that opens or closes inside a value."""
    end = end_of_good_quotes(text, delimiter)
    if end != len(text):
        raise FileRejectedError(stray_quote(), first_line + text.count("\n", 0, end))
