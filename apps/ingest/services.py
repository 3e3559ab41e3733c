"""What others may ask the ingest app to do."""

import logging

from apps.ingest.by_hand import check_file, ingest_file
from apps.ingest.models import IncomingFile
from apps.ingest.polling import poll
from apps.ingest.streams import read_streams

__all__ = ["check_file", "ingest_file", "poll_streams"]

logger = logging.getLogger(__name__)


def poll_streams() -> list[IncomingFile]:
    """Import what has arrived in the folders of all streams. Raises StreamsConfigError.

    A stream whose folder cannot be reached holds up no other.
    """
    records: list[IncomingFile] = []
    for stream in read_streams():
        try:
            records += poll(stream)
        except OSError as error:
            logger.warning("stream %s cannot be polled: %s", stream.name, error.strerror)
    return records
