"""Imports a call list slice by slice: each is one transaction with the place that it reaches."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from django.db import transaction

from apps.filters import services as filters
from apps.filters.types import call_list_stream
from apps.ingest.call_lists.list_files import rows_path
from apps.ingest.call_lists.list_rows import sort_rows
from apps.ingest.models import CallList, CallListRow, FileOutcome, IncomingFile
from apps.ingest.reading.snapshot_rows import snapshots
from apps.ingest.states import CallListState, LeftOut
from apps.ingest.uploaded_rows import Row, read_rows

ROWS_OF_A_SLICE = 5_000  # about half a second; a worker that is killed loses so much


def import_slice(call_list: CallList, at: datetime) -> None:
    """Store the next rows with the place behind them. After the last one the list is imported.

    Nothing happens where the list was cancelled meanwhile. Raises IntegrityError where the same
    content was imported for the campaign meanwhile.
    """
    with transaction.atomic():
        # held until the commit: nobody cancels it, and no other worker does the same slice
        mine = CallList.objects.select_for_update().filter(
            pk=call_list.pk, state=call_list.state, place=call_list.place
        )
        if not mine.exists():
            return
        file = call_list.file or _record(call_list, at)
        rows = read_rows(rows_path(call_list), call_list.place)
        if not call_list.place:
            call_list.place = next(rows).end  # the headings
        some = list(islice(rows, ROWS_OF_A_SLICE))
        if some:
            _store(call_list, file, some, at)
            call_list.place, call_list.rows_done = some[-1].end, call_list.rows_done + len(some)
        if next(rows, None) is None:
            call_list.state, call_list.finished_at = CallListState.IMPORTED, at
        else:
            call_list.state = CallListState.IMPORTING
        call_list.file = file
        call_list.save()
        _count(call_list, file, at)


def _record(call_list: CallList, at: datetime) -> IncomingFile:
    return IncomingFile.objects.create(
        stream=call_list_stream(call_list.campaign_id),
        name=call_list.name,
        size=call_list.size,
        modified_ns=0,
        sha256=call_list.sha256,
        started_at=at,
        finished_at=at,
        outcome=FileOutcome.IMPORTED,
        moved_at=at,  # it lies in no stream's folder
    )


def _store(call_list: CallList, file: IncomingFile, rows: Sequence[Row], at: datetime) -> None:
    """Store the rows that are right now too: since the check, a client may have got a task."""
    left_out = CallListRow.objects.filter(
        call_list=call_list, line_number__gte=rows[0].line, line_number__lte=rows[-1].line
    )
    gone = set(left_out.values_list("line_number", flat=True))
    found = sort_rows(call_list, [row for row in rows if row.line not in gone], at, {})
    CallListRow.objects.bulk_create(found.left_out)
    refused = sum(row.why == LeftOut.REFUSED for row in found.left_out)
    call_list.refused += refused
    call_list.duplicates += len(found.left_out) - refused
    if found.good.height:
        chunk = snapshots(found.good, file.stream, file.pk)
        stored = filters.import_applications(file.pk, [chunk], lambda _rows: None)
        call_list.duplicates += stored.duplicates
        call_list.first_id = call_list.first_id or stored.first_id
        call_list.last_id = stored.last_id or call_list.last_id


def _count(call_list: CallList, file: IncomingFile, at: datetime) -> None:
    """Keep the record of the import in step."""
    file.rows, file.bad_rows = call_list.rows_done, call_list.refused
    file.duplicates, file.finished_at = call_list.duplicates, at
    file.save()
