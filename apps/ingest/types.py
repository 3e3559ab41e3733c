"""Records and errors that cross the border of the ingest app or pass between its modules."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class FormatError:
    """One broken rule in a file."""

    line: int  # where the row begins, from 1; 0: the file as a whole is wrong
    column: str  # the English name; empty: the row or the file as a whole is wrong
    value: str  # as it stands in the file; a long one is cut
    rule: str  # what was expected, in words
    application_number: str = ""  # of the row; empty where it cannot be read
    phone: str = ""  # of the row, likewise


def sentence(column: str, rule: str) -> str:
    """A broken rule with its column, if it has one: ``phone: 11 digits are expected``."""
    return f"{column}: {rule}" if column else rule


@dataclass(frozen=True, slots=True)
class RowKey:
    """Names a row that was not stored, in the core's ledger of decisions: ``row:12:7`` is the row
    that begins in line 7 of the file with the id 12.
    """

    file_id: int
    line: int

    def __str__(self) -> str:
        return f"row:{self.file_id}:{self.line}"


class FileRejectedError(Exception):
    """The file cannot be imported and goes to the error folder.

    ``reason`` is written for the person who looks for it there; ``line`` as in ``FormatError``.
    """

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class FileChangedError(Exception):
    """Somebody wrote to the file while it was read. The next poll tries it again."""


class StreamBusyError(Exception):
    """Another import of the stream went on for too long; the message names the stream."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the import of a file has come."""

    stream: str
    name: str  # of the file
    size: int  # bytes
    bytes_read: int = 0
    rows: int = 0  # read so far
    rows_stored: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedFile:
    """A file that was taken, with its outcome (a value of ``FileOutcome``, and its words)."""

    id: int
    stream: str
    name: str
    outcome: str
    outcome_text: str
    rows: int
    bad_rows: int
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class OverdueStream:
    """A stream whose next file should have come."""

    name: str
    expected_every: timedelta
    last_file_at: datetime | None  # None: no file has ever come


@dataclass(frozen=True, slots=True)
class FileCount:
    """How many files of a stream had this outcome."""

    stream: str
    outcome: str  # a value of ``FileOutcome``
    files: int


@dataclass(frozen=True, slots=True)
class RowTotals:
    """How many rows all files of a stream had together."""

    stream: str
    rows: int
    bad_rows: int  # that broke a rule
    duplicates: int  # whose snapshot was stored before


@dataclass(frozen=True, slots=True)
class StreamWait:
    """For how long a stream has been waiting for a file, and files for their import."""

    stream: str
    since_last_file: timedelta | None  # None: no file has ever come
    waiting_seconds: tuple[float, ...]  # ages of the files that are ready
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a file that was imported or checked by hand."""

    is_accepted_whole: bool  # False also when only some rows were skipped
    errors: tuple[FormatError, ...]  # the first of them
    error_count: int
    summary: str  # one sentence
