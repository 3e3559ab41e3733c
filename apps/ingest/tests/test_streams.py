"""The configuration of streams: what is wrong is named by file, key and expectation."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from apps.ingest.streams import Stream, describe, described_streams
from common.configuration import ConfigError

FIGURE_22 = """
csv-events-base-folder: "/u/var/tml-events-generator/csv/"
events:
  success-folder-name: "success"
  error-folder-name: "error"
  data-streams:
    - name: MOBILE_LOANS
      folder: ${csv-events-base-folder}/mobile_loans
      topic: "tml-incoming-events"
    - name: POS_REJECT
      folder: ${csv-events-base-folder}/pos_reject
      topic: "tml-incoming-events"
"""


def streams_of(content: Any, file: str) -> tuple[Stream, ...]:
    """The streams of a file without a mistake; the first mistake is raised."""
    found = describe(content, file)
    for mistake in found.mistakes.values():
        raise mistake
    return found.streams


def described(**keys: Any) -> dict[str, Any]:
    stream = {"name": "X", "folder": "x", **keys}
    return {"events": {"data-streams": [stream]}}


def test_the_sources_own_example_loads() -> None:
    streams = streams_of(yaml.safe_load(FIGURE_22), "file")

    assert [(stream.name, str(stream.folder), stream.error_folder.name) for stream in streams] == [
        ("MOBILE_LOANS", "/u/var/tml-events-generator/csv/mobile_loans", "error"),
        ("POS_REJECT", "/u/var/tml-events-generator/csv/pos_reject", "error"),
    ]


def test_the_shipped_streams_are_those_of_the_source(settings: Settings) -> None:
    settings.CSV_BASE_FOLDER = Path("/base")

    assert [(stream.name, str(stream.folder)) for stream in described_streams().streams] == [
        ("MOBILE_LOANS", "/base/mobile_loans"),
        ("POS_REJECT", "/base/pos_reject"),
    ]


def test_every_setting_is_read() -> None:
    mapping = described(**{
        "delimiter": ",", "encoding": "windows-1251", "header": False, "settle-seconds": 5,
        "on-bad-row": "skip-row", "expected-every": "12h",
    })  # fmt: skip

    (stream,) = streams_of(mapping, "file")

    assert (stream.dialect.delimiter, stream.dialect.encoding) == (",", "windows-1251")
    assert (stream.has_header, stream.settle_seconds, stream.skips_bad_rows) == (False, 5.0, True)
    assert stream.expected_every == timedelta(hours=12)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"name": "lower"}, "name"),
        ({"name": 7}, "name"),
        ({"delimiter": ";;"}, "delimiter"),
        ({"delimiter": '"'}, "delimiter"),
        ({"encoding": "utf-16"}, "encoding"),
        ({"header": "yes"}, "header"),
        ({"settle-seconds": -1}, "settle-seconds"),
        ({"on-bad-row": "ignore"}, "on-bad-row"),
        ({"expected-every": "often"}, "expected-every"),
        ({"heder": True}, "heder"),
    ],
)
def test_a_wrong_key_is_named_with_its_place(keys: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as error:
        streams_of(described(**keys), "streams.yaml")

    assert str(error.value).startswith("streams.yaml: events.data-streams[0]")
    assert told in str(error.value)


@pytest.mark.parametrize(
    "mapping",
    [None, [], {}, {"events": {}}, {"events": {"data-streams": []}}, {"events": []},
     {**described(), "evnts": 1},
     {"events": {"data-streams": [{"name": "X", "folder": "x"}, {"name": "X", "folder": "y"}]}},
     {"events": {"data-streams": [{"name": "X", "folder": "x"}, {"name": "Y", "folder": "x"}]}},
     {"events": {**described()["events"], "error-folder-name": "../x"}},
     {"events": {**described()["events"], "error-folder-name": "success"}}],
)  # fmt: skip
def test_a_file_that_is_no_description_of_streams_is_refused(mapping: object) -> None:
    with pytest.raises(ConfigError):
        streams_of(mapping, "streams.yaml")


@pytest.mark.django_db
def test_the_start_is_stopped_by_a_wrong_file(
    configured: Callable[..., Stream], settings: Settings
) -> None:
    configured()
    (settings.CONFIG_DIR / "streams.yaml").write_text("events: [", encoding="utf-8")

    with pytest.raises(SystemCheckError, match=r"streams\.yaml"):
        call_command("check", stdout=StringIO(), stderr=StringIO())
