"""What others may ask the ingest app to do."""

from apps.ingest.folder.polling import poll, report_once
from apps.ingest.manual_import import check_file, ingest_file
from apps.ingest.models import IncomingFile
from apps.ingest.streams import Stream, read_streams
from apps.ingest.types import StreamsConfigError

__all__ = ["check_file", "ingest_file", "poll_streams"]


def poll_streams() -> list[IncomingFile]:
    """Import what has arrived in the folders of all streams.

    A stream whose folder cannot be reached holds up no other. Nothing is imported while the streams
    are described wrongly; either is said once, since the next poll comes in a second.
    """
    records: list[IncomingFile] = []
    for stream in _well_described():
        try:
            records += poll(stream)
        except OSError as error:
            key = f"poll:{stream.name}:{error.errno}"
            report_once(key, "stream %s cannot be polled: %s", stream.name, error.strerror)
    return records


def _well_described() -> tuple[Stream, ...]:
    try:
        return read_streams()
    except StreamsConfigError as error:
        report_once(f"streams:{error}", "no stream is polled: %s", error)
        return ()
