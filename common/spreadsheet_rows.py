"""A program of its own: writes the rows of an Excel file as lines of JSON.

    python -I common/spreadsheet_rows.py list.xlsx rows.jsonl 200000 200

python-calamine makes a dense table of a sheet, however far its cells lie apart, so the kernel
bounds the memory and the processor time of this process. It imports nothing of ours.

A line is ``[number of the row, [texts of its cells]]``; rows without any value are left out. The
first visible sheet is read. Formulas give the value that Excel saved with them, and macros are
never run. The process prints one line of JSON: ``{"sheet": name, "others": how many more sheets}``,
or ``{"error": word}``, where the word is one of ``spreadsheet_reading.REFUSALS``.
"""

import json
import os
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

MOST_MEMORY = 1_500 * 1024 * 1024  # bytes of addresses; 100,000 rows of 20 columns take a third
MOST_SECONDS = 60  # of the processor; 100,000 rows take about two
OWNER_ONLY = 0o600


def main(source: str, target: str, most_rows: int, most_columns: int) -> dict[str, Any]:
    """Write the rows; returns what is to be printed."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold what the file holds
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    try:
        workbook = CalamineWorkbook.from_path(source)
        names = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        if not names:
            return {"error": "NO_SHEET"}
        sheet = workbook.get_sheet_by_name(names[0])
    except PasswordError:
        return {"error": "PASSWORD"}
    except MemoryError:
        return {"error": "TOO_LARGE"}
    except CalamineError:
        return {"error": "BROKEN"}
    # a row more than is taken: the headings
    if sheet.total_height > most_rows + 1:
        return {"error": "TOO_MANY_ROWS"}
    if sheet.total_width > most_columns:
        return {"error": "TOO_MANY_COLUMNS"}
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        for number, cells in _rows(sheet.to_python(skip_empty_area=False)):
            out.write(json.dumps([number, cells], ensure_ascii=False) + "\n")
    return {"sheet": names[0], "others": len(names) - 1}


def _rows(table: list[list[Any]]) -> Iterator[tuple[int, list[str]]]:
    for number, values in enumerate(table, start=1):
        cells = [_text(value) for value in values]
        if any(cells):
            yield number, cells


def _text(value: Any) -> str:
    """The value of a cell as people read it: dates as DD.MM.YYYY, whole numbers without a dot."""
    match value:
        case str():
            return value.strip()
        case bool():
            return str(int(value))
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            return f"{value:%d.%m.%Y %H:%M:%S}" if value.time() != time() else f"{value:%d.%m.%Y}"
        case date():
            return f"{value:%d.%m.%Y}"
        case time():
            return f"{value:%H:%M:%S}"
        case timedelta():
            return str(value)
        case _:
            return "" if value is None else str(value)


if __name__ == "__main__":
    source, target, most_rows, most_columns = sys.argv[1:]
    print(json.dumps(main(source, target, int(most_rows), int(most_columns))))  # noqa: T201
