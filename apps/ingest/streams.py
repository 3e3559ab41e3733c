"""Reads the data streams from ``config/streams.yaml`` [source figure 22]."""

import re
import zlib
from dataclasses import dataclass
from datetime import timedelta
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal

from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import BeforeValidator, Field, model_validator

from apps.ingest.reading.csv_reader import Dialect
from common.configuration import ConfigError, Configured, Place, expecting, read, read_yaml, wrong

FILE_NAME = "streams.yaml"
BASE_FOLDER_KEY = "csv-events-base-folder"
NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
NO_DELIMITERS = set('"\r\n\0')
PERIOD = re.compile(r"([0-9]{1,4})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Stream:
    """A data stream: a folder that files arrive in, and how they are to be read."""

    name: str
    folder: Path
    success_folder: Path
    error_folder: Path
    dialect: Dialect
    has_header: bool = True
    settle_seconds: float = 2.0  # a file that changed since may still be being written
    skips_bad_rows: bool = False
    expected_every: timedelta | None = None  # None: nobody is warned when no file comes

    @property
    def lock_key(self) -> int:
        """The key of the stream's lock: a number that is the same in every process."""
        return zlib.crc32(self.name.encode()) & 0x7FFFFFFF


def _is_folder_name(name: str) -> bool:
    return bool(name) and "/" not in name and name not in {".", ".."}


def _is_delimiter(sign: str) -> bool:
    return len(sign) == 1 and sign.isascii() and sign not in NO_DELIMITERS


def _period(value: Any) -> timedelta | None:
    """``30m``, ``12h`` or ``1d``; None where nothing is said."""
    if value is None:
        return None
    match = PERIOD.fullmatch(str(value))
    if not match or not int(match[1]):
        raise wrong(_("a period such as 30m, 12h or 1d"))
    return timedelta(**{UNITS[match[2]]: int(match[1])})


FolderName = Annotated[
    str, expecting(lambda: _("the name of a folder inside each stream's own"), _is_folder_name)
]


class _Stream(Configured):
    name: Annotated[
        str, expecting(lambda: _("capital letters, digits and _, at most 64"), NAME.fullmatch)
    ]
    folder: str
    topic: str = ""  # the source's files name their Kafka topic; there is none here
    delimiter: Annotated[
        str,
        expecting(lambda: _("one ASCII character that is no quote or line end"), _is_delimiter),
    ] = ";"
    # line ends and quotes are single bytes in all of these
    encoding: Literal["utf-8", "windows-1251", "koi8-r", "cp866"] = "utf-8"
    header: bool = True
    settle_seconds: Annotated[
        float,
        expecting(
            lambda: _("a number of seconds, 0 or more"),
            lambda seconds: isfinite(seconds) and seconds >= 0,
        ),
    ] = 2.0
    on_bad_row: Literal["reject-file", "skip-row"] = "reject-file"
    expected_every: Annotated[timedelta | None, BeforeValidator(_period)] = None


class _Events(Configured):
    success_folder_name: FolderName = "success"
    error_folder_name: FolderName = "error"
    data_streams: Annotated[list[_Stream], Field(min_length=1)]

    @model_validator(mode="after")
    def _folders_differ(self) -> "_Events":
        if self.success_folder_name == self.error_folder_name:
            expected = _("another name than success-folder-name")
            raise wrong(expected, self.error_folder_name, at=("error-folder-name",))
        return self


class _File(Configured):
    csv_events_base_folder: str = ""
    events: _Events


def config_path() -> Path:
    """Where the streams are configured."""
    return Path(settings.CONFIG_DIR) / FILE_NAME


def read_streams() -> tuple[Stream, ...]:
    """The streams as they are configured now. Raises ConfigError."""
    path = config_path()
    return streams_of(read_yaml(path), path.name)


def get_stream(name: str) -> Stream:
    """The stream of that name. Raises ConfigError, also when there is none."""
    streams = read_streams()
    for stream in streams:
        if stream.name == name:
            return stream
    words = {
        "file": FILE_NAME,
        "name": repr(name),
        "known": ", ".join(stream.name for stream in streams),
    }
    raise ConfigError(_("%(file)s: no stream %(name)s, there are: %(known)s") % words)


def streams_of(content: Any, file: str) -> tuple[Stream, ...]:
    """The streams that the content of ``file`` describes. Raises ConfigError, which names the
    key."""
    described = read(_File, content, Place(file))
    base = Path(described.csv_events_base_folder or settings.CSV_BASE_FOLDER)
    events = described.events
    streams = tuple(_stream(one, events, base) for one in events.data_streams)
    place = Place(file, ("events", "data-streams"))
    _refuse_repeated("name", [stream.name for stream in streams], place)
    _refuse_repeated("folder", [str(stream.folder) for stream in streams], place)
    return streams


def _stream(described: _Stream, events: _Events, base: Path) -> Stream:
    folder = base / described.folder.replace(f"${{{BASE_FOLDER_KEY}}}", str(base))
    return Stream(
        name=described.name,
        folder=folder,
        success_folder=folder / events.success_folder_name,
        error_folder=folder / events.error_folder_name,
        dialect=Dialect(described.delimiter, described.encoding),
        has_header=described.header,
        settle_seconds=described.settle_seconds,
        skips_bad_rows=described.on_bad_row == "skip-row",
        expected_every=described.expected_every,
    )


def _refuse_repeated(key: str, values: list[str], place: Place) -> None:
    seen: set[str] = set()
    for number, value in enumerate(values):
        if value in seen:
            expected = _("a %(key)s that no other stream has") % {"key": key}
            raise place.at(number, key).wrong(value, expected)
        seen.add(value)
