"""A mistake in the description of one stream stops that stream alone, and is shown."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from prometheus_client import CollectorRegistry, generate_latest
from pytest_django import Settings

from apps.campaigns.models import AttentionItem
from apps.campaigns.types import AttentionKind
from apps.filters.models import Application
from apps.ingest.known_streams import get_stream, known_streams
from apps.ingest.metrics import IncomingFileCollector
from apps.ingest.models import DataStream
from apps.ingest.services import poll_streams
from apps.ingest.streams import FILE_NAME
from common.clock import now
from common.configuration import ConfigError
from testing.factories.ingest import csv_text, put_file, rows
from testing.incoming import take_all_files

pytestmark = pytest.mark.django_db
GOOD = {"name": "POS_REJECT", "folder": "pos_reject"}
BAD = {"name": "MOBILE_LOANS", "folder": "mobile_loans", "delimiter": ";;"}
MENDED = {**BAD, "delimiter": ";"}
UNREADABLE = "events: {data-streams: [{name: POS_REJECT, name: OTHER}]}"  # a key that stands twice


@pytest.fixture
def write(settings: Settings, tmp_path: Path) -> Callable[..., None]:
    """Writes ``streams.yaml``: the streams, or the text as it is."""
    settings.CONFIG_DIR = tmp_path / "config"
    settings.CSV_BASE_FOLDER = tmp_path / "csv"
    settings.CONFIG_DIR.mkdir()

    def written(*streams: dict[str, Any], text: str = "") -> None:
        content = text or yaml.safe_dump({"events": {"data-streams": [*streams]}})
        (settings.CONFIG_DIR / FILE_NAME).write_text(content, encoding="utf-8")

    return written


def aside() -> list[str]:
    items = AttentionItem.objects.filter(kind=AttentionKind.DATA_STREAM)
    return list(items.order_by("key").values_list("key", flat=True))


def drop_a_row(settings: Settings, folder: str, name: str = "a.csv") -> None:
    put_file(settings.CSV_BASE_FOLDER / folder, name, csv_text(rows(1)))


def test_a_mistake_in_one_stream_stops_that_stream_alone(
    write: Callable[..., None], settings: Settings
) -> None:
    write(BAD, GOOD)
    drop_a_row(settings, "mobile_loans")
    drop_a_row(settings, "pos_reject")

    take_all_files()

    assert list(Application.objects.values_list("stream", flat=True)) == ["POS_REJECT"]
    assert (settings.CSV_BASE_FOLDER / "mobile_loans" / "a.csv").exists()


def test_a_mistake_is_shown_until_it_is_mended(
    write: Callable[..., None], settings: Settings, admin_client: Client
) -> None:
    write(BAD, GOOD)

    poll_streams(now())
    poll_streams(now())

    registry = CollectorRegistry()
    registry.register(IncomingFileCollector())
    page = admin_client.get(reverse("admin:ingest_incomingfile_changelist")).content.decode()
    assert aside() == ["streams.yaml: MOBILE_LOANS"]
    assert "events.data-streams[0].delimiter" in page
    metric = 'tm_incoming_wrong_descriptions{description="streams.yaml: MOBILE_LOANS"} 1.0'
    assert metric in generate_latest(registry).decode()
    with pytest.raises(ConfigError, match=r"data-streams\[0\]\.delimiter"):
        get_stream("MOBILE_LOANS")

    write(MENDED, GOOD)

    assert poll_streams(now()) == ["MOBILE_LOANS", "POS_REJECT"]
    assert aside() == []


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"name": "lower", "folder": "x"}, "streams.yaml: [1]"),
        (7, "streams.yaml: [1]"),
        ({"name": "OTHER", "folder": "pos_reject"}, "streams.yaml: OTHER"),
        ({"name": "POS_REJECT", "folder": "x"}, "streams.yaml: [1]"),
    ],
)
def test_a_description_without_a_name_of_its_own_is_named_by_its_place(
    write: Callable[..., None], wrong: Any, key: str
) -> None:
    write(GOOD, wrong)

    assert poll_streams(now()) == ["POS_REJECT"]
    assert aside() == [key]


@pytest.mark.parametrize("text", [UNREADABLE, "events: [", "events: 1", "\tevents: {}"])
def test_while_the_file_cannot_be_read_the_last_good_descriptions_count(
    write: Callable[..., None], settings: Settings, text: str
) -> None:
    write({**GOOD, "delimiter": "|"}, MENDED)
    poll_streams(now())
    write(text=text)
    put_file(settings.CSV_BASE_FOLDER / "pos_reject", "a.csv", csv_text(rows(1)).replace(";", "|"))

    take_all_files()

    assert Application.objects.get().stream == "POS_REJECT"
    assert get_stream("POS_REJECT").dialect.delimiter == "|"
    assert aside() == ["streams.yaml"]


def test_a_stream_that_was_removed_does_not_come_back(write: Callable[..., None]) -> None:
    write(GOOD, MENDED)
    poll_streams(now())
    write(GOOD)
    poll_streams(now())
    write(text=UNREADABLE)

    assert [stream.name for stream in known_streams().streams] == ["POS_REJECT"]


def test_a_description_with_a_mistake_does_not_replace_the_good_one(
    write: Callable[..., None],
) -> None:
    write(GOOD, MENDED)
    poll_streams(now())
    write(GOOD, BAD)
    poll_streams(now())

    assert DataStream.objects.get(name="MOBILE_LOANS").description == {
        "events": {"data-streams": [MENDED]}
    }


def test_a_mistake_in_one_stream_does_not_stop_the_start(write: Callable[..., None]) -> None:
    out = StringIO()
    write(GOOD, BAD)

    call_command("check", stdout=out, stderr=out)

    assert "ingest.W001" in out.getvalue()
    assert "events.data-streams[1].delimiter" in out.getvalue()


def test_a_file_that_cannot_be_read_does_not_stop_the_start_while_descriptions_are_kept(
    write: Callable[..., None],
) -> None:
    out = StringIO()
    write(GOOD)
    poll_streams(now())
    write(text=UNREADABLE)

    call_command("check", stdout=out, stderr=out)

    assert "ingest.W001" in out.getvalue()
