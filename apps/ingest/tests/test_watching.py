"""What people and machines see of incoming files."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from prometheus_client import CollectorRegistry, generate_latest
from pytest_django import DjangoAssertNumQueries, Settings

from apps.ingest.folder import polling
from apps.ingest.folder.progress import find_progress, publish
from apps.ingest.metrics import IncomingFileCollector
from apps.ingest.models import IncomingFile
from apps.ingest.selectors import overdue_streams
from apps.ingest.streams import Stream
from apps.ingest.types import Progress
from common.clock import now
from testing.factories.ingest import csv_text, put_file, row, rows
from testing.incoming import take_all_files

pytestmark = pytest.mark.django_db
LIST = "admin:ingest_incomingfile_changelist"
FILE = "admin:ingest_incomingfile_change"


def test_progress_is_published_while_a_file_is_imported_and_gone_after(
    stream: Stream, drop: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Progress | None] = []

    def look(progress: Progress) -> None:
        publish(progress)
        seen.append(find_progress("MOBILE_LOANS"))

    monkeypatch.setattr(polling, "publish", look)
    drop("a.csv", csv_text(rows(3)))

    take_all_files()

    first, last = seen[0], seen[-1]
    assert first is not None
    assert last is not None
    assert (first.name, first.rows, last.rows_stored) == ("a.csv", 3, 3)
    assert find_progress("MOBILE_LOANS") is None


def test_the_list_shows_running_imports(stream: Stream, admin_client: Client) -> None:
    publish(Progress("MOBILE_LOANS", "big.csv", 1000, 500, 12345))

    page = admin_client.get(reverse(LIST)).content.decode()

    assert "big.csv" in page
    assert "12345" in page
    assert "50" in page


def test_a_file_is_shown_with_its_errors(
    stream: Stream, drop: Callable[..., Path], admin_client: Client
) -> None:
    drop("a.csv", csv_text([row(phone="8913")]))
    (record,) = take_all_files()

    page = admin_client.get(reverse(FILE, args=[record.id])).content.decode()

    assert "8913" in page
    assert "Номер телефона" in page


def test_a_screen_masks_what_belongs_to_a_person(
    stream: Stream, drop: Callable[..., Path], admin_client: Client
) -> None:
    wrong = row(phone="89131234567", last_name="СЕКРЕТОВ" * 40, sex="79137654321", term="x79x")
    drop("a.csv", csv_text([wrong]))
    (record,) = take_all_files()

    page = admin_client.get(reverse(FILE, args=[record.id])).content.decode()

    assert not any(text in page for text in ("9131234567", "СЕКРЕТОВ", "9137654321"))
    assert all(text in page for text in ("8********67", "7********21", "x79x"))
    report = (stream.error_folder / "a.csv.errors.csv").read_text(encoding="utf-8-sig")
    assert "89131234567" in report


def test_files_are_listed_with_as_many_queries_for_many_as_for_few(
    stream: Stream,
    drop: Callable[..., Path],
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(8):
        drop(f"{number}.csv", csv_text(rows(1)))
    take_all_files()
    admin_client.get(reverse("admin:index"))  # the first page notes in the session when it began

    with django_assert_max_num_queries(14):
        page = admin_client.get(reverse(LIST), {"q": ".csv"}).content.decode()

    assert "7.csv" in page


def test_a_stream_without_a_file_for_too_long_is_reported_once(
    configured: Callable[..., Stream], caplog: pytest.LogCaptureFixture, cold_cache: None
) -> None:
    stream = configured(**{"expected-every": "1h"})
    put_file(stream.folder, "a.csv", csv_text(rows(1)))
    take_all_files()
    assert overdue_streams(now()) == []
    IncomingFile.objects.update(finished_at=now() - timedelta(hours=2))

    take_all_files()
    take_all_files()

    assert [overdue.name for overdue in overdue_streams(now())] == ["MOBILE_LOANS"]
    assert [record.levelname for record in caplog.records].count("WARNING") == 1


def test_an_overdue_stream_is_shown_in_the_back_office(
    configured: Callable[..., Stream], admin_client: Client
) -> None:
    configured(**{"expected-every": "1h"})

    assert "MOBILE_LOANS" in admin_client.get(reverse(LIST)).content.decode()


def test_logs_hold_no_personal_data(
    drop: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    drop("a.csv", csv_text([row(phone="89131234567", last_name="СЕКРЕТОВ")]))
    drop("b.csv", csv_text([row(phone="79131234567", last_name="СЕКРЕТОВ")]))

    take_all_files()

    assert caplog.text
    assert not any(text in caplog.text for text in ("9131234567", "СЕКРЕТОВ"))


def test_counts_and_ages_are_metrics(stream: Stream, drop: Callable[..., Path]) -> None:
    drop("a.csv", csv_text(rows(3)))
    drop("b.csv", csv_text([row(phone="8")]))
    take_all_files()
    drop("c.csv", csv_text(rows(1)), age_seconds=90)
    registry = CollectorRegistry()
    registry.register(IncomingFileCollector())

    text = generate_latest(registry).decode()

    assert 'tm_incoming_files_total{outcome="IMPORTED",stream="MOBILE_LOANS"} 1.0' in text
    assert 'tm_incoming_rows_total{stream="MOBILE_LOANS"} 4.0' in text
    assert 'tm_incoming_bad_rows_total{stream="MOBILE_LOANS"} 1.0' in text
    assert 'tm_incoming_waiting_files{stream="MOBILE_LOANS"} 1.0' in text
    assert 'tm_incoming_last_file_age_seconds{stream="MOBILE_LOANS"}' in text


def test_an_overdue_stream_is_a_metric(configured: Callable[..., Stream]) -> None:
    configured(**{"expected-every": "1h"})
    registry = CollectorRegistry()
    registry.register(IncomingFileCollector())

    text = generate_latest(registry).decode()

    assert 'tm_incoming_overdue{stream="MOBILE_LOANS"} 1.0' in text


def test_streams_described_wrongly_are_reported_once_and_files_are_still_counted(
    drop: Callable[..., Path],
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    cold_cache: None,
) -> None:
    drop("a.csv", csv_text(rows(1)))
    take_all_files()
    (settings.CONFIG_DIR / "streams.yaml").write_text("events: 1")

    assert take_all_files() == take_all_files() == []

    registry = CollectorRegistry()
    registry.register(IncomingFileCollector())
    assert [record.levelname for record in caplog.records].count("WARNING") == 1
    assert "streams.yaml: events: 1, ожидалось: набор пар «ключ: значение»" in caplog.text
    assert "tm_incoming_files_total" in generate_latest(registry).decode()


def test_a_folder_that_cannot_be_made_is_reported_once_and_holds_up_no_other(
    configured: Callable[..., Stream],
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    cold_cache: None,
) -> None:
    configured(folder="file/inside")
    settings.CSV_BASE_FOLDER.mkdir()
    (settings.CSV_BASE_FOLDER / "file").write_text("")

    assert take_all_files() == take_all_files() == []

    assert [record.levelname for record in caplog.records].count("WARNING") == 1


def test_what_nobody_foresaw_rejects_the_file_and_quotes_no_row(
    stream: Stream,
    drop: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    phone = "79131234567"

    def failing(*_arguments: object) -> None:
        raise ValueError(f"Failing row contains ({phone})")

    drop("a.csv", csv_text(rows(1)))
    monkeypatch.setattr("apps.ingest.importing.snapshots", failing)

    (record,) = take_all_files()

    assert "ValueError" in record.reason
    assert "ValueError" in caplog.text
    assert "(79131234567)" not in record.reason + caplog.text
    assert (stream.error_folder / "a.csv").exists()
