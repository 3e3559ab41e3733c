"""The queue of requests: written once, sent once, whatever fails on the way [source 2.6.6.4]."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from apps.campaigns.models import Call, CampaignTask
from apps.campaigns.states import TaskState
from apps.campaigns.types import SystemDisposition
from apps.telephony.mightycall.connection import transport
from apps.telephony.models import MightyCallTask
from apps.telephony.queue import call_queue
from apps.telephony.queue.dialer import MightyCallDialer
from apps.telephony.queue.queue_sender import send_queue
from apps.telephony.states import QueueTaskState, QueueTaskType
from apps.telephony.tests.simulated_mightycall import SimulatedMightyCall
from common import clock
from testing.factories.campaigns import TaskFactory
from testing.factories.telephony import order_of

pytestmark = pytest.mark.django_db

ASK_AGAIN = call_queue.LOOK_UP_AFTER


def ordered(count: int = 1) -> list[CampaignTask]:
    tasks = TaskFactory.create_batch(count, handed_over_now=True)
    MightyCallDialer().add_calls([order_of(task) for task in tasks])
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

    MightyCallDialer().add_calls([order_of(task)])

    assert answers() == [("ADD", "NEW", "")]


def test_a_task_that_was_sent_may_be_ordered_again(mightycall: SimulatedMightyCall) -> None:
    (task,) = ordered()
    send_queue(clock.now())

    MightyCallDialer().add_calls([order_of(task)])
    send_queue(clock.now())

    assert answers() == [("ADD", "DONE", "Queued"), ("ADD", "DONE", "Queued")]
    assert mightycall.tasks() == {"Queued": 2}


def test_an_order_cancelled_before_it_was_sent_is_never_sent(
    mightycall: SimulatedMightyCall,
) -> None:
    (task,) = ordered()

    MightyCallDialer().cancel_calls([task.pk])

    assert send_queue(clock.now()) == 0
    assert answers() == [("ADD", "DONE", "cancelled before it was sent")]
    assert mightycall.tasks() == {}


def test_an_order_cancelled_after_it_was_sent_leaves_the_queue(
    mightycall: SimulatedMightyCall,
) -> None:
    (task,) = ordered()
    send_queue(clock.now())

    MightyCallDialer().cancel_calls([task.pk])
    send_queue(clock.now())

    assert answers() == [("ADD", "DONE", "Queued"), ("DELETE", "DONE", "REMOVED")]
    assert mightycall.tasks() == {"Removed": 1}
    assert not MightyCallTask.objects.filter(task_type="ADD", ended_at=None).exists()


def test_cancelling_what_was_never_ordered_writes_nothing() -> None:
    task = TaskFactory.create(handed_over_now=True)

    MightyCallDialer().cancel_calls([task.pk])

    assert answers() == []


def test_fifty_orders_cost_as_many_queries_as_one(mightycall: SimulatedMightyCall) -> None:
    def whole_way(count: int) -> list[int]:
        tasks = TaskFactory.create_batch(count, handed_over_now=True)
        orders = [order_of(task) for task in tasks]
        return [
            queries_of(lambda: MightyCallDialer().add_calls(orders)),
            queries_of(lambda: send_queue(clock.now())),
            queries_of(lambda: MightyCallDialer().cancel_calls([t.pk for t in tasks])),
            queries_of(lambda: send_queue(clock.now())),
        ]

    assert whole_way(50) == whole_way(1)


def test_a_rejected_number_ends_its_task_with_that_outcome(mightycall: SimulatedMightyCall) -> None:
    bad, good = (
        TaskFactory.create(handed_over_now=True, phone="123"),
        TaskFactory.create(handed_over_now=True),
    )
    MightyCallDialer().add_calls([order_of(bad), order_of(good)])

    send_queue(clock.now())

    assert answers() == [("ADD", "DONE", "INVALID_NUMBER"), ("ADD", "DONE", "Queued")]
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.task_state, good.task_state) == (TaskState.DONE, TaskState.IN_PROGRESS)
    call = Call.objects.get(campaign_task=bad)
    assert call.system_disposition == SystemDisposition.INVALID_NUMBER
    assert call.call_key == f"refused:{MightyCallTask.objects.earliest('pk').pk}"


def test_an_order_whose_time_is_over_is_not_sent(mightycall: SimulatedMightyCall) -> None:
    task = TaskFactory.create(handed_over_now=True)
    MightyCallDialer().add_calls([order_of(task, expires_at=clock.now())])

    send_queue(clock.now())

    assert answers() == [("ADD", "DONE", "EXPIRED")]
    assert mightycall.tasks() == {}
    assert Call.objects.get().system_disposition == SystemDisposition.CANCELLED


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

    MightyCallDialer().cancel_calls([task.pk])
    send_queue(soon(now))

    assert answers() == [
        ("ADD", "DONE", "cancelled before it was sent"),
        ("DELETE", "DONE", "UNKNOWN"),
    ]
    assert mightycall.tasks() == {}


def test_a_request_waits_for_an_earlier_one_of_its_task(mightycall: SimulatedMightyCall) -> None:
    (task,) = ordered()
    (add,) = call_queue.take_new(sender=0)

    MightyCallDialer().cancel_calls([task.pk])

    assert call_queue.take_new(sender=1) == []
    assert answers() == [("ADD", "IN_PROGRESS", ""), ("DELETE", "NEW", "")]
    assert MightyCallTask.objects.get(task_type=QueueTaskType.DELETE).undoes == add


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
