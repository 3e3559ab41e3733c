"""What others may ask about incoming files."""

from datetime import datetime

from django.db.models import Max

from apps.ingest.folder.progress import find_progress
from apps.ingest.models import IncomingFile
from apps.ingest.streams import Stream, read_streams
from apps.ingest.types import OverdueStream, Progress


def find_overdue(stream: Stream, now: datetime) -> OverdueStream | None:
    """The stream, when no file came for longer than its ``expected-every``."""
    if stream.expected_every is None:
        return None
    files = IncomingFile.objects.filter(stream=stream.name)
    last = files.aggregate(last=Max("finished_at"))["last"]
    if last is not None and now - last <= stream.expected_every:
        return None
    return OverdueStream(stream.name, stream.expected_every, last)


def stream_names() -> frozenset[str]:
    """The names of all streams. Raises StreamsConfigError."""
    return frozenset(stream.name for stream in read_streams())


def overdue_streams(now: datetime) -> list[OverdueStream]:
    """The streams whose next file should have come. Raises StreamsConfigError."""
    found = (find_overdue(stream, now) for stream in read_streams())
    return [overdue for overdue in found if overdue is not None]


def running_imports() -> list[Progress]:
    """How far the imports that run now have come, as far as the cache knows."""
    found = (find_progress(stream.name) for stream in read_streams())
    return [progress for progress in found if progress is not None]
