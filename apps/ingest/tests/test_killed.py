"""A poller that is killed at any step: no row is lost, none doubled, no file lost."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.filters.models import Application, JudgementBatch
from apps.ingest.models import IncomingFile
from apps.ingest.streams import Stream
from apps.ingest.tests.killing import all_files, kill_a_poller_at
from testing.factories.ingest import csv_text, row, rows
from testing.incoming import take_all_files

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = [
    ("apps.ingest.importing:IncomingFile.save", "after"),
    ("apps.filters.application_import._copy", "after"),
    ("apps.filters.application_import._make_batches", "after"),
    ("apps.ingest.importing._complete", "after"),
    ("apps.ingest.folder.polling.import_file", "after"),
    ("apps.ingest.folder.moving._place_report", "before"),
    ("apps.ingest.folder.moving:os.link", "after"),
    ("apps.ingest.folder.moving._place_report", "after"),
    ("apps.ingest.folder.moving._moved", "after"),
    ("apps.ingest.folder.polling.move_out", "after"),
]
BEFORE_THE_COMMIT = 4  # of these steps: nothing of the file is stored then


@pytest.mark.parametrize(
    "number", [at for at, (place, _when) in enumerate(STEPS) if "report" not in place]
)
def test_a_good_file_is_imported_once(
    stream: Stream, drop: Callable[..., Path], settings: Settings, number: int
) -> None:
    drop("a.csv", csv_text(rows(5)))

    kill_a_poller_at(STEPS[number], settings.CONFIG_DIR, settings.CSV_BASE_FOLDER)

    is_committed = number >= BEFORE_THE_COMMIT
    assert Application.objects.count() == (5 if is_committed else 0)
    assert IncomingFile.objects.count() == JudgementBatch.objects.count() == int(is_committed)
    take_all_files()
    assert Application.objects.count() == 5
    assert JudgementBatch.objects.count() == 1
    assert IncomingFile.objects.filter(moved_at__isnull=False).count() == 1
    assert IncomingFile.objects.count() == 1
    assert all_files(stream.folder) == ["success/a.csv"]


@pytest.mark.parametrize("step", STEPS[BEFORE_THE_COMMIT:], ids="-".join)
def test_a_bad_file_is_rejected_once_with_its_report(
    stream: Stream, drop: Callable[..., Path], settings: Settings, step: tuple[str, str]
) -> None:
    drop("a.csv", csv_text([row(phone="8")]))

    kill_a_poller_at(step, settings.CONFIG_DIR, settings.CSV_BASE_FOLDER)
    take_all_files()

    assert IncomingFile.objects.filter(moved_at__isnull=False).count() == 1
    assert IncomingFile.objects.count() == 1
    assert all_files(stream.folder) == ["error/a.csv", "error/a.csv.errors.csv"]
