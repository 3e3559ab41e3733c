"""One stream never waits for another, and a sick one stops no other."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection
from pytest_django import Settings

from apps.campaigns import services as campaigns
from apps.campaigns.models import AttentionItem
from apps.campaigns.types import AttentionKind
from apps.filters.models import Application
from apps.ingest.folder import polling
from apps.ingest.models import IncomingFile
from apps.ingest.services import poll_streams, take_files
from apps.ingest.types import Progress
from common.clock import now
from testing.factories.ingest import csv_text, put_file, rows
from testing.incoming import take_all_files
from testing.rivals import PATIENCE_SECONDS, Rivals

FOLDERS = {"MOBILE_LOANS": "mobile_loans", "POS_REJECT": "pos_reject"}


@pytest.fixture
def drop_into(settings: Settings, tmp_path: Path) -> Callable[..., Path]:
    """Puts a file of so many rows into the folder of one of two streams."""
    settings.CONFIG_DIR = tmp_path / "config"
    settings.CSV_BASE_FOLDER = tmp_path / "csv"
    settings.CONFIG_DIR.mkdir()
    streams = [{"name": name, "folder": folder} for name, folder in FOLDERS.items()]
    text = yaml.safe_dump({"events": {"data-streams": streams}})
    (settings.CONFIG_DIR / "streams.yaml").write_text(text, encoding="utf-8")

    def put(stream: str, name: str = "a.csv", count: int = 1) -> Path:
        folder = settings.CSV_BASE_FOLDER / FOLDERS[stream]
        return put_file(folder, name, csv_text(rows(count)))

    return put


class SlowImport:
    """Holds an import of MOBILE_LOANS at its first chunk until it is let go."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = threading.Event(), threading.Event()

    def watch(self, progress: Progress) -> None:
        if progress.stream == "MOBILE_LOANS":
            self.has_begun.set()
            assert self.may_end.wait(PATIENCE_SECONDS)


@pytest.fixture
def slow_import(monkeypatch: pytest.MonkeyPatch) -> SlowImport:
    slow = SlowImport()
    monkeypatch.setattr(polling, "publish", slow.watch)
    return slow


def test_files_of_one_stream_are_taken_while_another_imports_a_large_one(
    drop_into: Callable[..., Path], rivals: Rivals, slow_import: SlowImport
) -> None:
    drop_into("MOBILE_LOANS", count=50)
    large = rivals.start(lambda: take_files("MOBILE_LOANS"))
    assert slow_import.has_begun.wait(PATIENCE_SECONDS)
    drop_into("POS_REJECT")

    taken = take_all_files()

    assert [record.stream for record in taken] == ["POS_REJECT"]
    assert Application.objects.count() == 1
    slow_import.may_end.set()
    assert [record.rows for record in large.result(PATIENCE_SECONDS)] == [50]


def test_large_files_leave_a_process_to_the_small_ones(
    drop_into: Callable[..., Path],
    rivals: Rivals,
    slow_import: SlowImport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(polling, "LARGE_AT_ONCE", 1)
    monkeypatch.setattr(polling, "LARGE_BYTES", len(csv_text(rows(2))))
    drop_into("MOBILE_LOANS", count=50)
    large = rivals.start(lambda: take_files("MOBILE_LOANS"))
    assert slow_import.has_begun.wait(PATIENCE_SECONDS)
    other_large = drop_into("POS_REJECT", count=50)

    assert take_files("POS_REJECT") == []
    assert other_large.exists()
    other_large.rename(other_large.with_suffix(".part"))
    drop_into("POS_REJECT", "small.csv")
    assert [record.name for record in take_files("POS_REJECT")] == ["small.csv"]

    slow_import.may_end.set()
    large.result(PATIENCE_SECONDS)
    other_large.with_suffix(".part").rename(other_large)
    assert [record.rows for record in take_files("POS_REJECT")] == [50]


def test_a_large_file_that_waits_keeps_its_turn_in_its_stream(
    drop_into: Callable[..., Path],
    rivals: Rivals,
    slow_import: SlowImport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Files of a stream are taken in the order in which they came, so a small one that came after
    it waits too; another stream's does not.
    """
    monkeypatch.setattr(polling, "LARGE_AT_ONCE", 1)
    monkeypatch.setattr(polling, "LARGE_BYTES", len(csv_text(rows(2))))
    drop_into("MOBILE_LOANS", count=50)
    large = rivals.start(lambda: take_files("MOBILE_LOANS"))
    assert slow_import.has_begun.wait(PATIENCE_SECONDS)
    older = drop_into("POS_REJECT", "large.csv", count=50)
    os.utime(older, (1, 1))
    drop_into("POS_REJECT", "small.csv")

    assert take_files("POS_REJECT") == []

    slow_import.may_end.set()
    large.result(PATIENCE_SECONDS)
    taken = take_files("POS_REJECT")
    assert [record.name for record in taken] == ["large.csv", "small.csv"]


@pytest.mark.django_db
def test_a_poll_takes_no_file_itself(drop_into: Callable[..., Path]) -> None:
    path = drop_into("MOBILE_LOANS")

    assert poll_streams(now()) == ["MOBILE_LOANS", "POS_REJECT"]
    assert path.exists()
    assert not IncomingFile.objects.exists()


def test_a_stream_whose_files_are_being_taken_is_not_announced_again(
    drop_into: Callable[..., Path], rivals: Rivals, slow_import: SlowImport
) -> None:
    drop_into("MOBILE_LOANS")
    busy = rivals.start(lambda: take_files("MOBILE_LOANS"))
    assert slow_import.has_begun.wait(PATIENCE_SECONDS)

    assert poll_streams(now()) == ["POS_REJECT"]
    assert take_files("MOBILE_LOANS") == []
    slow_import.may_end.set()
    busy.result(PATIENCE_SECONDS)


@pytest.mark.django_db
def test_a_poll_asks_as_many_queries_for_many_waiting_files_as_for_none(
    drop_into: Callable[..., Path], django_assert_num_queries: Any
) -> None:
    poll_streams(now())
    for number in range(20):
        drop_into("MOBILE_LOANS", f"{number}.csv")

    with django_assert_num_queries(4):
        poll_streams(now())


@pytest.mark.django_db
def test_after_its_slice_a_stream_lets_others_have_the_worker(
    drop_into: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "SLICE_SECONDS", -1.0)
    for name in ("a.csv", "b.csv"):
        drop_into("MOBILE_LOANS", name)

    assert [record.name for record in take_files("MOBILE_LOANS")] == ["a.csv"]
    assert [record.name for record in take_files("MOBILE_LOANS")] == ["b.csv"]


@pytest.mark.django_db
def test_a_stream_that_fails_is_set_aside_and_the_others_go_on(
    drop_into: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(stream: Any) -> None:
        if stream.name == "MOBILE_LOANS":
            raise RuntimeError("nobody foresaw this")

    for stream in FOLDERS:
        drop_into(stream)
    with monkeypatch.context() as patch:
        patch.setattr(polling, "make_folders", failing)
        take_files("MOBILE_LOANS")
        (drop_into("POS_REJECT").parent / "success").mkdir()

        assert [record.stream for record in take_files("POS_REJECT")] == ["POS_REJECT"]

    item = AttentionItem.objects.get(kind=AttentionKind.DATA_STREAM)
    assert (item.key, item.error.split()[0]) == ("MOBILE_LOANS", "RuntimeError")
    assert poll_streams(now()) == ["POS_REJECT"]

    campaigns.release([item.pk], now())

    assert [record.stream for record in take_all_files()] == ["MOBILE_LOANS"]
    assert not AttentionItem.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_lock_of_a_stream_is_free_after_its_files_were_taken(
    drop_into: Callable[..., Path],
) -> None:
    drop_into("MOBILE_LOANS")
    take_all_files()

    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_locks WHERE locktype = 'advisory'")
        assert cursor.rowcount == 0
