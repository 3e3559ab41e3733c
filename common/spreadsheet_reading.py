"""Reads an Excel file of unknown origin into lines of JSON, in bounded memory and time."""

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

READER = Path(__file__).with_name("spreadsheet_rows.py")
MOST_ENTRIES = 2_000  # files in the ZIP; a workbook of 100 sheets with pictures has some hundred
MOST_UNPACKED = 400 * 1024 * 1024  # bytes; 100,000 rows of 20 columns have about 100 MB
MOST_RATIO = 200  # unpacked to packed; ordinary sheets have 5 to 30
SMALL = 1024 * 1024  # below so many unpacked bytes the ratio says nothing
MOST_COLUMNS = 200
MOST_SECONDS = 120  # until the reader is given up, whatever the processor does
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
WORKBOOK = "xl/workbook.xml"
EXPECTED = gettext_lazy("an Excel file .xlsx or a text file .csv is expected")

REFUSALS = {
    "NO_SHEET": gettext_lazy("the Excel file has no visible sheet"),
    "PASSWORD": gettext_lazy("the Excel file is protected by a password: save it without one"),
    "BROKEN": gettext_lazy("the Excel file is damaged: open it in Excel and save it again"),
    "TOO_LARGE": gettext_lazy(
        "the sheet is too large to be read: delete what lies far below and right of the table,"
        " or divide the file"
    ),
    "TOO_MANY_ROWS": gettext_lazy("the sheet has too many rows: divide the file"),
    "TOO_MANY_COLUMNS": gettext_lazy("the sheet has too many columns: delete the empty ones"),
}


class SpreadsheetRefusedError(Exception):
    """The file cannot or must not be read; ``reason`` is written for the person who sent it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SheetRead:
    """Which sheet was read, and how many more visible ones there are."""

    name: str
    others: int


def is_spreadsheet(start: bytes) -> bool:
    """Whether a file that begins so is a ZIP, as .xlsx files are.

    Raises SpreadsheetRefusedError for an Excel file of another kind.
    """
    if start.startswith(OLE):
        raise SpreadsheetRefusedError(
            _("an old Excel file .xls, or one with a password: save it as .xlsx without one")
        )
    return start.startswith(ZIP)


def read_spreadsheet(source: Path, target: Path, most_rows: int) -> SheetRead:
    """Write the rows of the first visible sheet to ``target``, as ``spreadsheet_rows`` describes.

    The file is readable for its owner alone. Raises SpreadsheetRefusedError; then ``target`` may
    hold a part.
    """
    with source.open("rb") as file:
        refuse_bad_archive(file)
    limits = (str(most_rows), str(MOST_COLUMNS))
    # without our environment, which holds secrets
    command = [sys.executable, "-I", str(READER), str(source), str(target), *limits]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, and paths without a shell
            command, env={"PATH": os.defpath}, capture_output=True, timeout=MOST_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise SpreadsheetRefusedError(str(REFUSALS["TOO_LARGE"])) from error
    if done.returncode:
        # killed for its time, or it could not get more memory
        raise SpreadsheetRefusedError(str(REFUSALS["TOO_LARGE"]))
    told = json.loads(done.stdout)
    if word := told.get("error"):
        raise SpreadsheetRefusedError(str(REFUSALS[word]))
    return SheetRead(told["sheet"], told["others"])


def refuse_bad_archive(file: BinaryIO) -> None:
    """Look at the directory of the ZIP before anything is unpacked.

    Raises SpreadsheetRefusedError for macros, another kind of document, and a ZIP bomb.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SpreadsheetRefusedError(str(REFUSALS["BROKEN"])) from error
    names = {entry.filename.casefold() for entry in entries}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise SpreadsheetRefusedError(_("a file with macros (.xlsm): save it as .xlsx"))
    if WORKBOOK not in names:
        raise SpreadsheetRefusedError(str(EXPECTED))
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or any(map(_is_bomb, entries)):
        raise SpreadsheetRefusedError(
            _("the file unpacks to far more than it seems to hold, so it is not read")
        )


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    is_large = entry.file_size > SMALL
    return is_large and entry.file_size > MOST_RATIO * max(entry.compress_size, 1)
