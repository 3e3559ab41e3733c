"""What telephony tells of calls, taken at least once, in any order, late (telephony in the field's
words)."""

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
class _Scene:
    """The rows an event speaks of, locked."""

    task: CampaignTask
    call: Call


@transaction.atomic
def take_call_events(events: Sequence[CallEvent]) -> list[CallEffect]:
    """``take_call_event`` for each, in their order. Their tasks are locked first, in the order of
    their keys, so that two streams and the engine's own sweeps never wait for each other in a ring.
    """
    tasks = CampaignTask.objects.filter(pk__in={event.task_id for event in events})
    list(tasks.select_for_update().order_by("pk").values_list("pk", flat=True))
    return [take_call_event(event) for event in events]


@transaction.atomic
def take_call_event(event: CallEvent) -> CallEffect:
    """Apply one event of a call and say what it changed for an operator.

    A repeated or late event changes nothing that a later state has settled: times only fill up, an
    ended call stays ended, a task that moved on is left alone. An event of an unknown task is
    ignored, with a log line.
    """
    task = (
        CampaignTask.objects.select_for_update(of=("self",))
        .select_related("campaign")
        .filter(pk=event.task_id)
        .first()
    )
    if task is None:
        logger.warning("telephony told of a call of task %d, which does not exist", event.task_id)
        return CallEffect()
    call, _ = Call.objects.select_for_update().get_or_create(
        call_key=event.call_key,
        defaults={"campaign_task": task, "handed_over_at": task.handed_over_at},
    )
    scene = _Scene(task, call)
    match event.kind:
        case CallEventKind.ENDED:
            return _end(scene, event)
        case CallEventKind.RECORDING_AVAILABLE:
            return _add_recording(scene, event)
        case _:
            return _progress(scene, event)


def _progress(scene: _Scene, event: CallEvent) -> CallEffect:
    field = TIME_FIELDS[event.kind]
    if getattr(scene.call, field) is None:
        setattr(scene.call, field, event.at)
    if event.operator_id is not None:
        scene.call.operator_id = event.operator_id
    effect = CallEffect()
    if event.kind is CallEventKind.CONNECTED and event.operator_id is not None:
        effect = _start_conversation(scene, event.operator_id, event.at)
    scene.call.save()
    return effect


def _start_conversation(scene: _Scene, operator_id: int, at: datetime) -> CallEffect:
    """Communication NEW: the operator and the client talk. Nothing where it is known already."""
    if scene.call.communication_id is not None:
        return CallEffect()
    drafted = _free_operator(operator_id)
    ended_at = scene.call.ended_at
    if ended_at is not None:
        _correct_unreached(scene.task)
    scene.call.communication = Communication.objects.create(
        campaign_task=scene.task,
        operator_id=operator_id,
        phone=scene.task.phone,
        started_at=min(at, ended_at) if ended_at else at,
        ended_at=ended_at,
    )
    return CallEffect(
        operator_id=operator_id,
        started_communication_id=scene.call.communication.pk,
        drafted_operator_ids=(operator_id,) if drafted else (),
    )


def _correct_unreached(task: CampaignTask) -> None:
    """The call's end was told first and looked like nobody was reached: there is no redial."""
    CampaignTask.objects.filter(pk=task.pk, outcome=TaskOutcome.NOT_REACHED).update(
        outcome=TaskOutcome.CALLED, redial_at=None
    )


def _free_operator(operator_id: int) -> bool:
    """An operator is in one conversation at a time; an earlier one becomes a card for rework."""
    earlier = Communication.objects.filter(operator_id=operator_id, state=CommunicationState.NEW)
    return earlier.update(state=CommunicationState.DRAFT) > 0


def _end(scene: _Scene, event: CallEvent) -> CallEffect:
    call = scene.call
    if call.ended_at is not None:
        return CallEffect()
    call.ended_at = event.at
    disposition = event.system_disposition or SystemDisposition.FAILED
    call.system_disposition = disposition
    call.hung_up_by = event.hung_up_by or HungUpBy.SYSTEM
    call.cause = event.cause
    effect = _missed_start(scene, event)
    call.save()
    if call.communication_id is None:
        if call.handed_over_at == scene.task.handed_over_at:
            _settle_unreached(scene.task, disposition, event.at)
        return effect
    return _end_conversation(scene, event.at, effect)


def _missed_start(scene: _Scene, event: CallEvent) -> CallEffect:
    """A conversation whose start is told late, or never, is a conversation all the same."""
    connected = scene.call.system_disposition == SystemDisposition.CONNECTED
    operator_id = event.operator_id or scene.call.operator_id
    if not connected or operator_id is None:
        return CallEffect()
    return _start_conversation(scene, operator_id, scene.call.connected_at or event.at)


def _end_conversation(scene: _Scene, ended_at: datetime, started: CallEffect) -> CallEffect:
    communication = Communication.objects.select_for_update().get(call=scene.call)
    communication.ended_at = max(ended_at, communication.started_at)
    communication.save(update_fields=["ended_at"])
    _finish(scene)
    if communication.state == CommunicationState.FIXED:
        settle_conversation(communication.pk, ended_at)
    return CallEffect(
        operator_id=communication.operator_id,
        started_communication_id=started.started_communication_id,
        ended_communication_id=communication.pk,
        drafted_operator_ids=started.drafted_operator_ids,
    )


def _finish(scene: _Scene) -> None:
    """The task is DONE, also when it was withdrawn while its call was being made; what telephony
    was asked since is taken back.
    """
    task = scene.task
    for origin in UNFINISHED:
        why = gettext_noop("the call took place")
        move = Move(origin, TaskState.DONE, why, TaskOutcome.CALLED)
        won = apply_move([task.pk], move, attempts=task.attempts + 1)
        if won and scene.call.handed_over_at != task.handed_over_at:
            dialer().cancel_calls(won)


def _settle_unreached(
    task: CampaignTask, disposition: SystemDisposition, ended_at: datetime
) -> None:
    """Nobody was reached: the campaign's redial rule says what follows."""
    attempts = task.attempts + int(counts_as_attempt(disposition))
    follows = after_unreached(disposition, attempts, _limits(task), ended_at)
    move = Move(
        TaskState.IN_PROGRESS, TaskState.DONE, gettext_noop("nobody was reached"), follows.outcome
    )
    apply_move([task.pk], move, attempts=attempts, redial_at=follows.redial_at)


def _limits(task: CampaignTask) -> Limits:
    rules = task.campaign.redial_rules.values_list("system_disposition", "delay_minutes")
    delays = {SystemDisposition(disposition): minutes for disposition, minutes in rules}
    return Limits(delays, task.campaign.max_attempts)


def _add_recording(scene: _Scene, event: CallEvent) -> CallEffect:
    scene.call.recording = event.recording or scene.call.recording
    scene.call.save(update_fields=["recording"])
    return CallEffect()
