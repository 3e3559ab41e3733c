"""Reads the data streams from ``config/streams.yaml`` [source figure 22].

A mistake in the description of one stream leaves out that stream alone. ``known_streams`` tells
which streams work now, also while the file cannot be read.
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal

from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import BeforeValidator, Field, model_validator

from apps.ingest.reading.csv_reader import Dialect
from common.configuration import (
    ConfigError,
    Configured,
    Place,
    expecting,
    read,
    read_yaml,
    wrong,
)

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
    data_streams: Annotated[list[Any], Field(min_length=1)]  # each is read on its own

    @model_validator(mode="after")
    def _folders_differ(self) -> "_Events":
        if self.success_folder_name == self.error_folder_name:
            expected = _("another name than success-folder-name")
            raise wrong(expected, self.error_folder_name, at=("error-folder-name",))
        return self


class _File(Configured):
    csv_events_base_folder: str = ""
    events: _Events


@dataclass(slots=True)
class Described:
    """What a file says of the streams: those that are described rightly, and the mistakes."""

    streams: tuple[Stream, ...] = ()
    # the wrong descriptions, each named by its file and stream, or file and place:
    # {"streams.yaml: MOBILE_LOANS": ConfigError}
    mistakes: dict[str, ConfigError] = field(default_factory=dict)
    # for each stream the content of a file that describes it alone, as JSON can hold it:
    # {"MOBILE_LOANS": {"events": {"data-streams": [{"name": "MOBILE_LOANS", "folder": "mobile"}]}}}
    contents: dict[str, Mapping[str, Any]] = field(default_factory=dict)


def config_path() -> Path:
    """Where the streams are configured."""
    return Path(settings.CONFIG_DIR) / FILE_NAME


def described_streams() -> Described:
    """What the file says now. Raises ConfigError when it cannot be read as a whole."""
    path = config_path()
    return describe(read_yaml(path), path.name)


def describe(content: Any, file: str) -> Described:
    """The streams that the content of ``file`` describes, and the mistakes in the others.

    Raises ConfigError when something around the streams is wrong.
    """
    frame = read(_File, content, Place(file))
    described = Described()
    for number, item in enumerate(frame.events.data_streams):
        place = Place(file, ("events", "data-streams", number))
        try:
            stream = _stream(read(_Stream, item, place), frame)
            _refuse_repeated(stream, described.streams, place)
        except ConfigError as error:
            described.mistakes[_key(item, described, file, number)] = error
        else:
            described.streams += (stream,)
            events = {**content["events"], "data-streams": [item]}
            described.contents[stream.name] = {**content, "events": events}
    return described


def _stream(described: _Stream, frame: _File) -> Stream:
    base = Path(frame.csv_events_base_folder or settings.CSV_BASE_FOLDER)
    folder = base / described.folder.replace(f"${{{BASE_FOLDER_KEY}}}", str(base))
    return Stream(
        name=described.name,
        folder=folder,
        success_folder=folder / frame.events.success_folder_name,
        error_folder=folder / frame.events.error_folder_name,
        dialect=Dialect(described.delimiter, described.encoding),
        has_header=described.header,
        settle_seconds=described.settle_seconds,
        skips_bad_rows=described.on_bad_row == "skip-row",
        expected_every=described.expected_every,
    )


def _refuse_repeated(stream: Stream, earlier: tuple[Stream, ...], place: Place) -> None:
    for key in ("name", "folder"):
        value = getattr(stream, key)
        if value in (getattr(other, key) for other in earlier):
            expected = _("a %(key)s that no other stream has") % {"key": key}
            raise place.at(key).wrong(str(value), expected)


def _key(item: Any, described: Described, file: str, number: int) -> str:
    """How a wrong description is named: by its stream, where it is the only one of that name."""
    name = item.get("name") if isinstance(item, Mapping) else None
    by_name = f"{file}: {name}"
    is_name = isinstance(name, str) and NAME.fullmatch(name) and name not in described.contents
    return by_name if is_name and by_name not in described.mistakes else f"{file}: [{number}]"
