"""Sends the rows of the queue to MightyCall, each once, even if answers are lost or senders killed
[source 2.6.6.4].

A sender works in a slot, whose lock PostgreSQL releases when the sender dies. The rows it had taken
stay marked with the slot. The next sender in the slot looks up what became of them in MightyCall
before it sends any of them again.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from apps.arm.services import take_call_events
from apps.campaigns.types import CallEvent, CallEventKind, SystemDisposition
from apps.telephony.mightycall.connection import transport
from apps.telephony.mightycall.request_pool import Failure, request_all
from apps.telephony.mightycall.transport import (
    CALLS_AT_ONCE,
    QueuedCallState,
    Receipt,
    Removal,
)
from apps.telephony.models import MightyCallTask
from apps.telephony.queue import call_queue
from apps.telephony.queue.call_queue import CANCELLED_UNSENT
from apps.telephony.queue.reconciliation import end_event
from apps.telephony.states import QueueTaskType
from common.locks import LockSpace, try_lock

logger = logging.getLogger(__name__)

EXPIRED = "EXPIRED"  # the answer of an ADD whose time ran out before it was sent


def send_queue(now: datetime) -> int:
    """Look up the rows without an answer and send the NEW ones, in every slot that no other sender
    works in. Returns how many rows are DONE now.
    """
    return sum(_drain_slot(slot, now) for slot in range(settings.TELEPHONY_SENDERS))


def _drain_slot(slot: int, now: datetime) -> int:
    with try_lock(LockSpace.TELEPHONY_SENDER, slot) as won:
        if not won:
            return 0
        settled = _settle_unanswered(slot, now)
        while not call_queue.is_stalled(slot) and (rows := call_queue.take_new(slot)):
            settled += _send(rows, now)
        return settled


def _settle_unanswered(slot: int, now: datetime) -> int:
    """Stops at the first rows that MightyCall does not answer about. They are looked up later."""
    settled = 0
    while rows := call_queue.take_unsettled(slot, now):
        adds, deletes = _by_type(rows)
        answered = _look_up(adds, now) + _send_deletes(deletes, now)
        settled += answered
        if answered < len(rows):
            break
    return settled


def _send(rows: Sequence[MightyCallTask], now: datetime) -> int:
    adds, deletes = _by_type(rows)
    return _send_adds(adds, now) + _send_deletes(deletes, now)


def _look_up(adds: Sequence[MightyCallTask], now: datetime) -> int:
    """Settle the calls that MightyCall has. Send the others unless they were cancelled."""
    found: dict[int, str] = {}
    unknown = []
    for row, state in request_all(
        lambda row: transport().find_call(call_queue.external_id(row)), adds
    ):
        if isinstance(state, Failure):
            call_queue.postpone([row], now)
        elif state is None:
            unknown.append(row)
        else:
            found[row.pk] = state.state
    call_queue.settle([row for row in adds if row.pk in found], found, now)
    return len(found) + _send_again(unknown, now)


def _send_again(adds: Sequence[MightyCallTask], now: datetime) -> int:
    cancelled = call_queue.cancelled_orders(adds)
    unsent = [row for row in adds if row.order_id in cancelled]
    with transaction.atomic():
        call_queue.settle(unsent, {row.pk: CANCELLED_UNSENT for row in unsent}, now)
        call_queue.mark_ended(cancelled, now)
    return len(unsent) + _send_adds([row for row in adds if row.order_id not in cancelled], now)


def _send_adds(adds: Sequence[MightyCallTask], now: datetime) -> int:
    late = [row for row in adds if row.expires_at is not None and row.expires_at <= now]
    _close(late, {row.pk: _expired_receipt(row) for row in late}, now)
    in_time = [row for row in adds if row.expires_at is None or row.expires_at > now]
    return len(late) + (_send_in_time(in_time, now) if in_time else 0)


def _send_in_time(adds: Sequence[MightyCallTask], now: datetime) -> int:
    requests = [adds[i : i + CALLS_AT_ONCE] for i in range(0, len(adds), CALLS_AT_ONCE)]
    receipts: dict[str, Receipt] = {}
    for _, answer in request_all(_request, requests):
        if not isinstance(answer, Failure):
            receipts.update((receipt.external_id, receipt) for receipt in answer)
    answers = {
        row.pk: receipts[name] for row in adds if (name := call_queue.external_id(row)) in receipts
    }
    call_queue.postpone([row for row in adds if row.pk not in answers], now)
    _close([row for row in adds if row.pk in answers], answers, now)
    return len(answers)


def _request(adds: Sequence[MightyCallTask]) -> list[Receipt]:
    return transport().add_calls([call_queue.queued_call(row) for row in adds])


@transaction.atomic
def _close(adds: Sequence[MightyCallTask], receipts: Mapping[int, Receipt], now: datetime) -> None:
    """Mark the rows DONE. A rejected call, or one whose time ran out, ends its call order."""
    rejected = [row for row in adds if receipts[row.pk].rejection is not None]
    if rejected:
        take_call_events([_rejection_event(row, receipts[row.pk], now) for row in rejected])
    call_queue.settle(adds, {pk: receipt.answer for pk, receipt in receipts.items()}, now)
    call_queue.mark_ended([row.order_id for row in rejected], now)


def _rejection_event(row: MightyCallTask, receipt: Receipt, now: datetime) -> CallEvent:
    return CallEvent(
        kind=CallEventKind.EXPIRED if receipt.answer == EXPIRED else CallEventKind.REJECTED,
        order_id=row.order_id,
        at=now,
        system_disposition=receipt.rejection,
    )


def _expired_receipt(row: MightyCallTask) -> Receipt:
    return Receipt(call_queue.external_id(row), EXPIRED, SystemDisposition.CANCELLED)


def _send_deletes(deletes: Sequence[MightyCallTask], now: datetime) -> int:
    """To cancel a call twice is harmless, so a DELETE without an answer is simply sent again."""
    unsent = call_queue.unsent_orders(deletes)
    answers = {row.pk: CANCELLED_UNSENT for row in deletes if row.order_id in unsent}
    events = [_withdrawal_event(row, now) for row in deletes if row.order_id in unsent]
    sent = [row for row in deletes if row.order_id not in unsent]
    for row, answer in request_all(_remove, sent):
        if isinstance(answer, Failure):
            call_queue.postpone([row], now)
            continue
        answers[row.pk] = answer.removal
        if answer.removal is not Removal.UNDER_WAY:
            events.append(end_event(row, answer.state, now) or _withdrawal_event(row, now))
    _close_deletes([row for row in deletes if row.pk in answers], answers, events, now)
    return len(answers)


@dataclass(frozen=True, slots=True)
class _Removed:
    """MightyCall's answer to a DELETE, and its state of the call where the queue has it no more."""

    removal: Removal
    state: QueuedCallState | None = None


def _remove(row: MightyCallTask) -> _Removed:
    """A call that is over is unknown to the queue too: its end must not pass for a removal."""
    name = call_queue.external_id(row)
    removal = transport().remove_call(name)
    state = transport().find_call(name) if removal is Removal.UNKNOWN else None
    return _Removed(removal, state)


@transaction.atomic
def _close_deletes(
    deletes: Sequence[MightyCallTask],
    answers: Mapping[int, str],
    events: Sequence[CallEvent],
    now: datetime,
) -> None:
    call_queue.settle(deletes, answers, now)
    if events:
        take_call_events(events)
        call_queue.mark_ended([event.order_id for event in events], now)


def _withdrawal_event(row: MightyCallTask, now: datetime) -> CallEvent:
    return CallEvent(kind=CallEventKind.WITHDRAWN, order_id=row.order_id, at=now)


def _by_type(
    rows: Sequence[MightyCallTask],
) -> tuple[list[MightyCallTask], list[MightyCallTask]]:
    adds = [row for row in rows if row.task_type == QueueTaskType.ADD]
    return adds, [row for row in rows if row.task_type == QueueTaskType.DELETE]
