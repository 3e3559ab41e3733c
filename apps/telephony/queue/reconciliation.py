"""Closes calls whose end no event has reported: their state is looked up in MightyCall."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from apps.arm.services import take_call_events
from apps.campaigns.types import CallEvent, CallEventKind, HungUpBy, SystemDisposition
from apps.telephony.mightycall.connection import transport
from apps.telephony.mightycall.request_pool import Failure, request_all
from apps.telephony.mightycall.transport import Ending, QueuedCallState
from apps.telephony.models import MightyCallTask
from apps.telephony.queue.call_queue import awaiting_end, external_id, mark_ended
from common.locks import LockSpace, try_lock

CALLS_AT_ONCE = 200
RECONCILE = 1  # second key in the lock space of the account's feed, which has 0
FORGOTTEN = Ending(SystemDisposition.CANCELLED, HungUpBy.SYSTEM, "forgotten by MightyCall")


def reconcile_calls(now: datetime) -> int:
    """Look up the calls whose end has been awaited for too long. Returns how many are over; 0 also
    where another process does this now.
    """
    with try_lock(LockSpace.TELEPHONY_EVENTS, RECONCILE) as won:
        return _reconcile(now) if won else 0


def _reconcile(now: datetime) -> int:
    due = awaiting_end(MightyCallTask.objects.filter(next_try_at__lte=now))
    rows = list(due.order_by("next_try_at")[:CALLS_AT_ONCE])
    answers = request_all(lambda row: transport().find_call(external_id(row)), rows)
    over = [
        (row.pk, event)
        for row, state in answers
        if not isinstance(state, Failure) and (event := _end_event(row, state, now)) is not None
    ]
    _save(rows, over, now)
    return len(over)


@transaction.atomic
def _save(rows: list[MightyCallTask], over: list[tuple[int, CallEvent]], now: datetime) -> None:
    if over:
        take_call_events([event for _, event in over])
        mark_ended([pk for pk, _ in over], now)
    look_up_at = now + timedelta(seconds=settings.TELEPHONY_RECONCILE_SECONDS)
    MightyCallTask.objects.filter(pk__in=[row.pk for row in rows]).update(next_try_at=look_up_at)


def _end_event(
    row: MightyCallTask, state: QueuedCallState | None, now: datetime
) -> CallEvent | None:
    """Return the end that no event has reported. None while the call waits or goes on."""
    if state is None:
        state = QueuedCallState("", f"forgotten:{row.pk}", now, FORGOTTEN)
    if state.ending is None:
        return None
    return CallEvent(
        kind=CallEventKind.ENDED,
        call_key=state.call_key,
        task_id=row.campaign_task_id,
        at=state.ended_at or now,
        system_disposition=state.ending.disposition,
        hung_up_by=state.ending.hung_up_by,
        cause=state.ending.cause,
    )
