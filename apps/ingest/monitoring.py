"""Which streams there are, what came through them, and for how long they have been waiting."""

from datetime import datetime

from django.db.models import Count, Max, Sum

from apps.ingest.folder.opened_file import find_identity
from apps.ingest.folder.ready_files import ready_files
from apps.ingest.models import IncomingFile
from apps.ingest.streams import Stream, read_streams
from apps.ingest.types import FileCount, OverdueStream, RowTotals, StreamWait

NANOSECONDS = 1_000_000_000  # of a second


def stream_names() -> frozenset[str]:
    """The names of all streams. Raises ConfigError."""
    return frozenset(stream.name for stream in read_streams())


def find_overdue(stream: Stream, now: datetime) -> OverdueStream | None:
    """The stream as overdue, or None when its last file is newer than ``expected-every``.

    A stream without ``expected-every`` is never overdue.
    """
    if stream.expected_every is None:
        return None
    files = IncomingFile.objects.filter(stream=stream.name)
    last = files.aggregate(last=Max("finished_at"))["last"]
    if last is not None and now - last <= stream.expected_every:
        return None
    return OverdueStream(stream.name, stream.expected_every, last)


def overdue_streams(now: datetime) -> list[OverdueStream]:
    """The streams whose next file should have come by now. Raises ConfigError."""
    found = (find_overdue(stream, now) for stream in read_streams())
    return [overdue for overdue in found if overdue is not None]


def count_files() -> list[FileCount]:
    """How many files came, by stream and outcome."""
    counts = IncomingFile.objects.values("stream", "outcome").annotate(files=Count("id"))
    return [FileCount(**count) for count in counts]


def total_rows() -> list[RowTotals]:
    """How many rows the files of each stream had."""
    sums = {name: Sum(name) for name in ("rows", "bad_rows", "duplicates")}
    totals = IncomingFile.objects.values_list("stream").annotate(**sums)
    return [RowTotals(*total) for total in totals]


def stream_waits(now: datetime) -> list[StreamWait]:
    """For each stream: the time since its last file, and the files that wait to be imported.

    Raises ConfigError.
    """
    last_files = IncomingFile.objects.values_list("stream").annotate(last=Max("finished_at"))
    last = dict(last_files)
    return [
        StreamWait(
            stream=stream.name,
            since_last_file=now - last[stream.name] if stream.name in last else None,
            waiting_seconds=_waiting_seconds(stream, now),
            is_overdue=find_overdue(stream, now) is not None,
        )
        for stream in read_streams()
    ]


def _waiting_seconds(stream: Stream, now: datetime) -> tuple[float, ...]:
    """Ages of the files that are ready. A file that disappears meanwhile is left out."""
    if not stream.folder.is_dir():
        return ()
    found = (find_identity(path) for path in ready_files(stream, set()))
    return tuple(
        now.timestamp() - identity.modified_ns / NANOSECONDS
        for identity in found
        if identity is not None
    )
