"""Applies what telephony reports of call orders: at least once, in any order, late, many at a time.

``call_rows`` locks, reads and writes the rows; here each event changes them in memory.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.campaigns.engine.call_rows import LockedRows, lock_rows, write_rows
from apps.campaigns.engine.redial import (
    FollowUp,
    after_failure,
    after_unreached,
    counts_as_attempt,
)
from apps.campaigns.engine.transitions import Move, move_in_memory
from apps.campaigns.models import Call, CallOrder, CampaignTask, Communication
from apps.campaigns.states import (
    CommunicationState,
    OrderEnding,
    OrderState,
    TaskOutcome,
    TaskState,
)
from apps.campaigns.types import (
    CallEffects,
    CallEvent,
    CallEventKind,
    DecisionVerdict,
    HungUpBy,
    NewDecision,
    Step,
    SystemDisposition,
)

logger = logging.getLogger(__name__)

TIME_FIELDS = {
    CallEventKind.DIALING: "dialled_at",
    CallEventKind.RINGING: "ringing_at",
    CallEventKind.CONNECTED: "connected_at",
}
QUEUE_ENDINGS = {
    CallEventKind.REJECTED: OrderEnding.REJECTED,
    CallEventKind.WITHDRAWN: OrderEnding.WITHDRAWN,
    CallEventKind.EXPIRED: OrderEnding.EXPIRED,
    CallEventKind.LOST: OrderEnding.LOST,
}
IN_QUEUE = (OrderState.QUEUED, OrderState.WITHDRAWING)
UNREACHED = (TaskOutcome.NOT_REACHED, TaskOutcome.EXHAUSTED)

CALL_TOOK_PLACE = gettext_noop("the call took place")
NOBODY_REACHED = gettext_noop("nobody was reached")
LEFT_THE_QUEUE = gettext_noop("the order left telephony's queue without a call")


@transaction.atomic
def take_call_events(events: Sequence[CallEvent]) -> CallEffects:
    """Apply the events in their order and return what they changed for operators.

    A repeated or late event changes nothing that a later state has settled: times only fill up, an
    ended call stays ended. An event changes its order and that order's call; it moves the task only
    while the order is the task's latest one. An event of an unknown order is ignored, with a log
    line. The number of statements does not grow with the number of events.
    """
    rows = lock_rows(events)
    for event in events:
        if event.order_id not in rows.orders:
            logger.warning("telephony reports of call order %d, which is not ours", event.order_id)
        elif event.kind in QUEUE_ENDINGS:
            _leave_queue(rows, event)
        elif event.kind is CallEventKind.RECORDING_AVAILABLE:
            call = rows.call_of(event)
            call.recording = event.recording or call.recording
        elif event.kind is CallEventKind.ENDED:
            _end(rows, event)
        else:
            _progress(rows, event)
    return write_rows(rows)


def _progress(rows: LockedRows, event: CallEvent) -> None:
    call = rows.call_of(event)
    moment = TIME_FIELDS[event.kind]
    if getattr(call, moment) is None:
        setattr(call, moment, event.at)
    if event.operator_id is not None:
        call.operator_id = event.operator_id
    if call.ended_at is None:
        _be_called(rows, call.order)
    if event.kind is CallEventKind.CONNECTED and event.operator_id is not None:
        _start_conversation(rows, call, event.operator_id, event.at)


def _be_called(rows: LockedRows, order: CallOrder) -> None:
    """The order's call is being made, also when telephony had said that it would not be."""
    if order.state in IN_QUEUE:
        order.state = OrderState.CALLING
    elif order.ending in (OrderEnding.WITHDRAWN, OrderEnding.EXPIRED, OrderEnding.LOST):
        _reopen(rows, order, OrderState.CALLING)


def _reopen(rows: LockedRows, order: CallOrder, state: OrderState) -> None:
    """Open a closed order again, unless another order of the client is open: that one is withdrawn
    where it can be, and this one stays closed."""
    other = rows.open_order_of(order.phone)
    if other is None:
        order.state, order.ending, order.ended_at = state, None, None
    elif other.pk != order.pk:
        rows.to_withdraw.append(other.pk)


def _start_conversation(rows: LockedRows, call: Call, operator_id: int, at: datetime) -> None:
    """Make the communication of operator and client, unless the call has one already."""
    if call.communication is not None:
        return
    _draft_earlier(rows, operator_id)
    ended_at = call.ended_at
    if ended_at is not None:
        _correct_unreached(rows, call.order)
    call.communication = rows.live_of_operator[operator_id] = Communication(
        campaign_task=rows.task_of(call.order),
        operator_id=operator_id,
        phone=call.order.phone,
        started_at=min(at, ended_at) if ended_at else at,
        ended_at=ended_at,
    )
    rows.started.append(call)


def _draft_earlier(rows: LockedRows, operator_id: int) -> None:
    """An operator is in one conversation at a time; an earlier one becomes a card for rework."""
    earlier = rows.live_of_operator.get(operator_id)
    if earlier is None or earlier.state != CommunicationState.NEW:
        return
    earlier.state = CommunicationState.DRAFT
    rows.drafted_operator_ids.add(operator_id)
    order = rows.order_of(earlier)
    if order is not None and order.state == OrderState.RESULT_DUE and earlier.ended_at:
        _close(order, OrderEnding.CONVERSATION, earlier.ended_at)


def _correct_unreached(rows: LockedRows, order: CallOrder) -> None:
    """The end of the call came first and looked as if nobody was reached: there is no redial."""
    if order.ending == OrderEnding.NOT_REACHED:
        _reopen(rows, order, OrderState.RESULT_DUE)
    _count_attempt(order, rows.task_of(order))
    _finish(rows, order, FollowUp(TaskOutcome.CALLED), CALL_TOOK_PLACE)


def _end(rows: LockedRows, event: CallEvent) -> None:
    call = rows.call_of(event)
    if call.ended_at is not None:
        return
    disposition = event.system_disposition or SystemDisposition.FAILED
    operator_id = event.operator_id or call.operator_id
    if disposition == SystemDisposition.CONNECTED and operator_id is not None:
        # a conversation whose start is reported late, or never, is a conversation all the same
        _be_called(rows, call.order)
        _start_conversation(rows, call, operator_id, call.connected_at or event.at)
    call.ended_at = event.at
    call.system_disposition = disposition
    call.hung_up_by = event.hung_up_by or HungUpBy.SYSTEM
    call.cause = event.cause
    if call.communication is not None:
        _end_conversation(rows, call, call.communication)
    else:
        _end_unreached(rows, call.order, disposition, event.at)


def _end_conversation(rows: LockedRows, call: Call, communication: Communication) -> None:
    ended_at = max(call.ended_at or communication.started_at, communication.started_at)
    communication.ended_at = ended_at
    order = call.order
    if order.state != OrderState.CLOSED:
        order.state = OrderState.RESULT_DUE
        if communication.state != CommunicationState.NEW:
            _close(order, OrderEnding.CONVERSATION, ended_at)
    _count_attempt(order, rows.task_of(order))
    _finish(rows, order, FollowUp(TaskOutcome.CALLED), CALL_TOOK_PLACE)
    rows.ended.append(call)


def _end_unreached(
    rows: LockedRows, order: CallOrder, disposition: SystemDisposition, ended_at: datetime
) -> None:
    """Nobody was reached: the campaign's redial rule says what follows.

    A late end of an order that had left the queue changes no task that is new again since.
    """
    task = rows.task_of(order)
    concerns_task = order.state == OrderState.CALLING or task.task_state == TaskState.IN_PROGRESS
    is_attempt = counts_as_attempt(disposition)
    if order.state != OrderState.CLOSED:
        _close(order, OrderEnding.NOT_REACHED, ended_at)
    if is_attempt:
        _count_attempt(order, task)
    if not (concerns_task and _may_finish(rows, order)):
        return
    limits = rows.limits[task.campaign_id]
    if is_attempt:
        follow_up = after_unreached(disposition, task.attempts, limits, ended_at)
    else:
        task.failures_in_row += 1
        follow_up = after_failure(disposition, task.failures_in_row, limits, ended_at)
    _finish(rows, order, follow_up, NOBODY_REACHED)


def _leave_queue(rows: LockedRows, event: CallEvent) -> None:
    """The order never became a call. Late reports of an order that did are ignored, except that
    telephony has forgotten its call: then nothing else will ever end it."""
    order = rows.orders[event.order_id]
    if event.kind is CallEventKind.LOST and order.state == OrderState.CALLING:
        _end_forgotten(rows, event)
    if order.state not in IN_QUEUE:
        return
    _close(order, QUEUE_ENDINGS[event.kind], event.at)
    task = rows.task_of(order)
    if event.kind is not CallEventKind.WITHDRAWN:
        rows.decisions.append(_telephony_decision(task, order, event))
    if not rows.is_latest(order) or task.task_state != TaskState.IN_PROGRESS:
        return
    if event.kind in (CallEventKind.WITHDRAWN, CallEventKind.EXPIRED):
        move = Move(TaskState.IN_PROGRESS, TaskState.NEW, LEFT_THE_QUEUE)
        rows.moves.append(move_in_memory(task, move))
        task.task_time = max(task.task_time, event.at)
        return
    task.failures_in_row += 1
    disposition = event.system_disposition or SystemDisposition.CANCELLED
    limits = rows.limits[task.campaign_id]
    follow_up = after_failure(disposition, task.failures_in_row, limits, event.at)
    _finish(rows, order, follow_up, LEFT_THE_QUEUE)


def _end_forgotten(rows: LockedRows, event: CallEvent) -> None:
    failed = SystemDisposition.FAILED
    for call in list(rows.calls.values()):
        if call.order_id == event.order_id and call.ended_at is None:
            end = replace(event, call_key=call.call_key, system_disposition=failed)
            _end(rows, end)


def _telephony_decision(task: CampaignTask, order: CallOrder, event: CallEvent) -> NewDecision:
    reason = str(OrderEnding(order.ending or "").label)
    if event.system_disposition:
        reason = f"{reason}: {event.system_disposition.label}"
    return _decision(task, Step.TELEPHONY, DecisionVerdict.WAITING, event.kind.value, reason)


def _decision(
    task: CampaignTask, step: Step, verdict: DecisionVerdict, rule: str, reason: str
) -> NewDecision:
    return NewDecision(
        step=step,
        verdict=verdict,
        rule=rule,
        reason=reason,
        phone=task.phone,
        source_key=task.source_key,
        campaign_id=task.campaign_id,
        task_id=task.pk,
    )


def _close(order: CallOrder, ending: OrderEnding, at: datetime) -> None:
    order.state, order.ending, order.ended_at = OrderState.CLOSED, ending, at


def _count_attempt(order: CallOrder, task: CampaignTask) -> None:
    """Each order counts once, whatever is reported of it again."""
    if not order.is_attempt:
        order.is_attempt = True
        task.attempts += 1
        task.failures_in_row = 0


def _may_finish(rows: LockedRows, order: CallOrder) -> bool:
    """Whether the end of the order's call says what becomes of its task: only that of the latest
    order does, and a task that is done keeps every outcome but that nobody was reached."""
    task = rows.task_of(order)
    return rows.is_latest(order) and (
        task.task_state != TaskState.DONE or task.outcome in UNREACHED
    )


def _finish(rows: LockedRows, order: CallOrder, follow_up: FollowUp, why: str) -> None:
    """End the order's task so, or correct how an earlier report of this order had ended it."""
    if not _may_finish(rows, order):
        return
    task = rows.task_of(order)
    if follow_up.outcome != TaskOutcome.CALLED:
        if task.withdrawal_reason:
            follow_up = FollowUp(TaskOutcome.WITHDRAWN)
        elif task.pk in rows.finally_answered:
            follow_up = FollowUp(TaskOutcome.CALLED)
    if task.task_state == TaskState.DONE:
        task.outcome = follow_up.outcome
    else:
        move = Move(TaskState(task.task_state), TaskState.DONE, why, follow_up.outcome)
        rows.moves.append(move_in_memory(task, move))
    # not before the time to which a person has put the task off while it was in the queue
    task.redial_at = follow_up.redial_at and max(follow_up.redial_at, task.task_time)
    if follow_up.outcome == TaskOutcome.EXHAUSTED:
        _record_exhausted(rows, task)


def _record_exhausted(rows: LockedRows, task: CampaignTask) -> None:
    reason = _("%(attempts)d attempts, %(failures)d failures in a row") % {
        "attempts": task.attempts,
        "failures": task.failures_in_row,
    }
    outcome = TaskOutcome.EXHAUSTED
    rows.decisions.append(_decision(task, Step.ENGINE, DecisionVerdict.STOPPED, outcome, reason))
