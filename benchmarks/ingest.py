"""The import of a file, compared with plain COPY and with django-import-export."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection

from apps.filters.models import Application
from apps.ingest.folder.opened_file import take
from apps.ingest.importing import import_file
from apps.ingest.known_streams import get_stream
from apps.ingest.models import IncomingFile
from apps.ingest.reading.columns import NAMES
from apps.ingest.sample_applications import write_sample
from apps.ingest.streams import Stream
from benchmarks.bars import Bar
from benchmarks.import_export_rival import import_as_the_admin_does

ROUNDS = 5  # the fastest counts: other work on the machine only makes a round slower
COPY_BYTES = 1024 * 1024


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--ingest-rows", type=int, default=200_000)
    parser.add_argument("--ingest-memory-rows", type=int, default=300_000, help="bar: 2000000")
    parser.add_argument("--ingest-rival-rows", type=int, default=600)


def measure(options: argparse.Namespace) -> Sequence[Bar]:
    """The bars of the incoming files, on files made for it."""
    stream = get_stream("MOBILE_LOANS")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = _made(folder, options.ingest_rows)
        copying, importing = _in_turns(lambda: _copy(file), lambda: _import(file, stream), ROUNDS)
        rows = options.ingest_rows
        _forget()
        rival = _seconds(lambda: import_as_the_admin_does(_made(folder, options.ingest_rival_rows)))
        rival_speed = options.ingest_rival_rows / rival
        few, many = (_peak(_made(folder, rows)) for rows in (1_000, options.ingest_memory_rows))
    speed = rows / importing
    return [
        Bar("whole import / plain COPY", copying / importing, 0.2, "x",
            notes=f"{speed:,.0f} of {rows / copying:,.0f} rows/s"),
        Bar("whole import / django-import-export", speed / rival_speed, 100, "x",
            notes=f"{speed:,.0f} to {rival_speed:,.0f} rows/s"),
        Bar(f"memory, {options.ingest_memory_rows:,} rows above 1,000", many - few, 400, "MB",
            at_most=True, notes=f"{few:,.0f} MB at 1,000 rows"),
    ]  # fmt: skip


def _made(folder: Path, rows: int) -> Path:
    path = folder / f"{rows}.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        write_sample(out, rows, seed=1)
    return path


def _in_turns(
    first: Callable[[], None], second: Callable[[], None], rounds: int
) -> tuple[float, float]:
    """The fastest round of each in seconds, measured in turns, so that other work slows both."""
    seconds = [(_seconds(first), _seconds(second)) for _round in range(rounds)]
    return min(pair[0] for pair in seconds), min(pair[1] for pair in seconds)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _copy(file: Path) -> None:
    """COPY the same file into a table of 31 text columns without keys or indexes."""
    columns = ", ".join(f"{name} text" for name in NAMES)
    with connection.cursor() as cursor, file.open("rb") as content:
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute(f"CREATE TABLE bare ({columns})")
        with cursor.copy("COPY bare FROM STDIN (FORMAT csv, DELIMITER ';', HEADER)") as copy:
            while piece := content.read(COPY_BYTES):
                copy.write(piece)


def _import(file: Path, stream: Stream) -> None:
    _forget()
    with take(file) as taken:
        record = import_file(taken, stream, lambda _progress: None)
    if record.bad_rows or record.duplicates or not record.rows:
        raise AssertionError(f"not all rows were imported: {record.reason}")


def _forget() -> None:
    tables = ", ".join(
        f'"{name}"' for name in (Application._meta.db_table, IncomingFile._meta.db_table)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")


def _peak(file: Path) -> float:
    """The peak memory of a process that imports the file, in MB."""
    _forget()
    command = [sys.executable, "-m", "benchmarks.peak_of_import", str(file)]
    name = connection.settings_dict["NAME"]
    done = subprocess.run(  # noqa: S603 - our own module
        [*command, name], cwd=settings.BASE_DIR, capture_output=True, check=True, text=True
    )
    return float(json.loads(done.stdout)["peak_mb"])
