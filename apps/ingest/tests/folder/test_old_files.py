"""How long source files lie in the folders of results, and who may read them."""

import os
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.ingest.folder import old_files
from apps.ingest.models import IncomingFile
from apps.ingest.services import delete_old_files
from apps.ingest.streams import Stream
from common.clock import now
from testing.factories.ingest import csv_text, row
from testing.incoming import take_all_files

pytestmark = pytest.mark.django_db

Drop = Callable[..., Path]


@pytest.fixture(autouse=True)
def kept(settings: Settings) -> None:
    settings.CSV_KEEP_DAYS = 90


def names(stream: Stream) -> list[str]:
    folders = (stream.folder, stream.success_folder, stream.error_folder)
    return sorted(path.name for folder in folders for path in folder.iterdir() if path.is_file())


def take(drop: Drop) -> None:
    drop("good.csv", csv_text([row()]))
    drop("bad.csv", csv_text([row(phone="8")]))
    take_all_files()


def test_files_and_reports_are_deleted_when_they_are_old_and_their_records_stay(
    stream: Stream, drop: Drop
) -> None:
    take(drop)
    stranger = stream.success_folder / "not-ours.csv"
    stranger.touch()
    assert names(stream) == ["bad.csv", "bad.csv.errors.csv", "good.csv", "not-ours.csv"]

    assert delete_old_files(now() + timedelta(days=89)) == 0
    assert delete_old_files(now() + timedelta(days=91)) == 2

    assert names(stream) == ["not-ours.csv"]
    assert [record.moved_to for record in IncomingFile.objects.all()] == ["", ""]
    assert delete_old_files(now() + timedelta(days=91)) == 0


def test_without_the_setting_nothing_is_deleted(
    stream: Stream, drop: Drop, settings: Settings
) -> None:
    settings.CSV_KEEP_DAYS = 0
    take(drop)

    assert delete_old_files(now() + timedelta(days=10_000)) == 0
    assert names(stream) == ["bad.csv", "bad.csv.errors.csv", "good.csv"]


def test_a_file_outside_the_folders_of_the_streams_is_left_alone(
    stream: Stream, drop: Drop, tmp_path: Path
) -> None:
    take(drop)
    outside = tmp_path / "outside.csv"
    outside.touch()
    IncomingFile.objects.filter(name="good.csv").update(moved_to=str(outside))

    assert delete_old_files(now() + timedelta(days=91)) == 1

    assert outside.exists()


def test_a_file_that_cannot_be_deleted_holds_up_no_other(
    stream: Stream, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_files, "FILES_AT_ONCE", 1)
    take(drop)
    stuck = stream.success_folder / "good.csv"
    stuck.unlink()
    stuck.mkdir()  # a folder cannot be unlinked

    assert delete_old_files(now() + timedelta(days=91)) == 1

    assert IncomingFile.objects.get(name="good.csv").moved_to == str(stuck)
    assert IncomingFile.objects.get(name="bad.csv").moved_to == ""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_enters_the_folders_of_results_until_somebody_opens_them(
    stream: Stream, drop: Drop
) -> None:
    before = os.umask(0)
    try:
        take(drop)
        report = stream.error_folder / "bad.csv.errors.csv"
        assert mode(stream.success_folder) == mode(stream.error_folder) == 0o700
        assert mode(report) == 0o600

        stream.error_folder.chmod(0o750)  # for a group that reads reports
        drop("worse.csv", csv_text([row(phone="9")]))
        take_all_files()
    finally:
        os.umask(before)

    assert mode(stream.error_folder) == 0o750
    assert mode(stream.error_folder / "worse.csv.errors.csv") == 0o640
