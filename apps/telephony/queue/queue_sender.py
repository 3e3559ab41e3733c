"""Sends the rows of the queue to MightyCall, each once, even if answers are lost or senders killed
[source 2.6.6.4].

A sender works in a slot, whose lock PostgreSQL releases when the sender dies. The rows it had taken
stay marked with the slot. The next sender in the slot looks up what became of them in MightyCall
before it sends any of them again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction

from apps.campaigns.types import CallEvent, CallEventKind, SystemDisposition
from apps.telephony.barrier import apply_each
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
from apps.telephony.queue.call_reports import take_reports
from apps.telephony.queue.reconciliation import end_event
from apps.telephony.queue.rejected_events import keep_rejected
from apps.telephony.states import QueueTaskType
from common.locks import LockSpace, try_lock
from common.service_errors import ContractError, PermanentError

EXPIRED = "EXPIRED"  # the answer of an ADD whose time ran out before it was sent
# A request with one of these is rejected for what stands in it: bad, too large, not to be processed
REJECTED_FOR_ITS_CONTENT = frozenset({400, 413, 422})


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
    unknown, failures = [], []
    for row, state in request_all(
        lambda row: transport().find_call(call_queue.external_id(row)), adds
    ):
        if isinstance(state, Failure):
            failures.append((row, state))
        elif state is None:
            unknown.append(row)
        else:
            found[row.pk] = state.state
    _postpone(failures, now)
    call_queue.settle([row for row in adds if row.pk in found], found, now)
    return len(found) + _send_again(unknown, now)


def _send_again(adds: Sequence[MightyCallTask], now: datetime) -> int:
    cancelled = call_queue.cancelled_orders(adds)
    unsent = [row for row in adds if row.order_id in cancelled]
    with transaction.atomic():
        call_queue.settle(unsent, {row.pk: CANCELLED_UNSENT for row in unsent}, now)
        call_queue.mark_ended(cancelled, now)
    return len(unsent) + _send_adds([row for row in adds if row.order_id not in cancelled], now)


def _postpone(failures: Iterable[tuple[MightyCallTask, Failure]], now: datetime) -> None:
    """Have rows without an answer looked up later. One whose own answer is odd waits ever longer,
    and does not count as a sign that MightyCall fails.
    """
    odd: list[MightyCallTask] = []
    unanswered: list[MightyCallTask] = []
    for row, failure in failures:
        is_odd = isinstance(failure, ContractError | PermanentError)
        (odd if is_odd else unanswered).append(row)
    call_queue.postpone_odd(odd, now)
    call_queue.postpone(unanswered, now)


def _send_adds(adds: Sequence[MightyCallTask], now: datetime) -> int:
    late = [row for row in adds if row.expires_at is not None and row.expires_at <= now]
    _close(late, {row.pk: _expired_receipt(row) for row in late}, now)
    in_time = [row for row in adds if row.expires_at is None or row.expires_at > now]
    return len(late) + (_send_in_time(in_time, now) if in_time else 0)


def _send_in_time(adds: Sequence[MightyCallTask], now: datetime) -> int:
    requests = [adds[i : i + CALLS_AT_ONCE] for i in range(0, len(adds), CALLS_AT_ONCE)]
    receipts, rejected = _receipts_of(requests)
    # one of its calls is odd, and which one is seen when each is sent alone
    alone, odd = _receipts_of([[row] for request in rejected for row in request])
    receipts |= alone
    answers = {
        row.pk: receipts[name] for row in adds if (name := call_queue.external_id(row)) in receipts
    }
    odd_rows = [row for request in odd for row in request]
    known = {*answers, *(row.pk for row in odd_rows)}
    call_queue.postpone_odd(odd_rows, now)
    call_queue.postpone([row for row in adds if row.pk not in known], now)
    _close([row for row in adds if row.pk in answers], answers, now)
    return len(answers)


def _receipts_of(
    requests: Sequence[Sequence[MightyCallTask]],
) -> tuple[dict[str, Receipt], list[Sequence[MightyCallTask]]]:
    """Return the receipts by external id, and the requests that were rejected for their content."""
    receipts: dict[str, Receipt] = {}
    rejected = []
    for request, answer in request_all(_request, requests):
        if not isinstance(answer, Failure):
            receipts.update((receipt.external_id, receipt) for receipt in answer)
        elif isinstance(answer, PermanentError) and answer.status in REJECTED_FOR_ITS_CONTENT:
            rejected.append(request)
    return receipts, rejected


def _request(adds: Sequence[MightyCallTask]) -> list[Receipt]:
    return transport().add_calls([call_queue.queued_call(row) for row in adds])


@dataclass(frozen=True, slots=True)
class _Settled:
    """A row with its answer, and what that means for its call order."""

    row: MightyCallTask
    answer: str
    event: CallEvent | None


def _close(adds: Sequence[MightyCallTask], receipts: Mapping[int, Receipt], now: datetime) -> None:
    """Mark the rows DONE. A rejected call, or one whose time ran out, ends its call order."""
    settled = []
    for row in adds:
        receipt = receipts[row.pk]
        event = None if receipt.rejection is None else _rejection_event(row, receipt, now)
        settled.append(_Settled(row, receipt.answer, event))
    _settle_each(settled, now)


def _settle_each(settled: Sequence[_Settled], now: datetime) -> None:
    """Mark the rows DONE and report their events. An event that cannot be applied is kept, and its
    row is DONE all the same.
    """
    apply_each(settled, partial(_settle, now=now), partial(_settle_without_event, now=now))


def _settle(settled: Sequence[_Settled], now: datetime) -> None:
    take_reports([one.event for one in settled if one.event is not None], now)
    call_queue.settle([one.row for one in settled], {s.row.pk: s.answer for s in settled}, now)


@transaction.atomic
def _settle_without_event(one: _Settled, error: Exception, now: datetime) -> None:
    keep_rejected(f"queue:{one.row.pk}", one.event, error, now)
    call_queue.settle([one.row], {one.row.pk: one.answer}, now)


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
    settled = [
        _Settled(row, CANCELLED_UNSENT, _withdrawal_event(row, now))
        for row in deletes
        if row.order_id in unsent
    ]
    failures = []
    for row, answer in request_all(_remove, [row for row in deletes if row.order_id not in unsent]):
        if isinstance(answer, Failure):
            failures.append((row, answer))
        else:
            settled.append(_Settled(row, answer.removal, _event_of_removal(row, answer, now)))
    _postpone(failures, now)
    _settle_each(settled, now)
    return len(settled)


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


def _event_of_removal(row: MightyCallTask, answer: _Removed, now: datetime) -> CallEvent | None:
    """None: the call is being made, and its own events say how it ends."""
    if answer.removal is Removal.UNDER_WAY:
        return None
    return end_event(row, answer.state, now) or _withdrawal_event(row, now)


def _withdrawal_event(row: MightyCallTask, now: datetime) -> CallEvent:
    return CallEvent(kind=CallEventKind.WITHDRAWN, order_id=row.order_id, at=now)


def _by_type(
    rows: Sequence[MightyCallTask],
) -> tuple[list[MightyCallTask], list[MightyCallTask]]:
    adds = [row for row in rows if row.task_type == QueueTaskType.ADD]
    return adds, [row for row in rows if row.task_type == QueueTaskType.DELETE]
