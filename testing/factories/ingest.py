"""Rows and files as data streams bring them."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from factory import declarations
from factory.base import DictFactory

from apps.ingest.reading.columns import COLUMNS, NAMES, TITLES
from apps.ingest.sample_applications import example_of

Header = Literal["names", "titles", "none"]


class RowFactory(DictFactory):
    """A row with a valid value in every column; the source's example where it gives one."""

    application_number = declarations.Sequence(lambda number: str(34697463 + number))
    created_date = "07.10.2022"
    created_time = "00:00:00"
    changed_date = "08.10.2022"
    changed_time = "12:30:59"
    application_status = "scored"
    loan_changed_date = "09.10.2022"
    loan_changed_time = "23:59:59"
    loan_status = "recieved"
    scoring_result = "approved"
    client_type = "pioneer"
    phone = "79057896050"
    face_id = "2Zz484MBY7almrgo4-B0"
    citizenship = "KGZ"
    document_series = "1234"
    document_number = "AM123456"
    last_name = "БЕКИШОВ"
    first_name = "АЙДАРБЕК"
    middle_name = "КУБАНЫЧБЕКОВИЧ"
    birth_date = "01.02.1995"
    sex = "M"
    device_os = "ANDROID"
    app_version = "3.102.0"
    device_id = "be86e2a103acf33a"
    desired_amount = "25000"
    approved_amount = "20000,50"
    product_type = "express"
    term = "63"
    term_unit = "day"
    grace = "7"
    grace_unit = "month"


def row(**values: str) -> dict[str, str]:
    """Return a valid row with the given values instead of its own.

    A column that the factory does not know yet holds an example of its kind.
    """
    examples = {column.name: example_of(column) for column in COLUMNS}
    return {**examples, **RowFactory.create(**values)}


def rows(count: int) -> list[dict[str, str]]:
    """Return ``count`` valid rows of different applications."""
    return [row() for _number in range(count)]


def csv_text(
    rows: Sequence[Mapping[str, str]], names: Sequence[str] = NAMES, header: Header = "names"
) -> str:
    """Return a file of the rows, with their columns in the order of ``names``."""
    titles = [TITLES[name] for name in names]
    headers: dict[Header, list[Sequence[str]]] = {"names": [names], "titles": [titles], "none": []}
    lines = headers[header] + [[row[name] for name in names] for row in rows]
    return "".join(f"{';'.join(line)}\n" for line in lines)


def put_file(folder: Path, name: str, content: str | bytes, age_seconds: float = 60) -> Path:
    """Put a file into the folder that was last changed so many seconds ago. Returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    changed = time.time() - age_seconds
    os.utime(path, (changed, changed))
    return path
