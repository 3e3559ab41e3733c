"""The streams: ``config/streams.yaml``, laid out as figure 22 of the source."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from apps.ingest.reading.csv_reader import Dialect
from apps.ingest.settings_reader import Section
from apps.ingest.types import StreamsConfigError

FILE_NAME = "streams.yaml"
REJECT_FILE, SKIP_ROW = "reject-file", "skip-row"
ENCODINGS = ("utf-8", "windows-1251", "koi8-r", "cp866")  # line ends and quotes are single bytes
BASE_FOLDER_KEY = "csv-events-base-folder"
NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
NO_DELIMITERS = set('"\r\n\0')


@dataclass(frozen=True, slots=True)
class Stream:
    """A folder that files arrive in, and how they are to be read."""

    name: str
    folder: Path
    success_folder: Path
    error_folder: Path
    dialect: Dialect
    has_header: bool = True
    settle_seconds: float = 2.0
    skips_bad_rows: bool = False
    expected_every: timedelta | None = None

    @property
    def lock_key(self) -> int:
        """A number of the stream's own, the same in every process: the key of its lock."""
        return zlib.crc32(self.name.encode()) & 0x7FFFFFFF


def config_path() -> Path:
    """Where the streams are configured."""
    return Path(settings.CONFIG_DIR) / FILE_NAME


def read_streams() -> tuple[Stream, ...]:
    """The streams as they are configured now. Raises StreamsConfigError."""
    path = config_path()
    try:
        mapping = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise StreamsConfigError(f"{path}: {error}") from error
    return streams_of(mapping, str(path))


def get_stream(name: str) -> Stream:
    """The stream of that name. Raises StreamsConfigError."""
    streams = read_streams()
    for stream in streams:
        if stream.name == name:
            return stream
    known = ", ".join(stream.name for stream in streams)
    raise StreamsConfigError(f"{config_path()}: no stream {name!r}, there are: {known}")


def streams_of(mapping: Any, file: str) -> tuple[Stream, ...]:
    """The streams that the mapping describes. Raises StreamsConfigError, names the key."""
    top = Section(mapping, file)
    default = str(settings.CSV_BASE_FOLDER)
    base = Path(top.text(BASE_FOLDER_KEY, default) or default)
    events = top.section("events")
    top.end()
    success = _folder_name(events, "success-folder-name", "success")
    error = _folder_name(events, "error-folder-name", "error")
    if success == error:
        raise events.wrong("error-folder-name", "another name than success-folder-name")
    streams = tuple(
        _stream(section, base, (success, error)) for section in events.sections("data-streams")
    )
    events.end()
    _refuse_twins(streams, events)
    return streams


def _folder_name(section: Section, key: str, default: str) -> str:
    name = section.text(key, default)
    if not name or "/" in name or name in {".", ".."}:
        raise section.wrong(key, "the name of a folder inside each stream's own")
    return name


def _stream(section: Section, base: Path, results: tuple[str, str]) -> Stream:
    name = section.text("name")
    if not NAME.fullmatch(name):
        raise section.wrong("name", "capital letters, digits and _, at most 64")
    folder = base / section.text("folder").replace(f"${{{BASE_FOLDER_KEY}}}", str(base))
    section.text("topic", "")  # the source's files name their Kafka topic; there is none here
    stream = Stream(
        name=name,
        folder=folder,
        success_folder=folder / results[0],
        error_folder=folder / results[1],
        dialect=Dialect(_delimiter(section), section.one_of("encoding", ENCODINGS)),
        has_header=section.flag("header", default=True),
        settle_seconds=section.number("settle-seconds", 2.0),
        skips_bad_rows=section.one_of("on-bad-row", (REJECT_FILE, SKIP_ROW)) == SKIP_ROW,
        expected_every=section.period("expected-every"),
    )
    section.end()
    return stream


def _delimiter(section: Section) -> str:
    delimiter = section.text("delimiter", ";")
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in NO_DELIMITERS:
        raise section.wrong("delimiter", "one ASCII character that is no quote or line end")
    return delimiter


def _refuse_twins(streams: tuple[Stream, ...], section: Section) -> None:
    by_key: Mapping[str, list[Any]] = {
        "name": [stream.name for stream in streams],
        "folder": [stream.folder for stream in streams],
    }
    for key, values in by_key.items():
        for value in values:
            if values.count(value) > 1:
                raise section.wrong("data-streams", f"a {key} of its own for each, {value} repeats")
