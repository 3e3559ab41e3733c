"""Events: taken once, in any order, and with the cursor [source 2.6.6.3]."""

from datetime import timedelta

import pytest
from django.conf import settings as project_settings

from apps.campaigns.models import Call, CampaignTask, Communication
from apps.campaigns.states import OrderEnding, OrderState, TaskOutcome, TaskState
from apps.campaigns.types import SystemDisposition
from apps.telephony.events.event_intake import take_page
from apps.telephony.events.event_poller import poll_events
from apps.telephony.mightycall.connection import transport
from apps.telephony.mightycall.mapping import page_of
from apps.telephony.mightycall.transport import QueuedCall
from apps.telephony.models import (
    MightyCallEvent,
    MightyCallOperator,
    MightyCallTask,
)
from apps.telephony.queue.dialer import MightyCallDialer
from apps.telephony.queue.queue_sender import send_queue
from apps.telephony.queue.reconciliation import reconcile_calls
from apps.telephony.sessions.operator_sessions import MightyCallSessions
from apps.telephony.sessions.presence import send_presence
from apps.telephony.tests.simulated_mightycall import SimulatedMightyCall
from common import clock
from testing.factories.campaigns import TaskFactory
from testing.factories.telephony import AccountFactory, request_of
from testing.waiting import until

pytestmark = pytest.mark.django_db

RECONCILE = timedelta(seconds=project_settings.TELEPHONY_RECONCILE_SECONDS + 1)


def on_line() -> MightyCallOperator:
    account = AccountFactory.create()
    MightyCallSessions().open_session(account.operator_id)
    send_presence(clock.now())
    return account


def called(phone: str) -> CampaignTask:
    task = TaskFactory.create(handed_over_now=True, phone=phone)
    MightyCallDialer().add_calls([request_of(task)])
    send_queue(clock.now())
    return task


def is_done(task: CampaignTask) -> bool:
    task.refresh_from_db()
    return task.task_state == TaskState.DONE


def polled_until_done(*tasks: CampaignTask) -> None:
    def all_done() -> bool:
        poll_events()
        return all(is_done(task) for task in tasks)

    until(all_done)


@pytest.mark.parametrize(
    "fault", [{"doubled_events": 1}, {"reordered_events": 0.5}, {"outdated_cursor": 0.5}]
)
def test_each_call_is_one_communication_however_its_events_come(
    mightycall: SimulatedMightyCall, fault: dict[str, float]
) -> None:
    on_line()
    mightycall.set_pace(wrap_up_sec=0)
    mightycall.put_faults(**fault)
    tasks = [called(f"7913000{n:02}77") for n in range(4)]

    polled_until_done(*tasks)

    assert [task.outcome for task in tasks] == [TaskOutcome.CALLED] * 4
    assert sorted(Communication.objects.values_list("campaign_task", flat=True)) == [
        task.pk for task in tasks
    ]
    assert Call.objects.count() == 4


def test_a_call_whose_end_was_lost_is_closed_by_looking_it_up(
    mightycall: SimulatedMightyCall,
) -> None:
    on_line()
    task = called("79130000093")

    def is_connected() -> bool:
        poll_events()
        return Communication.objects.filter(campaign_task=task).exists()

    until(is_connected)
    until(lambda: mightycall.tasks() == {"Done": 1})
    assert reconcile_calls(clock.now()) == 0

    assert reconcile_calls(clock.now() + RECONCILE) == 1

    assert is_done(task)
    assert Communication.objects.get().ended_at is not None
    assert Call.objects.get().system_disposition == SystemDisposition.CONNECTED
    assert reconcile_calls(clock.now() + 2 * RECONCILE) == 0


def test_a_call_that_still_waits_is_looked_up_again_later(
    mightycall: SimulatedMightyCall,
) -> None:
    task = called("79130000077")
    now = clock.now() + RECONCILE

    assert reconcile_calls(now) == 0

    assert not is_done(task)
    assert MightyCallTask.objects.get().next_try_at == now + RECONCILE - timedelta(seconds=1)


def test_a_call_that_mightycall_forgot_ends_its_task(mightycall: SimulatedMightyCall) -> None:
    task = TaskFactory.create(handed_over_now=True)
    MightyCallDialer().add_calls([request_of(task)])
    MightyCallTask.objects.update(task_state="DONE", answer="Queued", next_try_at=clock.now())

    reconcile_calls(clock.now())

    order = task.orders.get()
    task.refresh_from_db()
    assert (order.state, order.ending) == (OrderState.CLOSED, OrderEnding.LOST)
    assert (task.task_state, task.attempts, task.failures_in_row) == ("DONE", 0, 1)
    assert not Call.objects.exists()


def test_an_order_that_waited_too_long_expires_and_its_task_is_new_again(
    mightycall: SimulatedMightyCall,
) -> None:
    task = TaskFactory.create(handed_over_now=True)
    expires_at = clock.now() + timedelta(hours=1)
    MightyCallDialer().add_calls([request_of(task, expires_at=expires_at)])
    send_queue(clock.now())
    mightycall.move_clock(3600)

    def is_over() -> bool:
        poll_events()
        return task.orders.get().state == OrderState.CLOSED

    until(is_over)

    task.refresh_from_db()
    assert (task.task_state, task.orders.get().ending) == (TaskState.NEW, OrderEnding.EXPIRED)
    assert not Call.objects.exists()


def test_a_call_that_somebody_else_ordered_changes_nothing(mightycall: SimulatedMightyCall) -> None:
    on_line()
    for name in ("crm-17", "999999-888888"):
        expires_at = clock.now() + timedelta(hours=1)
        transport().add_calls([QueuedCall(name, 1, "79130000077", 0, expires_at)])
    until(lambda: "Done" in mightycall.tasks())

    poll_events()

    assert not Call.objects.exists()
    assert MightyCallEvent.objects.filter(kind="CallEnded").exists()


def test_events_of_unknown_kinds_and_incomplete_ones_are_remembered_and_ignored() -> None:
    task = TaskFactory.create(handed_over_now=True)
    MightyCallDialer().add_calls([request_of(task)])
    name = f"{task.pk}-{MightyCallTask.objects.get().pk}"
    unknown = {"id": "a", "type": "QueueMoved", "timestampUtc": "2026-01-01T00:00:00Z"}
    incomplete = {"id": "b", "type": "CallEnded", "externalId": name, "data": {}}

    events = [{**unknown, "externalId": name}, incomplete]

    take_page(page_of({"events": events, "nextCursor": "c", "hasMore": False}))

    assert set(MightyCallEvent.objects.values_list("event_id", "kind")) == {
        ("a", "QueueMoved"),
        ("b", "CallEnded"),
    }
    assert not Call.objects.exists()


def test_a_recording_may_come_after_the_end(mightycall: SimulatedMightyCall) -> None:
    on_line()
    task = called("79130000000")
    polled_until_done(task)

    def has_recording() -> bool:
        poll_events()
        return Call.objects.exclude(recording="").exists()

    until(has_recording)
    assert Call.objects.get().recording == Call.objects.get().call_key
