"""What a person in the back office does with tasks: cancel, put off, reorder, put back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.campaigns import services
from apps.campaigns.engine.task_changes import not_open, preview
from apps.campaigns.models import (
    CallOrder,
    CampaignTask,
    Decision,
    Disposition,
    DoNotCallEntry,
    TaskTransition,
)
from apps.campaigns.states import OrderState, TaskOutcome, TaskPriority, TaskState
from apps.campaigns.types import (
    AskedBy,
    CallEvent,
    CallEventKind,
    Candidate,
    LeftBecause,
    Meaning,
    ResultForm,
    SystemDisposition,
    Withdrawal,
)
from apps.security.models import Operator
from testing.factories.campaigns import (
    NOON,
    CampaignFactory,
    CommunicationFactory,
    DispositionFactory,
    TaskFactory,
)
from testing.factories.security import OperatorFactory, SeniorOperatorFactory
from testing.fakes import FakeDialer
from testing.rivals import PATIENCE_SECONDS, Rivals

pytestmark = pytest.mark.django_db

FRIDAY = NOON + timedelta(days=2)


@pytest.fixture
def senior() -> Operator:
    return SeniorOperatorFactory.create()


@pytest.fixture
def by(senior: Operator) -> AskedBy:
    return AskedBy(operator_id=senior.pk, why="клиент позвонил сам")


def now_of(task: CampaignTask) -> CampaignTask:
    return CampaignTask.objects.get(pk=task.pk)


def test_cancelled_tasks_are_called_no_more_and_leave_telephonys_queue(
    dialer: FakeDialer, by: AskedBy
) -> None:
    new, queued = TaskFactory.create(), TaskFactory.create(handed_over=True)
    waiting = TaskFactory.create(called=True, redial_at=FRIDAY)
    order = queued.orders.get()

    changed = services.cancel_tasks([new.pk, queued.pk, waiting.pk], by)

    assert (sorted(changed.changed), changed.withdrawn, changed.left) == (
        [new.pk, queued.pk, waiting.pk], 1, {},
    )  # fmt: skip
    for task in map(now_of, (new, queued, waiting)):
        assert (task.task_state, task.outcome) == (TaskState.DONE, TaskOutcome.CANCELLED)
        assert task.redial_at is None
    order.refresh_from_db()
    assert (order.state, dialer.cancelled) == (OrderState.WITHDRAWING, [order.pk])
    assert services.hand_over_due_tasks(NOON) == 0
    assert services.wake_redials(FRIDAY) == 0


def test_a_cancellation_tells_who_why_and_is_in_the_ledger(by: AskedBy, dialer: FakeDialer) -> None:
    task = TaskFactory.create(handed_over=True)

    services.cancel_tasks([task.pk], by)

    trace = TaskTransition.objects.get(task=task)
    assert (trace.operator_id, trace.why, trace.outcome) == (by.operator_id, by.why, "CANCELLED")
    decision = Decision.objects.get()
    assert (decision.step, decision.rule, decision.reason) == ("BACK_OFFICE", "CANCELLED", by.why)
    assert (decision.verdict, decision.phone, decision.task_id) == ("STOPPED", task.phone, task.pk)


def test_a_call_that_goes_on_is_not_cut_and_a_task_that_is_over_stays(
    by: AskedBy, dialer: FakeDialer
) -> None:
    talking = CommunicationFactory.create(
        campaign_task=TaskFactory.create(handed_over=True)
    ).campaign_task
    due = CommunicationFactory.create(ended=True).campaign_task
    over = TaskFactory.create(called=True)

    expected = {LeftBecause.IN_A_CALL: 2, LeftBecause.OVER: 1}
    ids = [talking.pk, due.pk, over.pk]
    assert preview(not_open, ids).left == expected
    assert services.cancel_tasks(ids, by).left == expected
    assert services.postpone_tasks(ids, FRIDAY, by).left == expected

    assert now_of(talking).task_state == TaskState.IN_PROGRESS
    assert now_of(over).outcome == TaskOutcome.CALLED
    assert not Decision.objects.exists()


def test_a_postponed_task_is_called_at_its_time_and_not_before(
    by: AskedBy, dialer: FakeDialer
) -> None:
    new, queued = TaskFactory.create(), TaskFactory.create(handed_over=True)
    waiting = TaskFactory.create(called=True, redial_at=NOON)

    changed = services.postpone_tasks([new.pk, queued.pk, waiting.pk], FRIDAY, by)
    order = queued.orders.get()
    removed = CallEvent(kind=CallEventKind.WITHDRAWN, order_id=order.pk, at=NOON)
    services.take_call_events([removed])
    services.wake_redials(FRIDAY - timedelta(seconds=1))

    assert changed.withdrawn == 1
    assert services.hand_over_due_tasks(FRIDAY - timedelta(seconds=1)) == 0
    services.wake_redials(FRIDAY)
    assert services.hand_over_due_tasks(FRIDAY) == 3
    assert "20.11.2026 12:00" in Decision.objects.filter(task_id=new.pk).get().reason


@pytest.mark.parametrize("kind", [CallEventKind.LOST, CallEventKind.ENDED])
def test_a_postponed_task_that_was_dialled_all_the_same_is_not_redialled_before_its_time(
    kind: CallEventKind, by: AskedBy, dialer: FakeDialer
) -> None:
    task = TaskFactory.create(handed_over=True)
    order = task.orders.get()

    services.postpone_tasks([task.pk], FRIDAY, by)
    at = NOON + timedelta(minutes=1)
    ended = {"call_key": "late", "system_disposition": SystemDisposition.NO_ANSWER}
    event = CallEvent(kind=kind, order_id=order.pk, at=at)
    services.take_call_events(
        [replace(event, **ended) if kind is CallEventKind.ENDED else event]  # type: ignore[arg-type]
    )

    assert now_of(task).redial_at == FRIDAY


def test_urgent_tasks_are_handed_over_first_and_unimportant_ones_last(
    by: AskedBy, dialer: FakeDialer
) -> None:
    campaign = CampaignFactory.create()
    normal, low, high = TaskFactory.create_batch(3, campaign=campaign)

    services.prioritise_tasks([low.pk], TaskPriority.LOW, by)
    services.prioritise_tasks([high.pk], TaskPriority.HIGH, by)
    services.hand_over_due_tasks(NOON)

    assert [request.task_id for request in dialer.added] == [high.pk, normal.pk, low.pk]
    assert TaskTransition.objects.filter(task=high).first().operator_id == by.operator_id  # type: ignore[union-attr]


def test_a_task_that_is_put_back_is_called_again_at_the_time_that_it_had(
    by: AskedBy, dialer: FakeDialer
) -> None:
    new, waiting = TaskFactory.create(), TaskFactory.create(called=True, redial_at=FRIDAY)
    services.cancel_tasks([new.pk, waiting.pk], by)

    changed = services.put_back_tasks([new.pk, waiting.pk], by, NOON)

    assert (sorted(changed.changed), changed.left) == ([new.pk, waiting.pk], {})
    assert services.hand_over_due_tasks(NOON) == 1
    assert (now_of(waiting).task_state, now_of(waiting).task_time) == (TaskState.NEW, FRIDAY)
    verdicts = Decision.objects.filter(task_id=waiting.pk).order_by("pk")
    assert [row.rule for row in verdicts] == ["CANCELLED", "PUT_BACK"]


def superseded(task: CampaignTask) -> None:
    newer = Candidate(
        campaign_id=task.campaign_id, phone=task.phone, client_info={}, source_key="application:9",
        subject_key=task.subject_key, changed_at=NOON,
    )  # fmt: skip
    services.add_candidates([newer], NOON)


def outdated(task: CampaignTask) -> None:
    newer = Withdrawal(
        campaign_id=task.campaign_id, subject_key=task.subject_key, changed_at=NOON, reason="отказ"
    )
    services.withdraw_outdated_tasks([newer])


def listed(task: CampaignTask) -> None:
    services.never_call_again(task.phone, "письмо")


def exhausted(task: CampaignTask) -> None:
    CampaignTask.objects.filter(pk=task.pk).update(attempts=task.campaign.max_attempts)


def answered(task: CampaignTask) -> None:
    talk = CommunicationFactory.create(campaign_task=task, draft=True)
    result = DispositionFactory.create(campaign=task.campaign, meaning=Meaning.REFUSED)
    form = ResultForm(
        communication_id=talk.pk, operator_id=talk.operator_id, phone=task.phone,
        result=result.result,
    )  # fmt: skip
    services.save_result(form, NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        (superseded, LeftBecause.REPLACED),
        (outdated, LeftBecause.NOT_CANCELLED),
        (listed, LeftBecause.DO_NOT_CALL),
        (exhausted, LeftBecause.EXHAUSTED),
        (answered, LeftBecause.ANSWERED),
    ],
)
def test_a_task_of_no_more_use_is_not_put_back(
    meanwhile: object, why: LeftBecause, by: AskedBy, dialer: FakeDialer
) -> None:
    task = TaskFactory.create()
    services.cancel_tasks([task.pk], by)
    assert callable(meanwhile)
    meanwhile(task)

    changed = services.put_back_tasks([task.pk], by, NOON)

    assert (changed.changed, changed.left) == ([], {why: 1})
    assert now_of(task).task_state == TaskState.DONE


def promised(at: object = FRIDAY) -> CampaignTask:
    """A task whose client was promised a callback, by the result of a conversation."""
    talk = CommunicationFactory.create(ended=True)
    task: CampaignTask = talk.campaign_task
    Disposition.objects.get_or_create(
        campaign=task.campaign, result="Перезвонить", meaning=Meaning.CALLBACK
    )
    form = ResultForm(
        communication_id=talk.pk, operator_id=talk.operator_id, phone=task.phone,
        result="Перезвонить", callback_at=FRIDAY,
    )  # fmt: skip
    services.save_result(form, NOON + timedelta(minutes=1))
    return now_of(task)


def test_whoever_promised_a_callback_owes_it_until_a_conversation_has_another_result(
    dialer: FakeDialer,
) -> None:
    task = promised()
    promise = (FRIDAY, task.communications.get().operator_id)
    assert (task.callback_at, task.callback_operator_id) == promise

    services.wake_redials(FRIDAY)
    services.hand_over_due_tasks(FRIDAY)
    order = CallOrder.objects.get(task=task, state=OrderState.QUEUED)
    nobody = CallEvent(
        kind=CallEventKind.ENDED, order_id=order.pk, at=FRIDAY, call_key="again",
        system_disposition=SystemDisposition.NO_ANSWER,
    )  # fmt: skip
    services.take_call_events([nobody])
    assert (now_of(task).callback_at, now_of(task).callback_operator_id) == promise

    talk = CommunicationFactory.create(
        campaign_task=task, operator_id=promise[1], started_at=FRIDAY, draft=True,
        ended_at=FRIDAY + timedelta(minutes=1),
    )  # fmt: skip
    result = DispositionFactory.create(campaign=task.campaign)
    form = ResultForm(
        communication_id=talk.pk, operator_id=talk.operator_id, phone=task.phone,
        result=result.result,
    )  # fmt: skip
    services.save_result(form, FRIDAY + timedelta(hours=1))
    assert (now_of(task).callback_at, now_of(task).callback_operator_id) == (None, None)


def test_a_newer_application_takes_over_the_callback(dialer: FakeDialer) -> None:
    task = promised()

    superseded(task)

    newer = CampaignTask.objects.get(phone=task.phone, task_state=TaskState.NEW)
    assert (newer.task_time, newer.callback_at) == (FRIDAY, FRIDAY)
    assert newer.callback_operator_id == task.callback_operator_id


def test_a_callback_is_moved_and_given_to_another_operator(by: AskedBy, dialer: FakeDialer) -> None:
    task, other = promised(), OperatorFactory.create()
    later = FRIDAY + timedelta(hours=3)

    services.postpone_tasks([task.pk], later, by)
    services.give_callbacks([task.pk], other.pk, by)

    moved = now_of(task)
    assert (moved.callback_at, moved.redial_at) == (later, later)
    assert moved.callback_operator_id == other.pk
    assert TaskTransition.objects.filter(task=task, operator=by.operator_id).count() == 2
    without = TaskFactory.create()
    assert services.give_callbacks([without.pk], other.pk, by).left == {LeftBecause.NO_CALLBACK: 1}


def test_ten_thousand_tasks_take_as_many_statements_as_one_thousand_ten_times(
    by: AskedBy, dialer: FakeDialer
) -> None:
    campaign = CampaignFactory.create()
    one = TaskFactory.create(campaign=campaign)
    many = CampaignTask.objects.bulk_create(
        CampaignTask(
            campaign=campaign, phone=str(79_200_000_000 + number), client_info={}, task_time=NOON
        )
        for number in range(10_000)
    )

    with CaptureQueriesContext(connection) as for_one:
        services.cancel_tasks([one.pk], by)
    with CaptureQueriesContext(connection) as for_many:
        changed = services.cancel_tasks([task.pk for task in many], by)

    assert len(changed.changed) == 10_000
    assert len(for_many) <= 10 * len(for_one)


@pytest.mark.django_db(transaction=True)
def test_a_call_that_starts_at_this_moment_wins_or_loses_as_a_whole(
    rivals: Rivals, senior: Operator, core_alone: None
) -> None:
    """Whichever is first: the client is not called again, and no call is cut."""
    by = AskedBy(operator_id=senior.pk, why="отмена")
    tasks = TaskFactory.create_batch(20, campaign=CampaignFactory.create(), handed_over=True)
    orders = list(CallOrder.objects.order_by("pk"))
    starts = [
        CallEvent(
            kind=CallEventKind.DIALING, order_id=order.pk, at=NOON, call_key=f"call-{order.pk}"
        )
        for order in reversed(orders)
    ]

    cancelling = rivals.start(lambda: services.cancel_tasks([task.pk for task in tasks], by))
    calling = [
        rivals.start(lambda start=start: services.take_call_events([start]))  # type: ignore[misc]
        for start in starts
    ]
    changed = cancelling.result(PATIENCE_SECONDS)
    for call in calling:
        call.result(PATIENCE_SECONDS)

    cut = CampaignTask.objects.filter(pk__in=changed.changed)
    kept = CampaignTask.objects.exclude(pk__in=changed.changed)
    assert set(cut.values_list("outcome", flat=True)) <= {TaskOutcome.CANCELLED}
    assert set(kept.values_list("task_state", flat=True)) <= {TaskState.IN_PROGRESS}
    assert CallOrder.objects.filter(state=OrderState.CALLING).count() == len(tasks)
    assert not DoNotCallEntry.objects.exists()
