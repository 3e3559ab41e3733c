"""The folder: what is taken, in which order, and where it goes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db import connection
from pytest_django import Settings

from apps.filters.models import Application
from apps.ingest.models import FileOutcome, IncomingFile
from apps.ingest.reading.row_validation import good_rows
from apps.ingest.streams import Stream
from testing.factories.ingest import csv_text, put_file, row, rows
from testing.incoming import take_all_files

pytestmark = pytest.mark.django_db
ROOT, NOBODY = 0, 65_534


@pytest.fixture
def unprivileged() -> Callable[[Path], AbstractContextManager[None]]:
    """A context in which nobody may read the file, not even the superuser."""

    @contextmanager
    def without_right(path: Path) -> Iterator[None]:
        path.chmod(0)
        if os.geteuid() != ROOT:
            yield
            return
        original = os.open

        def as_nobody(*arguments: Any, **keywords: Any) -> int:
            os.seteuid(NOBODY)
            try:
                return original(*arguments, **keywords)
            finally:
                os.seteuid(ROOT)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("apps.ingest.folder.opened_file.os.open", as_nobody)
            yield

    return without_right


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_files_are_imported_oldest_first_then_by_name(drop: Callable[..., Path]) -> None:
    drop("b.csv", csv_text(rows(1)), age_seconds=10)
    drop("c.csv", csv_text(rows(1)), age_seconds=30)
    drop("a.csv", csv_text(rows(1)), age_seconds=10)
    os.utime(drop("b.csv", csv_text(rows(1))), (1, 1))
    os.utime(drop("a.csv", csv_text(rows(1))), (1, 1))

    take_all_files()

    assert list(IncomingFile.objects.order_by("id").values_list("name", flat=True)) == [
        "a.csv", "b.csv", "c.csv",
    ]  # fmt: skip


def test_folders_that_are_missing_are_made(stream: Stream) -> None:
    take_all_files()

    assert stream.success_folder.is_dir()
    assert stream.error_folder.is_dir()


def test_a_file_that_changed_just_now_is_left_for_later(
    stream: Stream, drop: Callable[..., Path]
) -> None:
    path = drop("a.csv", csv_text(rows(1)), age_seconds=0.5)

    assert take_all_files() == []
    assert path.exists()


@pytest.mark.parametrize("name", ["a.csv.tmp", "a.part", ".a.csv", "~a.csv", "a.txt", "a"])
def test_other_files_are_not_touched(stream: Stream, drop: Callable[..., Path], name: str) -> None:
    path = drop(name, csv_text(rows(1)))

    assert take_all_files() == []
    assert path.exists()


def test_a_foreign_file_is_reported_once(
    stream: Stream, drop: Callable[..., Path], caplog: pytest.LogCaptureFixture, cold_cache: None
) -> None:
    drop("list.xlsx", "x")

    take_all_files()
    take_all_files()

    assert [record.levelname for record in caplog.records].count("WARNING") == 1


@pytest.mark.parametrize("name", ["A.CSV", "a b.csv", "заявки.Csv", "two\nlines.csv", "-rf.csv"])
def test_any_name_that_ends_in_csv_is_taken(
    stream: Stream, drop: Callable[..., Path], name: str
) -> None:
    drop(name, csv_text(rows(1)))

    take_all_files()

    assert names_in(stream.success_folder) == [name]


def test_a_name_that_is_no_utf_8_is_imported_once(
    stream: Stream, drop: Callable[..., Path]
) -> None:
    path = stream.folder / os.fsdecode(b"\xff.csv")
    drop("a.csv", csv_text(rows(1))).rename(path)

    take_all_files()
    take_all_files()

    assert (Application.objects.count(), path.exists()) == (1, False)


def test_a_taken_name_gets_a_timestamp_and_nothing_is_overwritten(
    stream: Stream, drop: Callable[..., Path]
) -> None:
    stream.success_folder.mkdir(parents=True)
    (stream.success_folder / "a.csv").write_text("older")
    drop("a.csv", csv_text(rows(1)))

    take_all_files()

    (other,) = {*names_in(stream.success_folder)} - {"a.csv"}
    assert other.startswith("a-2")
    assert other.endswith(".csv")
    assert (stream.success_folder / "a.csv").read_text() == "older"


def test_a_taken_report_name_is_not_overwritten(stream: Stream, drop: Callable[..., Path]) -> None:
    stream.error_folder.mkdir(parents=True)
    (stream.error_folder / "a.csv.errors.csv").write_text("older")
    drop("a.csv", "nonsense")

    take_all_files()

    assert (stream.error_folder / "a.csv.errors.csv").read_text() == "older"
    assert len(names_in(stream.error_folder)) == 3


def test_the_same_content_again_goes_to_success_without_rows(
    stream: Stream, drop: Callable[..., Path]
) -> None:
    content = csv_text(rows(2))
    drop("a.csv", content)
    take_all_files()
    drop("b.csv", content)

    (record,) = take_all_files()

    assert (record.outcome, record.rows) == (FileOutcome.REPEATED, 0)
    assert names_in(stream.success_folder) == ["a.csv", "b.csv"]
    assert Application.objects.count() == 2


def test_a_snapshot_that_is_known_is_counted_and_goes_no_further(drop: Callable[..., Path]) -> None:
    known, new = row(), row()
    drop("a.csv", csv_text([known]))
    take_all_files()
    drop("b.csv", csv_text([{**known, "phone": "79990000000"}, new, new]))

    (record,) = take_all_files()

    assert (record.rows, record.duplicates, Application.objects.count()) == (3, 2, 2)
    assert not Application.objects.filter(phone="79990000000").exists()


def test_a_later_state_of_an_application_is_a_new_snapshot(drop: Callable[..., Path]) -> None:
    first = row()
    states = [
        {"changed_time": "12:31:00"},
        {"loan_status": "repaid"},
        {"loan_changed_date": "", "loan_changed_time": ""},
    ]
    drop("a.csv", csv_text([first, *({**first, **state} for state in states)]))

    (record,) = take_all_files()

    assert (record.duplicates, Application.objects.count()) == (0, 4)


def test_a_stream_may_skip_bad_rows(configured: Callable[..., Stream]) -> None:
    stream = configured(**{"on-bad-row": "skip-row"})
    put_file(stream.folder, "a.csv", csv_text([row(), row(phone="8")]))

    (record,) = take_all_files()

    assert (record.outcome, record.rows, record.bad_rows) == (FileOutcome.IMPORTED, 2, 1)
    assert Application.objects.count() == 1
    assert names_in(stream.success_folder) == ["a.csv", "a.csv.errors.csv"]


def test_a_link_is_not_followed(stream: Stream, drop: Callable[..., Path], tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(csv_text(rows(1)))
    drop("b.csv", csv_text(rows(1)))
    (stream.folder / "a.csv").symlink_to(secret)
    os.utime(stream.folder / "a.csv", (1, 1), follow_symlinks=False)

    take_all_files()

    assert (stream.error_folder / "a.csv").is_symlink()
    assert secret.exists()
    assert IncomingFile.objects.get(name="a.csv").outcome == FileOutcome.REJECTED
    assert Application.objects.count() == 1


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_goes_to_error_with_the_reason(
    stream: Stream, drop: Callable[..., Path], make: Callable[[Path], None]
) -> None:
    drop("b.csv", csv_text(rows(1)))
    make(stream.folder / "a.csv")
    os.utime(stream.folder / "a.csv", (1, 1))

    take_all_files()

    assert names_in(stream.error_folder) == ["a.csv", "a.csv.errors.csv"]
    assert names_in(stream.success_folder) == ["b.csv"]


def test_a_file_that_may_not_be_read_goes_to_error(
    stream: Stream,
    drop: Callable[..., Path],
    unprivileged: Callable[[Path], AbstractContextManager[None]],
) -> None:
    path = drop("a.csv", csv_text(rows(1)))
    with unprivileged(path):
        take_all_files()

    assert names_in(stream.error_folder) == ["a.csv", "a.csv.errors.csv"]
    assert "прав" in IncomingFile.objects.get().reason


def test_a_file_that_cannot_be_moved_is_not_read_again(
    stream: Stream, drop: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_keywords: object) -> None:
        raise OSError(28, "No space left on device")

    path = drop("a.csv", csv_text(rows(1)))
    with monkeypatch.context() as patch:
        patch.setattr("apps.ingest.folder.moving.os.link", full)
        take_all_files()
        assert take_all_files() == []
        assert path.exists()
        assert IncomingFile.objects.get().moved_at is None

    take_all_files()

    assert names_in(stream.success_folder) == ["a.csv"]
    assert IncomingFile.objects.get().moved_at


def test_a_file_put_in_place_of_one_that_waits_to_be_moved_is_imported(
    stream: Stream, drop: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_keywords: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("apps.ingest.folder.moving.os.link", full)
        drop("a.csv", csv_text(rows(1)))
        take_all_files()
    drop("a.csv", csv_text(rows(2)))

    take_all_files()

    assert Application.objects.count() == 3


def test_a_file_that_is_still_written_to_is_taken_later(
    stream: Stream, drop: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop("a.csv", csv_text(rows(1)))

    def written_meanwhile(*arguments: Any) -> Iterator[pl.DataFrame]:
        yield from original(*arguments)
        path.write_text(csv_text(rows(2)))

    original = good_rows
    with monkeypatch.context() as patch:
        patch.setattr("apps.ingest.importing.good_rows", written_meanwhile)
        assert take_all_files() == []

    assert path.exists()
    assert not IncomingFile.objects.exists()
    assert not Application.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_poll_side_by_side_import_each_file_once(
    stream: Stream, drop: Callable[..., Path], settings: Settings
) -> None:
    for number in range(10):
        drop(f"{number}.csv", csv_text(rows(20)))

    places = [connection.settings_dict["NAME"], settings.CSV_BASE_FOLDER, settings.CONFIG_DIR]
    command = [sys.executable, "-m", "apps.ingest.tests.killed_poller", *map(str, places)]
    pollers = [
        subprocess.Popen(command, cwd=settings.BASE_DIR, stderr=subprocess.PIPE)  # noqa: S603
        for _number in range(2)
    ]
    errors = [poller.communicate(timeout=60)[1] for poller in pollers]

    assert [poller.returncode for poller in pollers] == [0, 0], errors
    assert IncomingFile.objects.filter(outcome=FileOutcome.IMPORTED).count() == 10
    assert IncomingFile.objects.count() == 10
    assert Application.objects.count() == 200
    assert len(names_in(stream.success_folder)) == 10
