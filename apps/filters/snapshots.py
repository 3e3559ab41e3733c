"""Takes in snapshots of applications in bulk, each snapshot once.

They are copied into a staging table, and from there inserted into the applications.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

from apps.filters.models import JudgementBatch
from apps.filters.tasks import judge_applications
from apps.filters.types import ImportedApplications
from common.announce import announce

# the columns of a snapshot and how they are staged; `timestamp` is Moscow time, as files carry it
STAGED_COLUMNS = {
    "line_number": "integer",
    "application_number": "text",
    "created_at": "timestamp",
    "changed_at": "timestamp",
    "application_status": "text",
    "loan_changed_at": "timestamp",
    "loan_status": "text",
    "scoring_result": "text",
    "client_type": "text",
    "phone": "text",
    "face_id": "text",
    "citizenship": "text",
    "document_series": "text",
    "document_number": "text",
    "last_name": "text",
    "first_name": "text",
    "middle_name": "text",
    "birth_date": "date",
    "sex": "text",
    "device_os": "text",
    "app_version": "text",
    "device_id": "text",
    "desired_amount": "numeric",
    "approved_amount": "numeric",
    "product_type": "text",
    "term": "integer",
    "term_unit": "text",
    "grace": "integer",
    "grace_unit": "text",
}
SNAPSHOT_COLUMNS = tuple(STAGED_COLUMNS)
BATCH_ROWS = 2_000  # what one worker judges in one go
PART_PAGES = 1_000  # of 8 kB, about 25,000 rows: often enough to show how far an import has come


@dataclass(frozen=True, slots=True)
class SnapshotOrigin:
    """Where snapshots come from: the stream, and the id of the file's record."""

    stream: str
    file_id: int


def import_applications(
    origin: SnapshotOrigin, chunks: Iterable[bytes], on_stored: Callable[[int], None]
) -> ImportedApplications:
    """Store the snapshots that are not known yet, in order, and the batches to be judged.

    ``chunks`` are rows in the CSV form of COPY, with SNAPSHOT_COLUMNS, an empty value without
    quotes for NULL. Nothing is stored before the last of them. Runs in the caller's transaction: an
    exception of ``chunks`` leaves it to be rolled back. ``on_stored`` hears the rows stored so far.
    """
    with connection.cursor() as cursor, _staging(cursor):
        rows = _copy(cursor, chunks)
        added = 0
        for part in _parts(cursor):
            added += _insert(cursor, origin, part)
            on_stored(added)
    if added:
        announce(judge_applications)
    return ImportedApplications(rows, added)


@contextmanager
def _staging(cursor: CursorWrapper) -> Iterator[None]:
    """A temporary table: it needs no log, and goes with the transaction however that ends."""
    columns = ", ".join(f"{name} {kind}" for name, kind in STAGED_COLUMNS.items())
    cursor.execute(f"CREATE TEMP TABLE tm_staged ({columns}) ON COMMIT DROP")
    yield
    cursor.execute("DROP TABLE tm_staged")


def _copy(cursor: CursorWrapper, chunks: Iterable[bytes]) -> int:
    with cursor.copy("COPY tm_staged FROM STDIN (FORMAT csv)") as copy:
        for chunk in chunks:
            copy.write(chunk)
    return int(cursor.rowcount)


def _parts(cursor: CursorWrapper) -> Iterator[tuple[str, str]]:
    """Ranges of pages of the staging table, in the order of the file."""
    cursor.execute("SELECT pg_relation_size('tm_staged') / current_setting('block_size')::int")
    pages = int(cursor.fetchone()[0])
    for first in range(0, pages, PART_PAGES):
        yield f"({first},0)", f"({first + PART_PAGES},0)"


_MOSCOW_TIMES = {name for name, kind in STAGED_COLUMNS.items() if kind == "timestamp"}
_VALUES = ", ".join(
    f"{name} AT TIME ZONE 'Europe/Moscow'" if name in _MOSCOW_TIMES else name
    for name in SNAPSHOT_COLUMNS
)
_INSERT = f"""
    WITH added AS (
        INSERT INTO "tm$applications" (stream, file_id, {", ".join(SNAPSHOT_COLUMNS)})
        SELECT %s, %s, {_VALUES} FROM tm_staged WHERE ctid >= %s::tid AND ctid < %s::tid
        ON CONFLICT DO NOTHING
        RETURNING id
    ), numbered AS (
        SELECT id, (row_number() OVER (ORDER BY id) - 1) / {BATCH_ROWS} AS batch FROM added
    )
    SELECT count(*), min(id), max(id) FROM numbered GROUP BY batch ORDER BY batch
"""  # noqa: S608 - names of our own columns


def _insert(cursor: CursorWrapper, origin: SnapshotOrigin, part: tuple[str, str]) -> int:
    cursor.execute(_INSERT, [origin.stream, origin.file_id, *part])
    batches = cursor.fetchall()
    JudgementBatch.objects.bulk_create(
        JudgementBatch(file_id=origin.file_id, first_id=first, last_id=last)
        for _count, first, last in batches
    )
    return sum(count for count, _first, _last in batches)
