"""What others may ask the ingest app to do."""

from apps.ingest.call_lists.advancing import advance_list, announce_lists
from apps.ingest.call_lists.list_files import delete_old_lists
from apps.ingest.folder.corrections import delete_abandoned_corrections
from apps.ingest.folder.old_files import delete_old_files
from apps.ingest.folder.polling import poll_streams, take_files
from apps.ingest.manual_import import check_file, ingest_file
from apps.ingest.sample_applications import write_sample

__all__ = [
    "advance_list",
    "announce_lists",
    "check_file",
    "delete_abandoned_corrections",
    "delete_old_files",
    "delete_old_lists",
    "ingest_file",
    "poll_streams",
    "take_files",
    "write_sample",
]
