"""Applies what telephony reports of calls. Events come at least once, in any order, late."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from apps.campaigns.engine.redial import Limits, after_unreached, counts_as_attempt
from apps.campaigns.engine.results import settle_conversation
from apps.campaigns.engine.transitions import Move, apply_move
from apps.campaigns.models import Call, CampaignTask, Communication
from apps.campaigns.ports import dialer
from apps.campaigns.states import UNFINISHED, CommunicationState, TaskOutcome, TaskState
from apps.campaigns.types import (
    CallEffect,
    CallEvent,
    CallEventKind,
    HungUpBy,
    SystemDisposition,
)

logger = logging.getLogger(__name__)

TIME_FIELDS = {
    CallEventKind.DIALING: "dialled_at",
    CallEventKind.RINGING: "ringing_at",
    CallEventKind.CONNECTED: "connected_at",
}


@dataclass(slots=True)
class _LockedCall:
    """A call and its task, both rows locked."""

    task: CampaignTask
    call: Call


@transaction.atomic
def take_call_events(events: Sequence[CallEvent]) -> list[CallEffect]:
    """``take_call_event`` for each, in their order, in one transaction.

    All their tasks are locked first, in the order of their keys. This rules out deadlocks with
    other feeds of events and with the engine's sweeps.
    """
    tasks = CampaignTask.objects.filter(pk__in={event.task_id for event in events})
    list(tasks.select_for_update().order_by("pk").values_list("pk", flat=True))
    return [take_call_event(event) for event in events]


@transaction.atomic
def take_call_event(event: CallEvent) -> CallEffect:
    """Apply one event of a call. Returns what it changed for an operator.

    A repeated or late event undoes nothing: a time that is set stays, an ended call stays ended, a
    task that has moved on is left alone. An event of an unknown task is ignored, with a log line.
    """
    task = (
        CampaignTask.objects.select_for_update(of=("self",))
        .select_related("campaign")
        .filter(pk=event.task_id)
        .first()
    )
    if task is None:
        logger.warning("telephony reported a call of task %d, which does not exist", event.task_id)
        return CallEffect()
    call, _ = Call.objects.select_for_update().get_or_create(
        call_key=event.call_key,
        defaults={"campaign_task": task, "handed_over_at": task.handed_over_at},
    )
    locked = _LockedCall(task, call)
    match event.kind:
        case CallEventKind.ENDED:
            return _end(locked, event)
        case CallEventKind.RECORDING_AVAILABLE:
            return _add_recording(locked, event)
        case _:
            return _progress(locked, event)


def _progress(locked: _LockedCall, event: CallEvent) -> CallEffect:
    field = TIME_FIELDS[event.kind]
    if getattr(locked.call, field) is None:
        setattr(locked.call, field, event.at)
    if event.operator_id is not None:
        locked.call.operator_id = event.operator_id
    effect = CallEffect()
    if event.kind is CallEventKind.CONNECTED and event.operator_id is not None:
        effect = _start_conversation(locked, event.operator_id, event.at)
    locked.call.save()
    return effect


def _start_conversation(locked: _LockedCall, operator_id: int, at: datetime) -> CallEffect:
    """Create the communication of operator and client, unless the call has one already."""
    if locked.call.communication_id is not None:
        return CallEffect()
    drafted = _draft_earlier(operator_id)
    ended_at = locked.call.ended_at
    if ended_at is not None:
        _correct_unreached(locked.task)
    locked.call.communication = Communication.objects.create(
        campaign_task=locked.task,
        operator_id=operator_id,
        phone=locked.task.phone,
        started_at=min(at, ended_at) if ended_at else at,
        ended_at=ended_at,
    )
    return CallEffect(
        operator_id=operator_id,
        started_communication_id=locked.call.communication.pk,
        drafted_operator_ids=(operator_id,) if drafted else (),
    )


def _correct_unreached(task: CampaignTask) -> None:
    """Undo the redial of a call whose end came first and looked as if nobody had been reached."""
    CampaignTask.objects.filter(pk=task.pk, outcome=TaskOutcome.NOT_REACHED).update(
        outcome=TaskOutcome.CALLED, redial_at=None
    )


def _draft_earlier(operator_id: int) -> bool:
    """Make the operator's earlier conversation a card for rework: one operator is in one
    conversation at a time. Returns whether there was one."""
    earlier = Communication.objects.filter(operator_id=operator_id, state=CommunicationState.NEW)
    return earlier.update(state=CommunicationState.DRAFT) > 0


def _end(locked: _LockedCall, event: CallEvent) -> CallEffect:
    call = locked.call
    if call.ended_at is not None:
        return CallEffect()
    call.ended_at = event.at
    disposition = event.system_disposition or SystemDisposition.FAILED
    call.system_disposition = disposition
    call.hung_up_by = event.hung_up_by or HungUpBy.SYSTEM
    call.cause = event.cause
    effect = _missed_start(locked, event)
    call.save()
    if call.communication_id is None:
        if call.handed_over_at == locked.task.handed_over_at:
            _settle_unreached(locked.task, disposition, event.at)
        return effect
    return _end_conversation(locked, event.at, effect)


def _missed_start(locked: _LockedCall, event: CallEvent) -> CallEffect:
    """Start the conversation at its end, if its start was never reported or comes later."""
    connected = locked.call.system_disposition == SystemDisposition.CONNECTED
    operator_id = event.operator_id or locked.call.operator_id
    if not connected or operator_id is None:
        return CallEffect()
    return _start_conversation(locked, operator_id, locked.call.connected_at or event.at)


def _end_conversation(locked: _LockedCall, ended_at: datetime, started: CallEffect) -> CallEffect:
    communication = Communication.objects.select_for_update().get(call=locked.call)
    communication.ended_at = max(ended_at, communication.started_at)
    communication.save(update_fields=["ended_at"])
    _finish(locked)
    if communication.state == CommunicationState.FIXED:
        settle_conversation(communication.pk, ended_at)
    return CallEffect(
        operator_id=communication.operator_id,
        started_communication_id=started.started_communication_id,
        ended_communication_id=communication.pk,
        drafted_operator_ids=started.drafted_operator_ids,
    )


def _finish(locked: _LockedCall) -> None:
    """Make the task DONE, also when it was withdrawn while its call was being made. If it was
    handed over again since, that newer order is cancelled.
    """
    task = locked.task
    for origin in UNFINISHED:
        why = gettext_noop("the call took place")
        move = Move(origin, TaskState.DONE, why=why, outcome=TaskOutcome.CALLED)
        won = apply_move([task.pk], move, attempts=task.attempts + 1)
        if won and locked.call.handed_over_at != task.handed_over_at:
            dialer().cancel_calls(won)


def _settle_unreached(
    task: CampaignTask, disposition: SystemDisposition, ended_at: datetime
) -> None:
    """Make the task DONE and plan its redial by the campaign's rules."""
    attempts = task.attempts + int(counts_as_attempt(disposition))
    follow_up = after_unreached(disposition, attempts, _limits(task), ended_at)
    move = Move(
        TaskState.IN_PROGRESS,
        TaskState.DONE,
        why=gettext_noop("nobody was reached"),
        outcome=follow_up.outcome,
    )
    apply_move([task.pk], move, attempts=attempts, redial_at=follow_up.redial_at)


def _limits(task: CampaignTask) -> Limits:
    rules = task.campaign.redial_rules.values_list("system_disposition", "delay_minutes")
    delays = {SystemDisposition(disposition): minutes for disposition, minutes in rules}
    return Limits(delays, task.campaign.max_attempts)


def _add_recording(locked: _LockedCall, event: CallEvent) -> CallEffect:
    locked.call.recording = event.recording or locked.call.recording
    locked.call.save(update_fields=["recording"])
    return CallEffect()
