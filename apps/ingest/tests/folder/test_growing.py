"""A file that somebody still writes to: no verdict on half of it, and growth is reported."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from prometheus_client import CollectorRegistry, generate_latest

from apps.filters.models import Application
from apps.ingest.folder.moving import move_out
from apps.ingest.metrics import IncomingFileCollector
from apps.ingest.models import IncomingFile
from apps.ingest.reading.row_validation import good_rows
from apps.ingest.streams import Stream
from testing.factories.ingest import csv_text, rows
from testing.incoming import take_all_files

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
WHOLE = csv_text(rows(3))
HALF = WHOLE[:-20]  # the last row is cut off


@pytest.mark.parametrize("half", [HALF, "", WHOLE[:10]], ids=["a row", "everything", "the header"])
def test_half_of_a_file_leaves_no_verdict(
    stream: Stream, drop: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, half: str
) -> None:
    path = drop("a.csv", half)

    def half_read(_file: object, *arguments: Any) -> Iterator[pl.DataFrame]:
        """The reader is ahead of the writer."""
        path.write_text(WHOLE)
        yield from good_rows(BytesIO(half.encode()), *arguments)

    with monkeypatch.context() as patch:
        patch.setattr("apps.ingest.importing.good_rows", half_read)
        assert take_all_files() == []

    assert path.read_text() == WHOLE
    assert not IncomingFile.objects.exists()
    assert not list(stream.error_folder.iterdir())


def test_a_file_that_grew_after_it_was_taken_is_reported(
    stream: Stream,
    drop: Callable[..., Path],
    admin_client: Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with drop("a.csv", WHOLE).open("a") as writer:
        take_all_files()
        writer.write(csv_text(rows(1), header="none"))
    cache.clear()

    take_all_files()
    take_all_files()

    record = IncomingFile.objects.get()
    size = (stream.success_folder / "a.csv").stat().st_size
    assert (record.grown_to, record.size) == (size, len(WHOLE.encode()))
    assert caplog.text.count(f"grew from {record.size} to {size} bytes") == 1
    registry = CollectorRegistry()
    registry.register(IncomingFileCollector())
    metric = 'tm_incoming_grown_files_total{outcome="IMPORTED",stream="MOBILE_LOANS"} 1.0'
    assert metric in generate_latest(registry).decode()
    assert admin_client.get(reverse("admin:ingest_incomingfile_changelist")).status_code == 200
    assert Application.objects.count() == 3


def test_a_file_that_grew_before_it_was_moved_is_reported_and_imported_again(
    stream: Stream, drop: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop("a.csv", WHOLE)
    more = WHOLE + csv_text(rows(1), header="none")

    def grown_meanwhile(record: IncomingFile, *arguments: Any) -> None:
        drop("a.csv", more)
        move_out(record, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr("apps.ingest.folder.polling.move_out", grown_meanwhile)
        take_all_files()
    assert path.exists()
    assert IncomingFile.objects.get().grown_to == len(more.encode())

    take_all_files()

    assert Application.objects.count() == 4
    assert (stream.success_folder / "a.csv").read_text() == more


def test_a_file_that_did_not_grow_is_not_reported(drop: Callable[..., Path]) -> None:
    drop("a.csv", WHOLE)
    take_all_files()
    cache.clear()

    take_all_files()

    assert IncomingFile.objects.get().grown_to is None
