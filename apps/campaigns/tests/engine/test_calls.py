from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from django.db import transaction

from apps.campaigns import services
from apps.campaigns.models import Call, CampaignTask, Communication, RedialRule
from apps.campaigns.states import CommunicationState, TaskOutcome, TaskState
from apps.campaigns.types import CallEffect, CallEvent, CallEventKind, HungUpBy, SystemDisposition
from testing.factories.campaigns import NOON, CommunicationFactory, TaskFactory
from testing.factories.security import OperatorFactory
from testing.fakes import FakeDialer
from testing.rivals import PATIENCE_SECONDS, Rivals, wait_until_a_lock_is_awaited

pytestmark = pytest.mark.django_db

ANSWERED = SystemDisposition.CONNECTED


def event(task: CampaignTask, kind: CallEventKind, seconds: int = 0, **more: object) -> CallEvent:
    return CallEvent(
        kind=kind,
        call_key="call-1",
        task_id=task.pk,
        at=NOON + timedelta(seconds=seconds),
        **more,  # type: ignore[arg-type]
    )


def whole_call(task: CampaignTask, operator_id: int) -> list[CallEvent]:
    return [
        event(task, CallEventKind.DIALING, 0),
        event(task, CallEventKind.RINGING, 2),
        event(task, CallEventKind.CONNECTED, 5, operator_id=operator_id),
        event(
            task,
            CallEventKind.ENDED,
            65,
            operator_id=operator_id,
            system_disposition=ANSWERED,
            hung_up_by=HungUpBy.CLIENT,
        ),
    ]


def ended(task: CampaignTask, disposition: SystemDisposition) -> CallEvent:
    return event(task, CallEventKind.ENDED, 30, system_disposition=disposition)


def test_the_start_of_a_call_makes_a_communication_of_its_operator() -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()

    effect = services.take_call_event(event(task, CallEventKind.CONNECTED, operator_id=operator.pk))

    communication = Communication.objects.get()
    assert effect == CallEffect(operator_id=operator.pk, started_communication_id=communication.pk)
    assert (communication.state, communication.started_at) == (CommunicationState.NEW, NOON)
    assert (communication.campaign_task_id, communication.operator_id) == (task.pk, operator.pk)


@pytest.mark.django_db(transaction=True)
def test_events_lock_their_tasks_in_one_order_however_they_come(rivals: Rivals) -> None:
    first, second = TaskFactory.create_batch(2, handed_over=True)

    def take() -> None:
        news = [event(task, CallEventKind.RINGING) for task in (second, first)]
        services.take_call_events([replace(one, call_key=f"c{one.task_id}") for one in news])

    with transaction.atomic():
        CampaignTask.objects.select_for_update().get(pk=first.pk)
        rival = rivals.start(take)
        wait_until_a_lock_is_awaited()
        CampaignTask.objects.select_for_update(nowait=True).get(pk=second.pk)
    rival.result(PATIENCE_SECONDS)

    assert Call.objects.filter(ringing_at__isnull=False).count() == 2


def test_the_end_of_a_call_finishes_its_task() -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()

    effects = [services.take_call_event(e) for e in whole_call(task, operator.pk)]

    task.refresh_from_db()
    communication = Communication.objects.get()
    assert effects[-1].ended_communication_id == communication.pk
    assert (task.task_state, task.outcome, task.attempts) == ("DONE", "CALLED", 1)
    assert communication.ended_at == NOON + timedelta(seconds=65)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_events_in_any_order_tell_the_same_call(order: tuple[int, ...]) -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()
    events = whole_call(task, operator.pk)

    for position in order:
        services.take_call_event(events[position])

    task.refresh_from_db()
    call, communication = Call.objects.get(), Communication.objects.get()
    assert (task.task_state, task.outcome, task.redial_at) == ("DONE", "CALLED", None)
    assert call.communication_id == communication.pk
    assert (call.dialled_at, call.ringing_at) == (NOON, NOON + timedelta(seconds=2))
    assert call.connected_at == NOON + timedelta(seconds=5)
    assert communication.ended_at == call.ended_at == NOON + timedelta(seconds=65)


def test_a_repeated_event_changes_nothing() -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()
    events = whole_call(task, operator.pk)
    for one in events:
        services.take_call_event(one)

    effects = [services.take_call_event(one) for one in events]

    task.refresh_from_db()
    assert effects == [CallEffect()] * 4
    assert (Communication.objects.count(), Call.objects.count(), task.attempts) == (1, 1, 1)


def test_a_late_end_does_not_touch_a_task_that_is_new_again() -> None:
    task = TaskFactory.create(attempts=1)

    services.take_call_event(ended(task, SystemDisposition.BUSY))

    task.refresh_from_db()
    assert (task.task_state, task.attempts) == (TaskState.NEW, 1)


def test_a_conversation_finishes_a_task_that_was_withdrawn_meanwhile() -> None:
    task, operator = TaskFactory.create(), OperatorFactory.create()

    for one in whole_call(task, operator.pk):
        services.take_call_event(one)

    task.refresh_from_db()
    assert (task.task_state, task.outcome) == (TaskState.DONE, TaskOutcome.CALLED)


def test_a_late_end_of_an_earlier_call_does_not_end_the_one_under_way() -> None:
    task = TaskFactory.create(handed_over=True)
    services.take_call_event(event(task, CallEventKind.DIALING))
    later = NOON + timedelta(days=1)
    CampaignTask.objects.update(handed_over_at=later)

    services.take_call_event(ended(task, SystemDisposition.BUSY))

    task.refresh_from_db()
    assert (task.task_state, task.handed_over_at) == (TaskState.IN_PROGRESS, later)


def test_a_late_conversation_calls_back_the_attempt_under_way(dialer: FakeDialer) -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()
    *started, end = whole_call(task, operator.pk)
    for one in started:
        services.take_call_event(one)
    CampaignTask.objects.update(handed_over_at=NOON + timedelta(days=1))

    services.take_call_event(end)

    task.refresh_from_db()
    assert (task.outcome, dialer.cancelled) == (TaskOutcome.CALLED, [task.pk])


def test_a_call_of_an_unknown_task_is_ignored() -> None:
    ghost = TaskFactory.build(pk=123456789)

    assert services.take_call_event(ended(ghost, SystemDisposition.BUSY)) == CallEffect()
    assert Call.objects.count() == 0


def test_a_new_call_sends_the_unsaved_result_of_the_last_one_to_rework() -> None:
    earlier = CommunicationFactory.create(ended=True)
    task = TaskFactory.create(handed_over=True)

    effect = services.take_call_event(
        event(task, CallEventKind.CONNECTED, 120, operator_id=earlier.operator_id)
    )

    earlier.refresh_from_db()
    assert earlier.state == CommunicationState.DRAFT
    assert effect.drafted_operator_ids == (earlier.operator_id,)


@pytest.mark.parametrize(
    ("disposition", "outcome", "minutes", "attempts"),
    [
        (SystemDisposition.NO_ANSWER, TaskOutcome.NOT_REACHED, 120, 1),
        (SystemDisposition.BUSY, TaskOutcome.NOT_REACHED, 15, 1),
        (SystemDisposition.NETWORK_FAILURE, TaskOutcome.NOT_REACHED, 5, 0),
        (SystemDisposition.INVALID_NUMBER, TaskOutcome.NOT_REACHED, None, 1),
    ],
)
def test_a_call_that_reached_nobody_follows_the_redial_rule(
    disposition: SystemDisposition, outcome: TaskOutcome, minutes: int | None, attempts: int
) -> None:
    task = TaskFactory.create(handed_over=True)

    services.take_call_event(ended(task, disposition))

    task.refresh_from_db()
    at = None if minutes is None else NOON + timedelta(seconds=30, minutes=minutes)
    assert (task.outcome, task.redial_at, task.attempts) == (outcome, at, attempts)


def test_a_campaign_has_redial_rules_of_its_own() -> None:
    task = TaskFactory.create(handed_over=True)
    RedialRule.objects.create(
        campaign=task.campaign, system_disposition=SystemDisposition.BUSY, delay_minutes=0
    )

    services.take_call_event(ended(task, SystemDisposition.BUSY))

    task.refresh_from_db()
    assert task.redial_at is None


def test_after_the_last_attempt_the_task_is_exhausted() -> None:
    task = TaskFactory.create(handed_over=True, campaign__max_attempts=3, attempts=2)

    services.take_call_event(ended(task, SystemDisposition.NO_ANSWER))

    task.refresh_from_db()
    assert (task.outcome, task.redial_at) == (TaskOutcome.EXHAUSTED, None)


def test_a_recording_is_added_after_the_end() -> None:
    task = TaskFactory.create(handed_over=True)
    services.take_call_event(ended(task, SystemDisposition.ANSWERING_MACHINE))

    services.take_call_event(
        event(task, CallEventKind.RECORDING_AVAILABLE, 90, recording="recording-1")
    )

    assert Call.objects.get().recording == "recording-1"


def test_a_redial_that_falls_due_makes_the_task_new() -> None:
    due = TaskFactory.create(called=True, outcome=TaskOutcome.NOT_REACHED, redial_at=NOON)
    early = TaskFactory.create(called=True, redial_at=NOON + timedelta(minutes=1))

    assert services.wake_redials(NOON) == 1

    states = dict(CampaignTask.objects.values_list("pk", "task_state"))
    assert states == {due.pk: TaskState.NEW, early.pk: TaskState.DONE}


def test_a_redial_gives_way_to_a_newer_task_of_the_client() -> None:
    done = TaskFactory.create(called=True, redial_at=NOON)
    TaskFactory.create(campaign=done.campaign, phone=done.phone)

    assert services.wake_redials(NOON) == 0

    done.refresh_from_db()
    assert (done.task_state, done.redial_at) == (TaskState.DONE, None)


def test_two_redials_of_one_client_are_one_call() -> None:
    first = TaskFactory.create(called=True, redial_at=NOON)
    TaskFactory.create(campaign=first.campaign, phone=first.phone, called=True, redial_at=NOON)

    assert services.wake_redials(NOON) == 1
    assert CampaignTask.objects.filter(redial_at__isnull=False).count() == 0
