"""Deletes source files that are older than the installation keeps them (``CSV_KEEP_DAYS``)."""

import logging
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from django.conf import settings

from apps.ingest.folder.report import SUFFIX
from apps.ingest.known_streams import known_streams
from apps.ingest.models import IncomingFile

logger = logging.getLogger(__name__)

FILES_AT_ONCE = 1_000  # the rest waits for the next sweep


def delete_old_files(now: datetime) -> int:
    """Delete files that were moved to ``success`` or ``error`` more than ``CSV_KEEP_DAYS`` days
    ago, with their reports; their records stay. Returns how many; 0 where the setting is 0.

    Only a file in a folder of a known stream is deleted. One that cannot be deleted is logged by
    the number of its record and tried again by the next sweep; it holds up no other.
    """
    if not settings.CSV_KEEP_DAYS:
        return 0
    before = now - timedelta(days=settings.CSV_KEEP_DAYS)
    folders = {
        folder
        for stream in known_streams().streams
        for folder in (stream.success_folder, stream.error_folder)
    }
    old = IncomingFile.objects.filter(moved_at__lt=before).exclude(moved_to="").order_by("id")
    deleted = (record.pk for record in old.iterator() if _is_gone(record, folders))
    gone = list(islice(deleted, FILES_AT_ONCE))
    IncomingFile.objects.filter(pk__in=gone).update(moved_to="")
    return len(gone)


def _is_gone(record: IncomingFile, folders: set[Path]) -> bool:
    path = Path(record.moved_to)
    if path.parent not in folders:
        return False
    try:
        path.with_name(path.name + SUFFIX).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("file %d is not deleted: %s", record.pk, error.strerror)
        return False
    return True
