"""What a person asks for: a new list, its pieces, its columns, its import, or its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.filters import selectors as filters
from apps.ingest.call_lists.list_columns import FILLED_IN, PHONE, guessed_mapping
from apps.ingest.call_lists.list_files import uploaded_path
from apps.ingest.models import CallList
from apps.ingest.states import BEFORE_IMPORT, CallListState
from apps.ingest.uploads import append_piece, refuse_full_disk, refuse_size
from common.announce import announce

ADVANCE = "apps.ingest.tasks.advance_call_list"


@dataclass(frozen=True, slots=True)
class NewList:
    """What is known of a list before its first piece."""

    campaign_id: int
    author_id: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class ListColumns:
    """Which column of a list is what, and what all rows have where a cell is empty."""

    mapping: Mapping[str, int]
    constants: Mapping[str, str]


def begin_list(new: NewList) -> CallList:
    """A list without its content. Raises UploadRefusedError for a size that is not taken."""
    refuse_size(new.size)
    refuse_full_disk(new.size)
    return CallList.objects.create(
        campaign_id=new.campaign_id, author_id=new.author_id, name=new.name[-255:], size=new.size
    )


def add_piece(call_list: CallList, start: int, piece: bytes) -> int:
    """Add a piece of the file; returns how many bytes are there. With the last one, a worker is
    asked to read it. Raises UploadRefusedError; also for a list that waits for none."""
    present = append_piece(uploaded_path(call_list), start, piece, call_list.size)
    if present == call_list.size:
        _move(call_list, CallListState.UPLOADING, state=CallListState.READING)
    return present


def proposed_columns(call_list: CallList) -> ListColumns:
    """What was chosen for the latest list with the same headings, else what the headings say."""
    alike = CallList.objects.filter(headings=call_list.headings).exclude(mapping={})
    latest = alike.exclude(pk=call_list.pk).order_by("-pk").first()
    if call_list.mapping:
        latest = call_list
    mapping = latest.mapping if latest else guessed_mapping(call_list.headings)
    statuses = filters.taken_statuses(call_list.campaign_id) or ("created",)
    constants = {"application_status": statuses[0], "client_type": "pioneer"}
    kept = latest.constants if latest and latest.campaign_id == call_list.campaign_id else {}
    return ListColumns(mapping, {**constants, **kept})


def map_columns(call_list: CallList, columns: ListColumns) -> bool:
    """Check the list with these columns. False where it cannot be any more.

    Raises ValueError where there is no column of phones, or nothing for a value that every row
    needs.
    """
    if PHONE not in columns.mapping:
        raise ValueError(_("choose the column with the phone"))
    if any(not columns.constants.get(field) for field in FILLED_IN):
        raise ValueError(_("choose a value for all rows"))
    return _move(
        call_list,
        *(CallListState.MAPPING, CallListState.CHECKED),
        state=CallListState.CHECKING,
        mapping=dict(columns.mapping),
        constants=dict(columns.constants),
    )


def choose_columns_again(call_list: CallList) -> bool:
    """Go back from a checked list to its columns. False where it is confirmed already."""
    return _move(call_list, CallListState.CHECKED, state=CallListState.MAPPING)


def confirm_list(call_list: CallList, operator_id: int, at: datetime) -> bool:
    """Ask for the import of the rows that are right. False where another did, or nothing is."""
    if not call_list.accepted:
        return False
    return _move(
        call_list,
        CallListState.CHECKED,
        state=CallListState.QUEUED,
        confirmed_at=at,
        confirmed_by_id=operator_id,
    )


def resume_list(call_list: CallList) -> bool:
    """Let an import that an error interrupted go on. False where it does already."""
    return _move(call_list, CallListState.FAILED, state=CallListState.IMPORTING, reason="")


def cancel_list(call_list: CallList, at: datetime) -> bool:
    """Say that the list is not wanted. False where its import has begun, or it has ended."""
    return bool(
        _rows(call_list)
        .filter(state__in=BEFORE_IMPORT)
        .update(state=CallListState.CANCELLED, finished_at=at)
    )


def _rows(call_list: CallList) -> QuerySet[CallList]:
    return CallList.objects.filter(pk=call_list.pk)


@transaction.atomic
def _move(call_list: CallList, *states: CallListState, **changes: object) -> bool:
    """Change the list if it is in one of these states; True for the request that did."""
    moved = bool(_rows(call_list).filter(state__in=states).update(**changes))
    if moved:
        announce(ADVANCE, call_list.pk)
    return moved
