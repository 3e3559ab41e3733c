"""Closes calls whose end no event has reported: their state is looked up in MightyCall."""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction

from apps.campaigns.types import CallEvent, CallEventKind
from apps.telephony.barrier import apply_each
from apps.telephony.mightycall.connection import transport
from apps.telephony.mightycall.request_pool import Failure, request_all
from apps.telephony.mightycall.transport import QueuedCallState
from apps.telephony.models import MightyCallTask
from apps.telephony.queue.call_queue import awaiting_end, external_id, mark_ended
from apps.telephony.queue.call_reports import take_reports
from apps.telephony.queue.rejected_events import keep_rejected
from common.locks import LockSpace, try_lock

CALLS_AT_ONCE = 200
RECONCILE = 1  # second key in the lock space of the account's feed, which has 0


def reconcile_calls(now: datetime) -> int:
    """Look up the calls whose end has been awaited for too long. Returns how many are over; 0 also
    where another process does this now.
    """
    with try_lock(LockSpace.TELEPHONY_EVENTS, RECONCILE) as won:
        return _reconcile(now) if won else 0


def _reconcile(now: datetime) -> int:
    due = awaiting_end(MightyCallTask.objects.filter(next_try_at__lte=now))
    rows = list(due.order_by("next_try_at")[:CALLS_AT_ONCE])
    look_up_at = now + timedelta(seconds=settings.TELEPHONY_RECONCILE_SECONDS)
    answers = request_all(lambda row: transport().find_call(external_id(row)), rows)
    # whatever the answers are: a row that makes trouble is not the first of the next sweep
    MightyCallTask.objects.filter(pk__in=[row.pk for row in rows]).update(next_try_at=look_up_at)
    over = [
        event
        for row, state in answers
        if not isinstance(state, Failure) and (event := _event_of(row, state, now)) is not None
    ]
    apply_each(over, partial(take_reports, now=now), partial(_reject, now=now))
    return len(over)


@transaction.atomic
def _reject(event: CallEvent, error: Exception, now: datetime) -> None:
    """The end is known, so nobody looks it up again; it is applied when its cause is gone."""
    keep_rejected(f"end:{event.order_id}", event, error, now)
    mark_ended([event.order_id], now)


def end_event(
    row: MightyCallTask, state: QueuedCallState | None, now: datetime
) -> CallEvent | None:
    """Return what became of the row's order by MightyCall's state of its call. None: it is not
    over, or MightyCall knows no such call.
    """
    if state is None or state.over is None:
        return None
    ending = state.ending
    return CallEvent(
        kind=state.over,
        order_id=row.order_id,
        call_key=state.call_key,
        at=state.ended_at or now,
        system_disposition=ending.disposition if ending else None,
        hung_up_by=ending.hung_up_by if ending else None,
        cause=ending.cause if ending else "",
    )


def _event_of(
    row: MightyCallTask, state: QueuedCallState | None, now: datetime
) -> CallEvent | None:
    """Return the end that no event has reported; a call that MightyCall does not know is lost."""
    if state is None:
        return CallEvent(kind=CallEventKind.LOST, order_id=row.order_id, at=now)
    return end_event(row, state, now)
