"""Stores snapshots of applications in bulk by COPY, each snapshot once.

Chunks are copied straight into the table. COPY has no ``ON CONFLICT``, so a chunk that holds a
snapshot stored before goes through a staging table, and so do all chunks after it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from apps.filters.models import Application, JudgementBatch
from apps.filters.types import ImportedApplications
from common.announce import announce
from common.models import TimestampedModel

# all columns but the key and the times, which the database fills in; a field is named as its column
_FIELDS = tuple(
    field
    for field in Application._meta.concrete_fields
    if field.name not in {base.name for base in TimestampedModel._meta.fields}
)
SNAPSHOT_COLUMNS = tuple(field.name for field in _FIELDS)
BATCH_ROWS = 2_000  # applications that a worker judges at a time

_COLUMNS = ", ".join(SNAPSHOT_COLUMNS)
# an empty value is NULL where the column may be NULL, and the empty text elsewhere
_COPY = f"""
    COPY {{table}} ({_COLUMNS}) FROM STDIN (
        FORMAT csv,
        FORCE_NULL ({", ".join(field.name for field in _FIELDS if field.null)}),
        FORCE_NOT_NULL ({", ".join(field.name for field in _FIELDS if not field.null)})
    )
"""


@dataclass(frozen=True, slots=True)
class SnapshotChunk:
    """Snapshots as CSV for COPY, with values in the order of SNAPSHOT_COLUMNS.

    A value that is not known is empty. Dates are ``DD.MM.YYYY``, moments ``DD.MM.YYYY hh:mm:ss`` in
    Moscow time, a date alone is its midnight.
    """

    rows: int  # how many there are
    csv: bytes  # UTF-8, divided by commas, without a header


def import_applications(
    file_id: int, chunks: Iterable[SnapshotChunk], on_stored: Callable[[int], None]
) -> ImportedApplications:
    """Store the snapshots that were not stored before, in their order, and batches to judge them.

    Call it in a transaction, which holds all of it. ``file_id`` is the one in the rows.
    ``on_stored`` is called after each chunk with the number of rows so far. An exception raised by
    ``chunks`` passes through, and the caller has to roll back.
    """
    rows = added = 0
    ids: list[int] = []
    with connection.cursor() as cursor, _russian_style(cursor):
        copy = _copy_new
        for chunk in chunks:
            before = _last_id(cursor)
            new = copy(cursor, chunk)
            if new is None:
                copy = _copy_staged
                new = copy(cursor, chunk)
            rows, added = rows + chunk.rows, added + new
            if new:
                ids += (before + 1, _last_id(cursor))
                _make_batches(file_id, before, ids[-1])
            on_stored(rows)
    if added:
        announce("apps.filters.tasks.judge_applications")
    first, last = (min(ids), max(ids)) if ids else (None, None)
    return ImportedApplications(rows, added, first, last)


@contextmanager
def _russian_style(cursor: CursorWrapper) -> Iterator[None]:
    """Let PostgreSQL read dates and moments as the files write them."""
    cursor.execute("SELECT current_setting('datestyle'), current_setting('timezone')")
    before = cursor.fetchone()
    _set_style(cursor, ("ISO, DMY", "Europe/Moscow"))
    yield
    _set_style(cursor, before)


def _set_style(cursor: CursorWrapper, style: tuple[str, str]) -> None:
    cursor.execute(
        "SELECT set_config('datestyle', %s, true), set_config('timezone', %s, true)", style
    )


def _copy_new(cursor: CursorWrapper, chunk: SnapshotChunk) -> int | None:
    """The number of rows. None, with nothing stored, when one of them was stored before."""
    try:
        with transaction.atomic():
            _copy(cursor, '"tm$applications"', chunk)
    except IntegrityError:
        return None
    return chunk.rows


def _copy_staged(cursor: CursorWrapper, chunk: SnapshotChunk) -> int:
    """The number of rows that were not stored before."""
    cursor.execute(
        f"CREATE TEMP TABLE tm_staged ON COMMIT DROP AS"  # noqa: S608 - our own columns
        f' SELECT {_COLUMNS} FROM "tm$applications" WITH NO DATA'
    )
    _copy(cursor, "tm_staged", chunk)
    cursor.execute(
        f'INSERT INTO "tm$applications" ({_COLUMNS})'  # noqa: S608
        f" SELECT {_COLUMNS} FROM tm_staged ON CONFLICT DO NOTHING"
    )
    new = int(cursor.rowcount)
    cursor.execute("DROP TABLE tm_staged")
    return new


def _copy(cursor: CursorWrapper, table: str, chunk: SnapshotChunk) -> None:
    with connection.wrap_database_errors, cursor.copy(_COPY.format(table=table)) as copy:
        copy.write(chunk.csv)


def _last_id(cursor: CursorWrapper) -> int:
    """The last id that the sequence of the table gave, to this import or another."""
    cursor.execute(
        'SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "tm$applications_id_seq"'
    )
    return int(cursor.fetchone()[0])


def _make_batches(file_id: int, before: int, last: int) -> None:
    """Make batches that cover all new ids. Ids of other imports may lie between them."""
    # a file is of one stream
    new = Application.objects.filter(pk__gt=before, pk__lte=last, file_id=file_id)
    stream = new.order_by("pk").values_list("stream", flat=True)[0]
    JudgementBatch.objects.bulk_create(
        JudgementBatch(
            file_id=file_id,
            stream=stream,
            first_id=first,
            last_id=min(first + BATCH_ROWS - 1, last),
        )
        for first in range(before + 1, last + 1, BATCH_ROWS)
    )
