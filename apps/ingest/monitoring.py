"""Which streams there are, what came through them, and for how long they have been waiting."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Max, Sum

from apps.ingest.folder.opened_file import find_identity
from apps.ingest.folder.ready_files import ready_files
from apps.ingest.known_streams import known_streams
from apps.ingest.models import IncomingFile
from apps.ingest.streams import Stream
from apps.ingest.types import ArrivedFile, FileCount, OverdueStream, RowTotals, StreamWait

NANOSECONDS = 1_000_000_000  # of a second


def stream_names() -> frozenset[str]:
    """The names of the streams that work now."""
    return frozenset(stream.name for stream in known_streams().streams)


def wrong_descriptions() -> dict[str, str]:
    """The descriptions that cannot be used, by file and stream, and what is wrong with each:
    ``{"streams.yaml: POS_REJECT": "streams.yaml: events.data-streams[1].header: …"}``."""
    return {key: str(error) for key, error in known_streams().mistakes.items()}


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
    """The streams whose next file should have come by now."""
    found = (find_overdue(stream, now) for stream in known_streams().streams)
    return [overdue for overdue in found if overdue is not None]


def count_files() -> list[FileCount]:
    """How many files came, by stream and outcome."""
    counts = IncomingFile.objects.values("stream", "outcome").annotate(files=Count("id"))
    return [FileCount(**count) for count in counts]


def file_names(file_ids: Collection[int]) -> dict[int, str]:
    """The names of these files, by their number."""
    return dict(IncomingFile.objects.filter(pk__in=file_ids).values_list("pk", "name"))


def total_rows() -> list[RowTotals]:
    """How many rows the files of each stream had."""
    sums = {name: Sum(name) for name in ("rows", "bad_rows", "duplicates")}
    totals = IncomingFile.objects.values_list("stream").annotate(**sums)
    return [RowTotals(*total) for total in totals]


def count_unmoved() -> list[FileCount]:
    """How many files were taken and could not be moved out of their folder yet, by stream."""
    unmoved = IncomingFile.objects.filter(moved_at=None).values("stream", "outcome")
    return [FileCount(**count) for count in unmoved.annotate(files=Count("id"))]


def count_grown() -> list[FileCount]:
    """How many files grew after they were taken, by stream."""
    grown = IncomingFile.objects.filter(grown_to__isnull=False).values("stream", "outcome")
    return [FileCount(**count) for count in grown.annotate(files=Count("id"))]


def stream_waits(now: datetime) -> list[StreamWait]:
    """For each stream: the time since its last file, and the files that wait to be imported."""
    last_files = IncomingFile.objects.values_list("stream").annotate(last=Max("finished_at"))
    last = dict(last_files)
    return [
        StreamWait(
            stream=stream.name,
            since_last_file=now - last[stream.name] if stream.name in last else None,
            waiting_seconds=_waiting_seconds(stream, now),
            is_overdue=find_overdue(stream, now) is not None,
        )
        for stream in known_streams().streams
    ]


def files_since(moment: datetime, limit: int) -> list[ArrivedFile]:
    """The files that were taken since then, newest first."""
    files = IncomingFile.objects.filter(finished_at__gte=moment).order_by("-finished_at")[:limit]
    return [
        ArrivedFile(
            id=file.pk,
            stream=file.stream,
            name=file.name,
            outcome=file.outcome,
            outcome_text=file.get_outcome_display(),
            rows=file.rows,
            bad_rows=file.bad_rows,
            finished_at=file.finished_at,
        )
        for file in files
    ]


def _waiting_seconds(stream: Stream, now: datetime) -> tuple[float, ...]:
    """Ages of the files that are ready. A file that disappears meanwhile is left out.

    Empty for a folder that cannot be read: the stream is among what needs attention then.
    """
    try:
        found = [find_identity(path) for path in ready_files(stream, set())]
    except OSError:
        return ()
    return tuple(
        now.timestamp() - identity.modified_ns / NANOSECONDS
        for identity in found
        if identity is not None
    )
