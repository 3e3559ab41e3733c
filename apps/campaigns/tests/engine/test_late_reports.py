"""Calls that telephony reports late, forgets, or makes after all; and results that come between."""

from datetime import timedelta
from functools import partial

import pytest

from apps.campaigns import services
from apps.campaigns.models import (
    Call,
    CallOrder,
    CampaignTask,
    Communication,
    DoNotCallEntry,
)
from apps.campaigns.states import OrderEnding, OrderState, TaskOutcome, TaskState
from apps.campaigns.types import (
    CallEvent,
    CallEventKind,
    HungUpBy,
    Meaning,
    ResultForm,
    SystemDisposition,
    Withdrawal,
)
from testing.factories.campaigns import (
    NOON,
    CommunicationFactory,
    DispositionFactory,
    OrderFactory,
    TaskFactory,
)
from testing.factories.security import OperatorFactory
from testing.interleaving import Interleaving

pytestmark = pytest.mark.django_db


def report(order: CallOrder, kind: CallEventKind, **more: object) -> CallEvent:
    key = "" if kind in (CallEventKind.LOST, CallEventKind.EXPIRED) else f"call-{order.pk}"
    return CallEvent(kind=kind, order_id=order.pk, at=NOON, call_key=key, **more)  # type: ignore[arg-type]


def take(*events: CallEvent) -> None:
    services.take_call_events(events)


def conversation(order: CallOrder, operator_id: int) -> tuple[CallEvent, CallEvent]:
    return (
        report(order, CallEventKind.CONNECTED, operator_id=operator_id),
        report(
            order,
            CallEventKind.ENDED,
            operator_id=operator_id,
            system_disposition=SystemDisposition.CONNECTED,
            hung_up_by=HungUpBy.CLIENT,
        ),
    )


def unanswered(order: CallOrder) -> CallEvent:
    return report(order, CallEventKind.ENDED, system_disposition=SystemDisposition.NO_ANSWER)


def save(talk: Communication, meaning: Meaning) -> None:
    disposition = DispositionFactory.create(
        campaign=talk.campaign_task.campaign, meaning=meaning, result=meaning, block_minutes=60
    )
    form = ResultForm(
        communication_id=talk.pk,
        operator_id=talk.operator_id,
        phone=talk.phone,
        result=disposition.result,
    )
    services.save_result(form, NOON + timedelta(minutes=5))


@pytest.fixture
def called_again() -> Communication:
    """A conversation that became known late, without a result, while the client is called again."""
    task = TaskFactory.create(task_state=TaskState.IN_PROGRESS, attempts=1)
    OrderFactory.create(task=task)
    talk: Communication = CommunicationFactory.create(campaign_task=task, draft=True)
    take(report(OrderFactory.create(task=task), CallEventKind.DIALING))
    return talk


def test_a_final_result_is_the_last_word_though_a_later_call_reaches_nobody(
    called_again: Communication,
) -> None:
    save(called_again, Meaning.SUCCESS)

    take(unanswered(CallOrder.objects.latest("pk")))

    task = CampaignTask.objects.get()
    assert (task.task_state, task.outcome, task.redial_at) == ("DONE", "CALLED", None)


def test_a_result_that_asks_for_a_redial_leaves_a_later_call_to_its_own_end(
    called_again: Communication,
) -> None:
    save(called_again, Meaning.REDIAL)

    take(unanswered(CallOrder.objects.latest("pk")))

    task = CampaignTask.objects.get()
    assert (task.outcome, task.redial_at) == ("NOT_REACHED", NOON + timedelta(hours=2))


def test_a_client_who_wants_no_calls_is_listed_though_a_later_call_goes_on(
    called_again: Communication,
) -> None:
    save(called_again, Meaning.NEVER_AGAIN)

    assert DoNotCallEntry.objects.get().phone == called_again.phone
    assert CampaignTask.objects.get().outcome == TaskOutcome.FORBIDDEN
    assert CallOrder.objects.latest("pk").state == OrderState.CALLING


def test_a_call_that_telephony_has_forgotten_is_over() -> None:
    task = TaskFactory.create(handed_over=True)
    order = task.orders.get()
    take(report(order, CallEventKind.DIALING))

    take(report(order, CallEventKind.LOST))

    task.refresh_from_db()
    order.refresh_from_db()
    assert (order.state, order.ending) == (OrderState.CLOSED, OrderEnding.NOT_REACHED)
    assert (task.outcome, task.redial_at) == ("NOT_REACHED", NOON + timedelta(hours=1))
    assert Call.objects.get().ended_at == NOON


def test_a_conversation_that_telephony_has_forgotten_waits_for_its_result() -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()
    order = task.orders.get()
    take(report(order, CallEventKind.CONNECTED, operator_id=operator.pk))

    take(report(order, CallEventKind.LOST))

    task.refresh_from_db()
    order.refresh_from_db()
    assert order.state == OrderState.RESULT_DUE
    assert (task.task_state, task.outcome) == ("DONE", "CALLED")
    assert Communication.objects.get().ended_at == NOON


def test_a_conversation_of_an_order_that_was_taken_for_lost_is_not_called_again() -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()
    order = task.orders.get()
    take(report(order, CallEventKind.LOST))

    for event in conversation(order, operator.pk):
        take(event)

    task.refresh_from_db()
    assert (task.task_state, task.outcome, task.redial_at) == ("DONE", "CALLED", None)
    assert task.attempts == 1


@pytest.mark.parametrize(
    ("attempts", "outcome", "redial_at"),
    [(1, "NOT_REACHED", NOON + timedelta(hours=2)), (2, "EXHAUSTED", None)],
)
@pytest.mark.parametrize("ending", [CallEventKind.EXPIRED, CallEventKind.LOST])
def test_a_call_made_after_all_follows_the_redial_rule(
    ending: CallEventKind, attempts: int, outcome: str, redial_at: object
) -> None:
    task = TaskFactory.create(
        task_state=TaskState.IN_PROGRESS, campaign__max_attempts=2, attempts=attempts - 1
    )
    order = OrderFactory.create(task=task)
    take(report(order, ending))

    take(report(order, CallEventKind.DIALING))
    take(unanswered(order))

    task.refresh_from_db()
    assert (task.task_state, task.outcome) == ("DONE", outcome)
    assert (task.attempts, task.redial_at) == (attempts, redial_at)


@pytest.mark.parametrize("state", ["ended", "draft"])
def test_the_result_of_an_outdated_application_brings_no_redial(state: str) -> None:
    talk = CommunicationFactory.create(**{state: True})
    task = talk.campaign_task

    services.withdraw_outdated_tasks(
        [
            Withdrawal(
                campaign_id=task.campaign_id,
                subject_key=task.subject_key,
                changed_at=NOON,
                reason="stopped",
            )
        ]
    )
    save(talk, Meaning.REDIAL)

    task.refresh_from_db()
    assert (task.outcome, task.redial_at) == (TaskOutcome.WITHDRAWN, None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", range(1, 7))
def test_two_conversations_of_one_operator_reported_at_once_are_both_kept(
    interleaving: Interleaving, after: int
) -> None:
    operator = OperatorFactory.create()
    first, second = (task.orders.get() for task in TaskFactory.create_batch(2, handed_over=True))

    def start(order: CallOrder) -> None:
        take(report(order, CallEventKind.CONNECTED, operator_id=operator.pk))

    interleaving.halted(partial(start, first), partial(start, second), after)

    states = sorted(Communication.objects.values_list("state", flat=True))
    assert states == ["DRAFT", "NEW"]
