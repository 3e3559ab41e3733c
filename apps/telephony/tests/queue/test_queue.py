"""The queue of requests: written once, sent once, whatever fails on the way [source 2.6.6.4]."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from apps.campaigns.models import Call, CampaignTask
from apps.campaigns.states import OrderEnding, OrderState, TaskState
from apps.telephony.mightycall.connection import transport
from apps.telephony.models import MightyCallTask
from apps.telephony.queue import call_queue
from apps.telephony.queue.dialer import MightyCallDialer
from apps.telephony.queue.queue_sender import send_queue
from apps.telephony.sessions.operator_sessions import MightyCallSessions
from apps.telephony.sessions.presence import send_presence
from apps.telephony.states import QueueTaskState, QueueTaskType
from apps.telephony.tests.simulated_mightycall import SimulatedMightyCall
from common import clock
from testing.factories.campaigns import OrderFactory, TaskFactory
from testing.factories.telephony import AccountFactory, request_of
from testing.waiting import until

pytestmark = pytest.mark.django_db

ASK_AGAIN = call_queue.LOOK_UP_AFTER


def ordered(count: int = 1) -> list[CampaignTask]:
    tasks = TaskFactory.create_batch(count, handed_over_now=True)
    MightyCallDialer().add_calls([request_of(task) for task in tasks])
    return tasks


def answers() -> list[tuple[str, str, str]]:
    rows = MightyCallTask.objects.order_by("pk")
    return list(rows.values_list("task_type", "task_state", "answer"))


def queries_of(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def soon(now: datetime) -> datetime:
    return now + ASK_AGAIN + timedelta(seconds=1)


def test_a_request_that_is_still_new_is_not_written_twice() -> None:
    (task,) = ordered()

    MightyCallDialer().add_calls([request_of(task)])

    assert answers() == [("ADD", "NEW", "")]


def test_a_redial_is_an_order_of_its_own(mightycall: SimulatedMightyCall) -> None:
    (task,) = ordered()
    send_queue(clock.now())
    task.orders.update(
        state=OrderState.CLOSED, ending=OrderEnding.NOT_REACHED, ended_at=clock.now()
    )
    OrderFactory.create(task=task)

    MightyCallDialer().add_calls([request_of(task)])
    send_queue(clock.now())

    assert answers() == [("ADD", "DONE", "Queued"), ("ADD", "DONE", "Queued")]
    assert mightycall.tasks() == {"Queued": 2}


def test_an_order_cancelled_before_it_was_sent_is_never_sent(
    mightycall: SimulatedMightyCall,
) -> None:
    (task,) = ordered()

    MightyCallDialer().cancel_calls([task.orders.get().pk])

    send_queue(clock.now())

    unsent = "cancelled before it was sent"
    assert answers() == [("ADD", "DONE", unsent), ("DELETE", "DONE", unsent)]
    assert mightycall.tasks() == {}
    task.refresh_from_db()
    assert (task.task_state, task.orders.get().ending) == (TaskState.NEW, OrderEnding.WITHDRAWN)


def test_an_order_cancelled_after_it_was_sent_leaves_the_queue(
    mightycall: SimulatedMightyCall,
) -> None:
    (task,) = ordered()
    send_queue(clock.now())

    MightyCallDialer().cancel_calls([task.orders.get().pk])
    send_queue(clock.now())

    assert answers() == [("ADD", "DONE", "Queued"), ("DELETE", "DONE", "REMOVED")]
    assert mightycall.tasks() == {"Removed": 1}
    assert not MightyCallTask.objects.filter(task_type="ADD", ended_at=None).exists()


def test_cancelling_what_was_never_ordered_writes_nothing() -> None:
    task = TaskFactory.create(handed_over_now=True)

    MightyCallDialer().cancel_calls([task.orders.get().pk])

    assert answers() == []


def test_fifty_orders_cost_as_many_queries_as_one(mightycall: SimulatedMightyCall) -> None:
    def whole_way(count: int) -> list[int]:
        tasks = TaskFactory.create_batch(count, handed_over_now=True)
        requests = [request_of(task) for task in tasks]
        order_ids = [request.order_id for request in requests]
        return [
            queries_of(lambda: MightyCallDialer().add_calls(requests)),
            queries_of(lambda: send_queue(clock.now())),
            queries_of(lambda: MightyCallDialer().cancel_calls(order_ids)),
            queries_of(lambda: send_queue(clock.now())),
        ]

    assert whole_way(50) == whole_way(1)


def test_a_rejected_number_ends_its_task_with_that_outcome(mightycall: SimulatedMightyCall) -> None:
    bad, good = (
        TaskFactory.create(handed_over_now=True, phone="123"),
        TaskFactory.create(handed_over_now=True),
    )
    MightyCallDialer().add_calls([request_of(bad), request_of(good)])

    send_queue(clock.now())

    assert answers() == [("ADD", "DONE", "INVALID_NUMBER"), ("ADD", "DONE", "Queued")]
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.task_state, good.task_state) == (TaskState.DONE, TaskState.IN_PROGRESS)
    assert bad.orders.get().ending == OrderEnding.REJECTED
    assert (bad.redial_at, bad.attempts) == (None, 0)
    assert not Call.objects.exists()


def test_an_order_whose_time_is_over_is_not_sent(mightycall: SimulatedMightyCall) -> None:
    task = TaskFactory.create(handed_over_now=True)
    MightyCallDialer().add_calls([request_of(task, expires_at=clock.now())])

    send_queue(clock.now())

    assert answers() == [("ADD", "DONE", "EXPIRED")]
    assert mightycall.tasks() == {}
    task.refresh_from_db()
    assert (task.task_state, task.orders.get().ending) == (TaskState.NEW, OrderEnding.EXPIRED)


def test_a_request_that_took_effect_unanswered_is_not_sent_again(
    mightycall: SimulatedMightyCall,
) -> None:
    ordered(30)
    now = clock.now()
    mightycall.put_faults(effect_without_answer=1)
    send_queue(now)
    assert {state for _, state, _ in answers()} == {QueueTaskState.IN_PROGRESS}
    mightycall.clear_faults()

    send_queue(soon(now))

    assert set(answers()) == {("ADD", "DONE", "Queued")}
    assert mightycall.tasks() == {"Queued": 30}


@pytest.mark.parametrize(
    "fault",
    [
        {"error_rate": 1},
        {"error_rate": 1, "error_status": 500},
        {"unauthorized": 1},
        {"cut_off": 1},
        {"malformed": 1},
    ],
)
def test_a_failing_mightycall_gets_every_order_once(
    mightycall: SimulatedMightyCall, fault: dict[str, float]
) -> None:
    ordered(30)
    now = clock.now()
    mightycall.put_faults(**fault)
    assert send_queue(now) == 0
    mightycall.clear_faults()

    send_queue(soon(now))

    assert set(answers()) == {("ADD", "DONE", "Queued")}
    assert mightycall.tasks() == {"Queued": 30}


def test_no_more_is_sent_while_a_whole_request_is_unanswered(
    mightycall: SimulatedMightyCall, settings: Settings
) -> None:
    settings.TELEPHONY_SENDERS = 1
    ordered(450)
    now = clock.now()
    mightycall.put_faults(error_rate=1)
    send_queue(now)

    send_queue(now + timedelta(seconds=1))

    assert MightyCallTask.objects.filter(task_state=QueueTaskState.NEW).count() == 50


def test_an_order_unanswered_that_was_cancelled_is_not_sent_again(
    mightycall: SimulatedMightyCall,
) -> None:
    (task,) = ordered()
    now = clock.now()
    mightycall.put_faults(error_rate=1)
    send_queue(now)
    mightycall.clear_faults()

    MightyCallDialer().cancel_calls([task.orders.get().pk])
    send_queue(soon(now))

    assert answers() == [
        ("ADD", "DONE", "cancelled before it was sent"),
        ("DELETE", "DONE", "cancelled before it was sent"),
    ]
    assert mightycall.tasks() == {}


def test_a_request_waits_for_an_earlier_one_of_its_task(mightycall: SimulatedMightyCall) -> None:
    (task,) = ordered()
    (add,) = call_queue.take_new(sender=0)

    MightyCallDialer().cancel_calls([task.orders.get().pk])

    assert call_queue.take_new(sender=1) == []
    assert answers() == [("ADD", "IN_PROGRESS", ""), ("DELETE", "NEW", "")]
    assert MightyCallTask.objects.get(task_type=QueueTaskType.DELETE).order_id == add.order_id


def test_a_call_that_is_over_is_not_taken_for_a_removed_one(
    mightycall: SimulatedMightyCall,
) -> None:
    account = AccountFactory.create()
    MightyCallSessions().open_session(account.operator_id)
    send_presence(clock.now())
    task = TaskFactory.create(handed_over_now=True, phone="79130000086")
    MightyCallDialer().add_calls([request_of(task)])
    send_queue(clock.now())
    until(lambda: "Done" in mightycall.tasks())

    MightyCallDialer().cancel_calls([task.orders.get().pk])
    send_queue(clock.now())

    task.refresh_from_db()
    assert task.orders.get().ending == OrderEnding.NOT_REACHED
    assert (task.task_state, task.attempts) == (TaskState.DONE, 1)


@pytest.mark.parametrize("was_sent", [True, False])
def test_rows_of_a_sender_that_died_are_taken_up_again(
    mightycall: SimulatedMightyCall, was_sent: bool
) -> None:
    ordered(3)
    rows = call_queue.take_new(sender=2)
    if was_sent:
        transport().add_calls([call_queue.queued_call(row) for row in rows])

    send_queue(clock.now())

    assert set(answers()) == {("ADD", "DONE", "Queued")}
    assert mightycall.tasks() == {"Queued": 3}
