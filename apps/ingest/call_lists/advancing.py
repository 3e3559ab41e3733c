"""What workers do with call lists: read, check, and import in slices.

The row of a list is the message and the progress. A worker that dies leaves it as it was after the
last commit, and another does the same again.
"""

import hashlib
import logging
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from itertools import islice

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from apps.filters.types import call_list_stream
from apps.ingest.call_lists.asking import ADVANCE
from apps.ingest.call_lists.importing import import_slice
from apps.ingest.call_lists.list_files import rows_path, uploaded_path
from apps.ingest.call_lists.list_rows import sort_rows
from apps.ingest.models import CallList, CallListRow, FileOutcome, IncomingFile
from apps.ingest.states import OF_WORKERS, CallListState, LeftOut
from apps.ingest.uploaded_rows import UnreadableFileError, read_rows, write_rows
from common.announce import announce
from common.locks import LockSpace, try_lock

logger = logging.getLogger(__name__)

SLICE_SECONDS = 5.0  # then the worker takes what else waits, and this list again
CHECKED_AT_ONCE = 5_000
SAMPLES = 3


def announce_lists() -> int:
    """Announce every list that a worker has something to do with; returns how many there are."""
    waiting = CallList.objects.filter(state__in=OF_WORKERS).order_by("pk")
    keys = list(waiting.values_list("pk", flat=True))
    for key in keys:
        announce(ADVANCE, key)
    return len(keys)


def advance_list(list_id: int, clock: Callable[[], datetime]) -> None:
    """Bring a list on for a slice of time; the rest is announced. Nothing happens while another
    worker does, or where it waits for a person. Must be called outside a transaction.

    A list that raises ends as refused, and one of which rows are stored as failed. OperationalError
    and InterfaceError are raised: the database cannot be reached, and the list stays as it is.
    """
    with try_lock(LockSpace.CALL_LIST, list_id) as won:
        deadline = time.monotonic() + SLICE_SECONDS
        while won and (call_list := _waiting(list_id)):
            if time.monotonic() > deadline:
                announce(ADVANCE, list_id)
                return
            _advance_safely(call_list, clock())


def _waiting(list_id: int) -> CallList | None:
    return CallList.objects.filter(pk=list_id, state__in=OF_WORKERS).first()


def _advance_safely(call_list: CallList, at: datetime) -> None:
    try:
        _WORK[CallListState(call_list.state)](call_list, at)
    except UnreadableFileError as error:
        rows_path(call_list).unlink(missing_ok=True)
        _end(call_list, CallListState.REFUSED, error.reason, at)
    except (OperationalError, InterfaceError):
        raise
    except IntegrityError as error:
        if (repeated := _earlier(call_list)) is None:
            _fail(call_list, error, at)
        else:
            _end(call_list, CallListState.REFUSED, _imported_before(repeated), at)
    except Exception as error:  # noqa: BLE001 - the barrier: the next list must go on
        _fail(call_list, error, at)


def _fail(call_list: CallList, error: Exception, at: datetime) -> None:
    """The log gets the traceback without the message, which may quote a row."""
    kind, place = type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
    logger.error("call list %d failed with %s\n%s", call_list.pk, kind, place)
    is_begun = call_list.state == CallListState.IMPORTING
    state = CallListState.FAILED if is_begun else CallListState.REFUSED
    _end(call_list, state, _("an unexpected error: %s, the log tells where") % kind, at)


def _end(call_list: CallList, state: CallListState, reason: str, at: datetime) -> None:
    rows = CallList.objects.filter(pk=call_list.pk, state=call_list.state)
    rows.update(state=state, reason=reason, finished_at=at)


def _read(call_list: CallList, at: datetime) -> None:
    with uploaded_path(call_list).open("rb") as file:
        call_list.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if repeated := _earlier(call_list):
        raise UnreadableFileError(_imported_before(repeated))
    kind = write_rows(uploaded_path(call_list), rows_path(call_list))
    rows = read_rows(rows_path(call_list))
    head = next(rows, None)
    if head is None:
        raise UnreadableFileError(_("the file is empty"))
    samples = [row.cells for row in islice(rows, SAMPLES)]
    if not samples:
        raise UnreadableFileError(_("there are headings, but no row below them"))
    CallList.objects.filter(pk=call_list.pk, state=CallListState.READING).update(
        state=CallListState.MAPPING,
        sha256=call_list.sha256,
        kind=kind[:255],
        headings=head.cells,
        samples=samples,
        rows=len(samples) + sum(1 for _row in rows),
    )


def _earlier(call_list: CallList) -> IncomingFile | None:
    """The import of the same content for the same campaign."""
    stream = call_list_stream(call_list.campaign_id)
    same = IncomingFile.objects.filter(
        stream=stream, sha256=call_list.sha256, outcome=FileOutcome.IMPORTED
    )
    return same.first()


def _imported_before(file: IncomingFile) -> str:
    words = {"name": file.name, "number": file.call_list.pk}
    return (
        _("the same file was imported for this campaign as list No. %(number)d «%(name)s»") % words
    )


def _check(call_list: CallList, at: datetime) -> None:
    """Check every row, in one transaction: what a worker that died has written is gone."""
    rows = read_rows(rows_path(call_list))
    next(rows)  # the headings
    earlier: dict[str, int] = {}
    counts = dict.fromkeys(LeftOut, 0)
    with transaction.atomic():
        CallListRow.objects.filter(call_list=call_list).delete()
        while some := list(islice(rows, CHECKED_AT_ONCE)):
            left_out = sort_rows(call_list, some, at, earlier).left_out
            CallListRow.objects.bulk_create(left_out)
            for row in left_out:
                counts[LeftOut(row.why)] += 1
        CallList.objects.filter(pk=call_list.pk, state=CallListState.CHECKING).update(
            state=CallListState.CHECKED,
            refused=counts[LeftOut.REFUSED],
            duplicates=counts[LeftOut.REPEATED] + counts[LeftOut.KNOWN],
        )


_WORK: dict[CallListState, Callable[[CallList, datetime], None]] = {
    CallListState.READING: _read,
    CallListState.CHECKING: _check,
    CallListState.QUEUED: import_slice,
    CallListState.IMPORTING: import_slice,
}
