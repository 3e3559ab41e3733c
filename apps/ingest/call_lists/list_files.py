"""Where the two files of a call list lie, and how long."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from apps.ingest.models import CallList
from apps.ingest.states import BEFORE_IMPORT, CallListState
from apps.ingest.uploads import UNFINISHED_DAYS, upload_folder

KEPT_DAYS = 90  # where ``CSV_KEEP_DAYS`` says nothing: results come in within weeks
LISTS_AT_ONCE = 100


def uploaded_path(call_list: CallList) -> Path:
    """What the person uploaded, byte for byte."""
    return upload_folder() / f"list-{call_list.pk}.upload"


def rows_path(call_list: CallList) -> Path:
    """Its rows, as ``uploaded_rows`` writes them."""
    return upload_folder() / f"list-{call_list.pk}.rows"


def has_files(call_list: CallList) -> bool:
    return call_list.files_deleted_at is None and rows_path(call_list).exists()


def delete_files(call_list: CallList, at: datetime) -> None:
    """Delete the files of a list, and the values of its rows that were left out."""
    for path in (uploaded_path(call_list), rows_path(call_list)):
        path.unlink(missing_ok=True)
    call_list.left_out.all().delete()
    CallList.objects.filter(pk=call_list.pk).update(samples=[], files_deleted_at=at)


def delete_old_lists(now: datetime) -> int:
    """Delete the files of lists that are too old; returns of how many. A list that was never
    confirmed is cancelled then."""
    unfinished = now - timedelta(days=UNFINISHED_DAYS)
    finished = now - timedelta(days=settings.CSV_KEEP_DAYS or KEPT_DAYS)
    present = CallList.objects.filter(files_deleted_at__isnull=True)
    waiting = present.filter(state__in=BEFORE_IMPORT, utime__lt=unfinished)
    waiting.update(state=CallListState.CANCELLED, finished_at=now)
    unwanted = Q(state__in=[CallListState.CANCELLED, CallListState.REFUSED])
    ended = Q(state__in=[CallListState.IMPORTED, CallListState.FAILED], finished_at__lt=finished)
    old = list(present.filter(unwanted | ended).order_by("pk")[:LISTS_AT_ONCE])
    for call_list in old:
        delete_files(call_list, now)
    return len(old)
