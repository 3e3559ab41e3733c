"""What others may ask the ingest app to do."""

from apps.ingest.folder.old_files import delete_old_files
from apps.ingest.folder.polling import poll_streams, take_files
from apps.ingest.manual_import import check_file, ingest_file
from apps.ingest.sample_applications import write_sample

__all__ = [
    "check_file",
    "delete_old_files",
    "ingest_file",
    "poll_streams",
    "take_files",
    "write_sample",
]
