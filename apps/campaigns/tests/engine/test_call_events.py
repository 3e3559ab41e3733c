from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.campaigns import services
from apps.campaigns.models import (
    Call,
    CallOrder,
    CampaignTask,
    Communication,
    Decision,
    RedialRule,
)
from apps.campaigns.states import (
    CommunicationState,
    OrderState,
    TaskOutcome,
    TaskState,
)
from apps.campaigns.types import (
    CallEffects,
    CallEvent,
    CallEventKind,
    Candidate,
    HungUpBy,
    ResultForm,
    SystemDisposition,
)
from testing.factories.campaigns import (
    NOON,
    CommunicationFactory,
    DispositionFactory,
    OrderFactory,
    TaskFactory,
)
from testing.factories.security import OperatorFactory
from testing.fakes import FakeDialer
from testing.rivals import PATIENCE_SECONDS, Rivals, wait_until_a_lock_is_awaited

pytestmark = pytest.mark.django_db

ANSWERED = SystemDisposition.CONNECTED


def event(task: CampaignTask, kind: CallEventKind, seconds: int = 0, **more: object) -> CallEvent:
    return CallEvent(
        kind=kind,
        call_key="call-1",
        order_id=task.orders.latest("pk").pk,
        at=NOON + timedelta(seconds=seconds),
        **more,  # type: ignore[arg-type]
    )


def take(*events: CallEvent) -> CallEffects:
    return services.take_call_events(events)


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

    effects = take(event(task, CallEventKind.CONNECTED, operator_id=operator.pk))

    communication = Communication.objects.get()
    assert effects == CallEffects(
        operator_ids=frozenset({operator.pk}), started_communication_ids=(communication.pk,)
    )
    assert (communication.state, communication.started_at) == (CommunicationState.NEW, NOON)
    assert (communication.campaign_task_id, communication.operator_id) == (task.pk, operator.pk)


@pytest.mark.parametrize("kind", [CallEventKind.DIALING, CallEventKind.RINGING])
def test_a_call_that_is_being_made_is_no_conversation_though_its_operator_is_known(
    kind: CallEventKind,
) -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()

    effects = take(event(task, kind, operator_id=operator.pk))

    assert effects == CallEffects()
    assert not Communication.objects.exists()
    assert Call.objects.get().operator_id == operator.pk


def test_a_client_who_is_connected_to_nobody_we_know_is_in_no_conversation() -> None:
    task = TaskFactory.create(handed_over=True)

    effects = take(event(task, CallEventKind.CONNECTED))

    assert effects == CallEffects()
    assert not Communication.objects.exists()
    assert task.orders.get().state == OrderState.CALLING


@pytest.mark.django_db(transaction=True)
def test_events_lock_their_tasks_in_one_order_however_they_come(rivals: Rivals) -> None:
    first, second = TaskFactory.create_batch(2, handed_over=True)

    def take_both() -> None:
        news = [event(task, CallEventKind.RINGING) for task in (second, first)]
        services.take_call_events([replace(one, call_key=f"c{one.order_id}") for one in news])

    with transaction.atomic():
        CampaignTask.objects.select_for_update().get(pk=first.pk)
        rival = rivals.start(take_both)
        wait_until_a_lock_is_awaited()
        CampaignTask.objects.select_for_update(nowait=True).get(pk=second.pk)
    rival.result(PATIENCE_SECONDS)

    assert Call.objects.filter(ringing_at__isnull=False).count() == 2


def test_the_end_of_a_call_finishes_its_task() -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()

    effects = [take(one) for one in whole_call(task, operator.pk)]

    task.refresh_from_db()
    communication = Communication.objects.get()
    assert effects[-1].ended_operator_ids == {operator.pk}
    assert (task.task_state, task.outcome, task.attempts) == ("DONE", "CALLED", 1)
    assert communication.ended_at == NOON + timedelta(seconds=65)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_events_in_any_order_tell_the_same_call(order: tuple[int, ...]) -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()
    events = whole_call(task, operator.pk)

    for position in order:
        take(events[position])

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
        take(one)

    effects = [take(one) for one in events]

    task.refresh_from_db()
    assert effects == [CallEffects()] * 4
    assert (Communication.objects.count(), Call.objects.count(), task.attempts) == (1, 1, 1)


def test_a_late_end_does_not_touch_a_task_that_is_new_again() -> None:
    task = TaskFactory.create(attempts=1)
    OrderFactory.create(task=task, closed=True)

    take(ended(task, SystemDisposition.BUSY))

    task.refresh_from_db()
    assert (task.task_state, task.attempts) == (TaskState.NEW, 1)


def test_a_late_end_of_an_earlier_order_does_not_end_the_present_one() -> None:
    task = TaskFactory.create(called=True)
    late = ended(task, SystemDisposition.BUSY)
    present = hand_over_again(task)

    take(late)

    task.refresh_from_db()
    present.refresh_from_db()
    assert (task.task_state, present.state) == (TaskState.IN_PROGRESS, OrderState.QUEUED)


def test_an_earlier_conversation_that_is_told_late_takes_the_place_of_the_present_one() -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()
    earlier = task.orders.get()
    late = [replace(told, call_key="call-0") for told in whole_call(task, operator.pk)]
    take(replace(ended(task, SystemDisposition.NO_ANSWER), call_key="call-0"))
    present = hand_over_again(task)
    take(*whole_call(task, operator.pk))

    take(*late)

    earlier.refresh_from_db()
    present.refresh_from_db()
    assert (earlier.state, present.state) == (OrderState.RESULT_DUE, OrderState.CLOSED)


def test_the_result_of_an_earlier_order_ends_the_present_one(dialer: FakeDialer) -> None:
    task, operator = TaskFactory.create(called=True), OperatorFactory.create()
    DispositionFactory.create(campaign=task.campaign)
    late = whole_call(task, operator.pk)
    present = hand_over_again(task)
    take(*late)
    talk = Communication.objects.get()

    services.save_result(
        ResultForm(
            communication_id=talk.pk,
            operator_id=operator.pk,
            phone=talk.phone,
            result="Согласен оформить",
        ),
        NOON + timedelta(minutes=2),
    )

    task.refresh_from_db()
    assert (task.task_state, task.outcome, task.redial_at) == ("DONE", "CALLED", None)
    assert dialer.cancelled == [present.pk]


def hand_over_again(task: CampaignTask) -> CallOrder:
    """A redial: the task is in telephony's queue with a new order."""
    CampaignTask.objects.filter(pk=task.pk).update(
        task_state=TaskState.IN_PROGRESS, outcome=None, redial_at=None
    )
    return OrderFactory.create(task=task)


def test_a_call_of_an_unknown_order_is_ignored() -> None:
    strange = CallEvent(kind=CallEventKind.DIALING, call_key="c", order_id=123456789, at=NOON)

    assert take(strange) == CallEffects()
    assert Call.objects.count() == 0


def test_a_call_that_is_dialled_after_its_order_was_superseded_keeps_the_client_engaged() -> None:
    task = TaskFactory.create(handed_over=True)
    order = task.orders.get()
    newer = Candidate(
        campaign_id=task.campaign_id,
        phone=task.phone,
        client_info={},
        source_key="application:1",
        subject_key="MOBILE_LOANS/1",
        changed_at=NOON,
    )
    services.add_candidates([newer], NOON)

    take(event(task, CallEventKind.DIALING))

    assert services.hand_over_due_tasks(NOON) == 0
    order.refresh_from_db()
    assert order.state == OrderState.CALLING


@pytest.mark.parametrize("kind", [CallEventKind.WITHDRAWN, CallEventKind.EXPIRED])
def test_an_order_that_left_the_queue_makes_its_task_new_and_its_client_free(
    kind: CallEventKind,
) -> None:
    task = TaskFactory.create(handed_over=True)
    order = task.orders.get()

    take(CallEvent(kind=kind, order_id=order.pk, at=NOON))

    task.refresh_from_db()
    order.refresh_from_db()
    assert (task.task_state, task.task_time, task.attempts) == (TaskState.NEW, NOON, 0)
    assert (order.state, order.ending) == (OrderState.CLOSED, kind.value)


def test_a_withdrawal_that_comes_after_the_dialling_changes_nothing() -> None:
    task = TaskFactory.create(handed_over=True)
    order = task.orders.get()
    take(event(task, CallEventKind.DIALING))

    take(CallEvent(kind=CallEventKind.WITHDRAWN, order_id=order.pk, at=NOON))

    task.refresh_from_db()
    order.refresh_from_db()
    assert (task.task_state, order.state) == (TaskState.IN_PROGRESS, OrderState.CALLING)


def test_a_call_that_telephony_made_after_all_opens_its_order_again() -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()
    order = task.orders.get()
    take(CallEvent(kind=CallEventKind.WITHDRAWN, order_id=order.pk, at=NOON))

    take(*whole_call(task, operator.pk))

    task.refresh_from_db()
    order.refresh_from_db()
    assert (task.task_state, task.outcome) == (TaskState.DONE, TaskOutcome.CALLED)
    assert order.state == OrderState.RESULT_DUE


@pytest.mark.parametrize(
    ("kind", "disposition", "outcome"),
    [
        (CallEventKind.REJECTED, SystemDisposition.INVALID_NUMBER, TaskOutcome.NOT_REACHED),
        (CallEventKind.REJECTED, SystemDisposition.FAILED, TaskOutcome.NOT_REACHED),
        (CallEventKind.LOST, None, TaskOutcome.NOT_REACHED),
    ],
)
def test_an_order_that_telephony_refuses_or_loses_is_no_attempt(
    kind: CallEventKind, disposition: SystemDisposition | None, outcome: TaskOutcome
) -> None:
    task = TaskFactory.create(handed_over=True)
    order = task.orders.get()

    take(CallEvent(kind=kind, order_id=order.pk, at=NOON, system_disposition=disposition))

    task.refresh_from_db()
    order.refresh_from_db()
    assert (task.outcome, task.attempts, task.failures_in_row) == (outcome, 0, 1)
    assert (order.state, order.is_attempt) == (OrderState.CLOSED, False)
    assert (task.redial_at is None) == (disposition == SystemDisposition.INVALID_NUMBER)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (CallEventKind.REJECTED, ["TELEPHONY"]),
        (CallEventKind.EXPIRED, ["TELEPHONY"]),
        (CallEventKind.LOST, ["TELEPHONY"]),
        (CallEventKind.WITHDRAWN, []),  # whoever withdrew it has told why
    ],
)
def test_the_ledger_tells_that_telephony_did_not_call(kind: CallEventKind, told: list[str]) -> None:
    task = TaskFactory.create(handed_over=True)

    take(CallEvent(kind=kind, order_id=task.orders.get().pk, at=NOON))

    assert list(Decision.objects.values_list("step", flat=True)) == told


def test_an_order_counts_as_one_attempt_whatever_is_reported_of_it_again() -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()
    take(ended(task, SystemDisposition.NO_ANSWER))

    take(event(task, CallEventKind.CONNECTED, 5, operator_id=operator.pk))

    task.refresh_from_db()
    assert (task.attempts, task.orders.get().is_attempt) == (1, True)
    assert (task.outcome, task.redial_at) == (TaskOutcome.CALLED, None)


def test_a_call_made_after_all_withdraws_the_next_order_of_its_client(dialer: FakeDialer) -> None:
    task = TaskFactory.create(handed_over=True)
    expired = task.orders.get()
    take(event(task, CallEventKind.EXPIRED))
    services.hand_over_due_tasks(NOON)
    following = task.orders.exclude(pk=expired.pk).get()

    take(replace(event(task, CallEventKind.DIALING), order_id=expired.pk))

    assert dialer.cancelled == [following.pk]
    states = dict(task.orders.values_list("pk", "state"))
    assert states == {expired.pk: OrderState.CLOSED, following.pk: OrderState.WITHDRAWING}


def test_a_failing_route_is_dialled_again_ever_later_and_not_for_ever() -> None:
    task = TaskFactory.create(handed_over=True, campaign__max_attempts=3)
    delays = []
    for number in range(10):
        failure = replace(ended(task, SystemDisposition.NETWORK_FAILURE), call_key=f"c{number}")
        take(failure)
        task.refresh_from_db()
        if task.redial_at:
            delays.append((task.redial_at - failure.at) // timedelta(minutes=1))
            hand_over_again(task)

    assert delays == [5, 10, 20, 40, 80, 160, 320, 640, 1280]
    assert (task.outcome, task.attempts) == (TaskOutcome.EXHAUSTED, 0)


def test_five_hundred_events_cost_as_many_statements_as_fifty() -> None:
    def statements(count: int) -> int:
        events = []
        for task in TaskFactory.create_batch(count, handed_over=True):
            news = whole_call(task, OperatorFactory.create().pk)
            events += [replace(one, call_key=f"call-{task.pk}") for one in news]
        with CaptureQueriesContext(connection) as captured:
            take(*events)
        return len(captured)

    assert statements(125) == statements(12)


def test_a_call_reported_for_two_orders_is_refused() -> None:
    first, second = TaskFactory.create_batch(2, handed_over=True)
    take(event(first, CallEventKind.DIALING))

    with pytest.raises(ValueError, match="reported for"):
        take(event(second, CallEventKind.DIALING))


def test_a_new_call_sends_the_unsaved_result_of_the_last_one_to_rework() -> None:
    earlier = CommunicationFactory.create(ended=True)
    task = TaskFactory.create(handed_over=True)

    effects = take(event(task, CallEventKind.CONNECTED, 120, operator_id=earlier.operator_id))

    earlier.refresh_from_db()
    assert earlier.state == CommunicationState.DRAFT
    assert effects.drafted_operator_ids == {earlier.operator_id}
    assert CallOrder.objects.get(calls__communication=earlier).state == OrderState.CLOSED


def test_an_earlier_conversation_without_a_call_goes_to_rework_too() -> None:
    earlier = CommunicationFactory.create(ended=True)
    Call.objects.all().delete()
    task = TaskFactory.create(handed_over=True)

    take(event(task, CallEventKind.CONNECTED, 120, operator_id=earlier.operator_id))

    earlier.refresh_from_db()
    assert earlier.state == CommunicationState.DRAFT


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

    take(ended(task, disposition))

    task.refresh_from_db()
    at = None if minutes is None else NOON + timedelta(seconds=30, minutes=minutes)
    assert (task.outcome, task.redial_at, task.attempts) == (outcome, at, attempts)


def test_a_campaign_has_redial_rules_of_its_own() -> None:
    task = TaskFactory.create(handed_over=True)
    RedialRule.objects.create(
        campaign=task.campaign, system_disposition=SystemDisposition.BUSY, delay_minutes=0
    )

    take(ended(task, SystemDisposition.BUSY))

    task.refresh_from_db()
    assert task.redial_at is None


def test_after_the_last_attempt_the_task_is_exhausted() -> None:
    task = TaskFactory.create(handed_over=True, campaign__max_attempts=3, attempts=2)

    take(ended(task, SystemDisposition.NO_ANSWER))

    task.refresh_from_db()
    assert (task.outcome, task.redial_at) == (TaskOutcome.EXHAUSTED, None)


def test_a_recording_is_added_after_the_end() -> None:
    task = TaskFactory.create(handed_over=True)
    take(ended(task, SystemDisposition.ANSWERING_MACHINE))

    take(event(task, CallEventKind.RECORDING_AVAILABLE, 90, recording="recording-1"))

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
