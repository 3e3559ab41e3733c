"""What crosses the border of the ingest app, and what its rooms tell one another. No Django."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class FormatError:
    """A broken rule. ``line`` is the line of the file where the row begins; 0: the whole file.

    ``column`` is the column's name, empty where the row or the file as a whole is wrong.
    """

    line: int
    column: str
    value: str
    rule: str


class FileRejectedError(Exception):
    """The file goes to the error folder. ``reason`` is for the person who looks at it there."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class FileChangedError(Exception):
    """The file was written to while it was read: it is taken at a later poll."""


class StreamsConfigError(Exception):
    """``config/streams.yaml`` is wrong: names the file, the key and what was expected."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the import of a file has come. ``rows`` counts rows read, then rows stored."""

    stream: str
    name: str
    size: int
    bytes_read: int = 0
    rows: int = 0
    rows_stored: int = 0


@dataclass(frozen=True, slots=True)
class OverdueStream:
    """A stream whose next file should have come. ``last_file_at`` is None when none ever came."""

    name: str
    expected_every: timedelta
    last_file_at: datetime | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a file that was given by hand; ``summary`` says it in a sentence."""

    is_accepted_whole: bool
    errors: tuple[FormatError, ...]
    error_count: int
    summary: str
