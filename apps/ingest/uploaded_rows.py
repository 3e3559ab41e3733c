"""Makes rows of an uploaded file, .xlsx or .csv: lines of JSON, ``[line, [texts]]``.

Both forms are looked at by their content, not by their name.
"""

import csv
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _

from apps.ingest.reading.csv_reader import BOM, SEPARATOR_LINE, WINDOWS, looks_like_windows_1251
from apps.ingest.uploads import OWNER_ONLY
from common.spreadsheet_reading import (
    EXPECTED,
    MOST_COLUMNS,
    SpreadsheetRefusedError,
    is_spreadsheet,
    read_spreadsheet,
)

MOST_ROWS = 200_000  # of a list; twice what is promised
DELIMITERS = ";,\t|"
LOOKED_AT = 64 * 1024  # bytes, to find the delimiter
LINES_LOOKED_AT = 20
LONGEST_CELL = 32_767  # letters, as Excel allows
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class UnreadableFileError(Exception):
    """No rows can be made of the file; ``reason`` is written for the person who sent it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file, its line or number in the sheet, and where the next one begins."""

    line: int
    cells: list[str]
    end: int  # bytes in the file of rows


def write_rows(source: Path, target: Path) -> str:
    """Write the rows of ``source`` to ``target``, readable for the owner alone; returns how it was
    read, for people: ``windows-1251, divided by «;»``.

    ``target`` is there as a whole or not at all. Raises UnreadableFileError.
    """
    draft = target.with_name(f"{target.name}.tmp")
    draft.unlink(missing_ok=True)
    try:
        with source.open("rb") as file:
            start = file.read(LOOKED_AT)
        if is_spreadsheet(start):
            read = read_spreadsheet(source, draft, MOST_ROWS)
            kind = _("Excel, sheet «%s»") % read.name
        else:
            kind = _write_text_rows(source, draft, start)
        draft.replace(target)
    except SpreadsheetRefusedError as error:
        raise UnreadableFileError(error.reason) from error
    finally:
        draft.unlink(missing_ok=True)
    return kind


def read_rows(path: Path, start: int = 0) -> Iterator[Row]:
    """The rows from the byte ``start`` on, which must be where a row begins."""
    with path.open("rb") as file:
        file.seek(start)
        for text in file:
            line, cells = json.loads(text)
            start += len(text)
            yield Row(line, cells, start)


def _write_text_rows(source: Path, target: Path, start: bytes) -> str:
    encoding = _encoding_of(source, start)
    delimiter, announced = _delimiter_of(start, encoding)
    with source.open(encoding=encoding, newline="") as text, _written(target) as out:
        if announced:
            text.readline()
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            _write_records(reader, out, 1 if announced else 0)
        except csv.Error as error:
            words = {"line": reader.line_num, "what": _("a quote is not closed, or stands alone")}
            raise UnreadableFileError(_("line %(line)d: %(what)s") % words) from error
    words = {"encoding": encoding.removesuffix("-sig"), "delimiter": _shown(delimiter)}
    return _("%(encoding)s, divided by «%(delimiter)s»") % words


def _write_records(reader: Any, out: TextIO, before: int) -> None:
    line, count = before + 1, 0
    for record in reader:
        cells = [cell.strip()[:LONGEST_CELL] for cell in record]
        while cells and not cells[-1]:  # delimiters at the end of every line, as Excel leaves them
            cells.pop()
        if any(cells) and cells != ["\x1a"]:
            count += 1
            if count > MOST_ROWS + 1:
                raise UnreadableFileError(_("more than %d rows: divide the file") % MOST_ROWS)
            if len(cells) > MOST_COLUMNS:
                words = {"line": line, "most": MOST_COLUMNS}
                raise UnreadableFileError(_("line %(line)d: more than %(most)d values") % words)
            out.write(json.dumps([line, cells], ensure_ascii=False) + "\n")
        line = before + reader.line_num + 1


@contextmanager
def _written(target: Path) -> Iterator[TextIO]:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        yield out


def _encoding_of(source: Path, start: bytes) -> str:
    """``utf-8-sig`` or ``windows-1251``. Raises UnreadableFileError for what is no text."""
    if start.startswith(UTF_16) or b"\0" in start:
        raise UnreadableFileError(str(EXPECTED))
    foreign = b""
    with source.open("rb") as file:
        whole = io.TextIOWrapper(file, encoding="utf-8")
        try:
            while whole.read(LOOKED_AT):
                pass
        except UnicodeDecodeError as error:
            foreign = error.object[error.start :]
    if not foreign:
        return "utf-8-sig"
    if start.startswith(BOM) or not looks_like_windows_1251(foreign):
        raise UnreadableFileError(
            _("the text is neither in UTF-8 nor in windows-1251: save it as .xlsx or CSV UTF-8")
        )
    return WINDOWS


def _delimiter_of(start: bytes, encoding: str) -> tuple[str, bool]:
    """The delimiter, and whether a line ``sep=;`` announces it. Of a table with one column: ``;``.

    Otherwise the one that divides the most of the first lines as often as the first.
    """
    found = SEPARATOR_LINE.match(start.removeprefix(BOM))
    if found:
        return found[1].decode(), True
    lines = start.decode(encoding, "replace").splitlines()[:LINES_LOOKED_AT]
    head = next((line for line in lines if line.strip()), "")

    def likeness(delimiter: str) -> tuple[int, int]:
        count = head.count(delimiter)
        alike = sum(line.count(delimiter) == count for line in lines)
        return (alike if count else 0, count)

    best = max(DELIMITERS, key=likeness)
    return (best if best in head else ";"), False


def _shown(delimiter: str) -> str:
    return _("tab") if delimiter == "\t" else delimiter
