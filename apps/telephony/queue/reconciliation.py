"""Closes calls whose end was never told: MightyCall is asked what became of them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from apps.arm.services import take_call_events
from apps.campaigns.types import CallEvent, CallEventKind, HungUpBy, SystemDisposition
from apps.telephony.mightycall.connection import transport
from apps.telephony.mightycall.request_pool import Failure, ask_all
from apps.telephony.mightycall.transport import Ending, QueuedCallState
from apps.telephony.models import MightyCallTask
from apps.telephony.queue.call_queue import external_id, mark_ended
from apps.telephony.states import QueueTaskState, QueueTaskType
from common.locks import LockSpace, try_lock

CALLS_AT_ONCE = 200
RECONCILE = 1  # beside the account's stream in the same lock space
FORGOTTEN = Ending(SystemDisposition.CANCELLED, HungUpBy.SYSTEM, "forgotten by MightyCall")


def reconcile_calls(now: datetime) -> int:
    """Ask about calls whose end has been awaited for too long; returns how many turned out to be
    over.
    """
    with try_lock(LockSpace.TELEPHONY_EVENTS, RECONCILE) as won:
        return _reconcile(now) if won else 0


def _reconcile(now: datetime) -> int:
    rows = list(
        MightyCallTask.objects.filter(
            task_type=QueueTaskType.ADD,
            task_state=QueueTaskState.DONE,
            ended_at__isnull=True,
            next_try_at__lte=now,
        ).order_by("next_try_at")[:CALLS_AT_ONCE]
    )
    answers = ask_all(lambda row: transport().find_call(external_id(row)), rows)
    over = [
        (row.pk, event)
        for row, state in answers
        if not isinstance(state, Failure) and (event := _end_event(row, state, now)) is not None
    ]
    _write_down(rows, over, now)
    return len(over)


@transaction.atomic
def _write_down(
    asked: list[MightyCallTask], over: list[tuple[int, CallEvent]], now: datetime
) -> None:
    if over:
        take_call_events([event for _, event in over])
        mark_ended([pk for pk, _ in over], now)
    ask_at = now + timedelta(seconds=settings.TELEPHONY_RECONCILE_SECONDS)
    MightyCallTask.objects.filter(pk__in=[row.pk for row in asked]).update(next_try_at=ask_at)


def _end_event(
    row: MightyCallTask, state: QueuedCallState | None, now: datetime
) -> CallEvent | None:
    """The end that was never told, None while the call waits or goes on."""
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
