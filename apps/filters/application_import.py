"""Takes in snapshots of applications in bulk, each snapshot once.

Pieces are copied straight into the table. One that holds a snapshot which is known already goes by
way of a staging table, since COPY has no ``ON CONFLICT``, and so do those behind it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from apps.filters.models import JudgementBatch
from apps.filters.tasks import judge_applications
from apps.filters.types import ImportedApplications
from common.announce import announce

NULLABLE_COLUMNS = (
    "loan_changed_at",
    "birth_date",
    "desired_amount",
    "approved_amount",
    "term",
    "grace",
)
TEXT_COLUMNS = (
    "stream",
    "application_number",
    "application_status",
    "loan_status",
    "scoring_result",
    "client_type",
    "phone",
    "face_id",
    "citizenship",
    "document_series",
    "document_number",
    "last_name",
    "first_name",
    "middle_name",
    "sex",
    "device_os",
    "app_version",
    "device_id",
    "product_type",
    "term_unit",
    "grace_unit",
)
SNAPSHOT_COLUMNS = (
    "file_id",
    "line_number",
    "created_at",
    "changed_at",
    *NULLABLE_COLUMNS,
    *TEXT_COLUMNS,
)
BATCH_ROWS = 2_000  # what one worker judges in one go

_COLUMNS = ", ".join(SNAPSHOT_COLUMNS)
_COPY = f"""
    COPY {{table}} ({_COLUMNS}) FROM STDIN (
        FORMAT csv,
        FORCE_NULL ({", ".join(NULLABLE_COLUMNS)}),
        FORCE_NOT_NULL ({", ".join(TEXT_COLUMNS)})
    )
"""


@dataclass(frozen=True, slots=True)
class SnapshotChunk:
    """Rows as CSV for COPY, with SNAPSHOT_COLUMNS, nothing where there is no value.

    Dates are DD.MM.YYYY, moments ``DD.MM.YYYY hh:mm:ss`` of Moscow.
    """

    rows: int
    csv: bytes


def import_applications(
    file_id: int, chunks: Iterable[SnapshotChunk], on_stored: Callable[[int], None]
) -> ImportedApplications:
    """Store the snapshots that are not known yet, in order, and the batches to be judged.

    ``file_id`` is the one in the rows. Runs in the caller's transaction, which an exception of
    ``chunks`` leaves to be rolled back. ``on_stored`` hears how many rows are gone through.
    """
    rows = added = 0
    with connection.cursor() as cursor, _russian_style(cursor):
        copy = _copy_new
        for chunk in chunks:
            before = _last_id(cursor)
            new = copy(cursor, chunk)
            if new is None:
                copy = _copy_known
                new = copy(cursor, chunk)
            rows, added = rows + chunk.rows, added + new
            if new:
                _make_batches(file_id, before, _last_id(cursor))
            on_stored(rows)
    if added:
        announce(judge_applications)
    return ImportedApplications(rows, added)


@contextmanager
def _russian_style(cursor: CursorWrapper) -> Iterator[None]:
    """PostgreSQL reads dates and moments as the files write them."""
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
    """The number of rows; None, and nothing stored, when one of them is known already."""
    try:
        with transaction.atomic():
            _copy(cursor, '"tm$applications"', chunk)
    except IntegrityError:
        return None
    return chunk.rows


def _copy_known(cursor: CursorWrapper, chunk: SnapshotChunk) -> int:
    """The number of rows that were not known."""
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
    """The last id that was given to an application, by anybody."""
    cursor.execute(
        'SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "tm$applications_id_seq"'
    )
    return int(cursor.fetchone()[0])


def _make_batches(file_id: int, before: int, last: int) -> None:
    """Ranges of ids that hold all new rows; those of other imports may lie between them."""
    JudgementBatch.objects.bulk_create(
        JudgementBatch(file_id=file_id, first_id=first, last_id=min(first + BATCH_ROWS - 1, last))
        for first in range(before + 1, last + 1, BATCH_ROWS)
    )
