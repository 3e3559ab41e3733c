"""Reports files that grew after they were taken: whoever writes them had not finished.

A file that is moved keeps growing where it lies now, and what was added is never imported.
"""

from datetime import datetime, timedelta
from pathlib import Path

from django.core.cache import cache

from apps.ingest.folder.opened_file import find_identity
from apps.ingest.folder.warn_once import warn_once
from apps.ingest.models import IncomingFile
from apps.ingest.streams import Stream

WATCHED_FOR = timedelta(minutes=10)  # nobody pauses longer between two writes
LOOK_AGAIN_SECONDS = 5  # each look asks for the size of every file of the last minutes


def report_grown_files(stream: Stream, at: datetime) -> None:
    """Note in its record that a file of the last minutes has grown, and warn in the log."""
    if not cache.add(f"ingest:growth:{stream.name}", 1, LOOK_AGAIN_SECONDS):
        return
    recent = IncomingFile.objects.filter(
        stream=stream.name, finished_at__gte=at - WATCHED_FOR, moved_at__isnull=False
    )
    for record in recent.exclude(moved_to=""):
        identity = find_identity(Path(record.moved_to))
        if identity is not None:
            note_growth(record, identity.size)


def note_growth(record: IncomingFile, size: int) -> None:
    """Note in the record that the file is larger now than when it was taken; if it is not, do
    nothing."""
    if size <= (record.grown_to or record.size):
        return
    record.grown_to = size
    record.save(update_fields=["grown_to"])
    warn_once(
        f"grown:{record.id}",
        "file %d grew from %d to %d bytes after it was taken",
        *(record.id, record.size, size),
    )
