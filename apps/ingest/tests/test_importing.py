"""A good file: every row becomes an application, the file goes to success."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from apps.filters.models import Application, JudgementBatch
from apps.ingest.folder.opened_file import take
from apps.ingest.importing import import_file
from apps.ingest.models import FileOutcome, IncomingFile
from apps.ingest.reading import csv_reader
from apps.ingest.reading.columns import COLUMNS, Kind
from apps.ingest.streams import Stream
from apps.ingest.types import Progress
from testing.factories.ingest import RowFactory, csv_text, row, rows
from testing.incoming import take_all_files

# what becomes of the example of a column that is newer than this list
STORED_EXAMPLES = {
    Kind.TEXT: "example",
    Kind.DATE: date(2022, 10, 7),
    Kind.AMOUNT: Decimal("20000.50"),
    Kind.WHOLE: 7,
}
pytestmark = pytest.mark.django_db


def test_a_row_becomes_an_application_with_every_column(drop: Callable[..., Path]) -> None:
    drop("a.csv", csv_text([row(application_number="34697463")]))

    take_all_files()

    examples = {column.name: STORED_EXAMPLES.get(column.kind) for column in COLUMNS}
    added = {name: value for name, value in examples.items() if name not in RowFactory.create()}
    stored: dict[str, object] = {**Application.objects.values().get()}
    file = IncomingFile.objects.get()
    assert {name: stored[name] for name in stored if name not in {"id", "wtime", "utime"}} == {
        "stream": "MOBILE_LOANS",
        "file_id": file.id,
        "line_number": 2,
        "application_number": "34697463",
        "created_at": datetime(2022, 10, 6, 21, 0, tzinfo=UTC),
        "changed_at": datetime(2022, 10, 8, 9, 30, 59, tzinfo=UTC),
        "application_status": "scored",
        "loan_changed_at": datetime(2022, 10, 9, 20, 59, 59, tzinfo=UTC),
        "loan_status": "received",
        "scoring_result": "approved",
        "client_type": "pioneer",
        "phone": "79057896050",
        "face_id": "2Zz484MBY7almrgo4-B0",
        "citizenship": "KGZ",
        "document_series": "1234",
        "document_number": "AM123456",
        "last_name": "БЕКИШОВ",
        "first_name": "АЙДАРБЕК",
        "middle_name": "КУБАНЫЧБЕКОВИЧ",
        "birth_date": date(1995, 2, 1),
        "sex": "M",
        "device_os": "ANDROID",
        "app_version": "3.102.0",
        "device_id": "be86e2a103acf33a",
        "desired_amount": Decimal("25000.00"),
        "approved_amount": Decimal("20000.50"),
        "product_type": "express",
        "term": 63,
        "term_unit": "day",
        "grace": 7,
        "grace_unit": "month",
        **added,
    }


def test_optional_columns_may_be_empty(drop: Callable[..., Path]) -> None:
    required = {"application_number", "created_date", "created_time", "changed_date"}
    required |= {"changed_time", "application_status", "client_type", "phone"}
    sparse = {name: value if name in required else "" for name, value in row().items()}
    drop("a.csv", csv_text([sparse]))

    take_all_files()

    stored = Application.objects.get()
    assert (stored.loan_changed_at, stored.birth_date, stored.term, stored.desired_amount) == (
        (None,) * 4
    )
    assert (stored.loan_status, stored.last_name, stored.sex) == ("", "", "")


def test_a_good_file_goes_to_success_with_a_record(
    stream: Stream, drop: Callable[..., Path]
) -> None:
    path = drop("a.csv", csv_text(rows(3)))

    take_all_files()

    record = IncomingFile.objects.get()
    assert not path.exists()
    assert [entry.name for entry in stream.success_folder.iterdir()] == ["a.csv"]
    assert (record.outcome, record.rows, record.bad_rows) == (FileOutcome.IMPORTED, 3, 0)
    assert record.moved_to == str(stream.success_folder / "a.csv")
    assert record.moved_at


def test_a_file_is_read_no_further_ahead_than_two_pieces_of_what_is_stored(
    stream: Stream, drop: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = rows(400)
    row_bytes = len(csv_text(lines[:1], header="none").encode())
    monkeypatch.setattr(csv_reader, "PIECE_BYTES", 20 * row_bytes)
    seen: list[Progress] = []

    with take(drop("a.csv", csv_text(lines))) as file:
        import_file(file, stream, seen.append)

    stored, ahead = 0, []
    for progress in seen:
        stored = max(stored, progress.rows_stored)
        ahead.append(progress.rows - stored)
    assert (stored, len(seen) > 30) == (400, True)
    assert max(ahead) <= 3 * 20


def test_batches_cover_every_application_of_the_file(drop: Callable[..., Path]) -> None:
    drop("a.csv", csv_text(rows(3)))

    take_all_files()

    ids = list(Application.objects.order_by("id").values_list("id", flat=True))
    batches = list(JudgementBatch.objects.values_list("first_id", "last_id", "judged_at"))
    assert batches == [(ids[0], ids[-1], None)]


def test_one_bad_row_rejects_the_whole_file(stream: Stream, drop: Callable[..., Path]) -> None:
    drop("a.csv", csv_text([row(), row(phone="89057896050"), row()]))

    take_all_files()

    record = IncomingFile.objects.get()
    assert (record.outcome, record.rows, record.bad_rows) == (FileOutcome.REJECTED, 3, 1)
    assert not Application.objects.exists()
    assert not JudgementBatch.objects.exists()
    names = sorted(entry.name for entry in stream.error_folder.iterdir())
    assert names == ["a.csv", "a.csv.errors.csv"]
