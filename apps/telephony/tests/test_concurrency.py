"""Several senders and pollers at once, and senders and pollers that are killed."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection
from pytest_django import Settings

from apps.campaigns.models import Call, CampaignTask
from apps.campaigns.states import TaskState
from apps.telephony.events.event_poller import poll_events
from apps.telephony.models import MightyCallOperator, MightyCallTask
from apps.telephony.queue.dialer import MightyCallDialer
from apps.telephony.queue.queue_sender import send_queue
from apps.telephony.sessions.operator_sessions import MightyCallSessions
from apps.telephony.sessions.presence import send_presence
from apps.telephony.tests.simulated_mightycall import SimulatedMightyCall
from common import clock
from common.locks import LockSpace, try_lock
from testing.factories.campaigns import TaskFactory
from testing.factories.telephony import AccountFactory, request_of
from testing.rivals import PATIENCE_SECONDS, Rivals
from testing.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)

SEND = "from apps.telephony.tasks import send_queue as work"
POLL = "from apps.telephony.tasks import poll_events as work"


@contextmanager
def another_process(
    task: str, mightycall: SimulatedMightyCall
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``task`` again and again in a process of its own, and kill it at the end."""
    script = f"import django; django.setup(); {task}\nwhile True: work()"
    database = connection.settings_dict
    place = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgres://{database['USER']}:{database['PASSWORD']}@{place}",
        "MIGHTYCALL_URL": mightycall.url,
        "DJANGO_SETTINGS_MODULE": "telemarketing.settings",
    }
    process = subprocess.Popen([sys.executable, "-c", script], env=environment)  # noqa: S603
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def ordered(count: int, ending: str = "77") -> list[CampaignTask]:
    campaign = TaskFactory.create(handed_over_now=True).campaign
    tasks = [
        TaskFactory.create(handed_over_now=True, campaign=campaign, phone=f"7913{n:05}{ending}")
        for n in range(count)
    ]
    MightyCallDialer().add_calls([request_of(task) for task in tasks])
    return tasks


def operators_on_line(count: int) -> list[MightyCallOperator]:
    accounts = AccountFactory.create_batch(count)
    for account in accounts:
        MightyCallSessions().open_session(account.operator_id)
    send_presence(clock.now())
    return accounts


def unfinished() -> int:
    return MightyCallTask.objects.exclude(task_state="DONE").count()


def test_two_senders_send_every_row_once(mightycall: SimulatedMightyCall, rivals: Rivals) -> None:
    ordered(600)
    mightycall.put_faults(latency_ms=500)  # time for the second to come while the first is busy

    rival = rivals.start(lambda: send_queue(clock.now()))
    send_queue(clock.now())
    rival.result(PATIENCE_SECONDS)

    assert unfinished() == 0
    assert mightycall.tasks() == {"Queued": 600}
    assert MightyCallTask.objects.values("sender").distinct().count() == 2


def test_the_rows_of_a_killed_sender_are_sent_once(mightycall: SimulatedMightyCall) -> None:
    ordered(450)
    mightycall.put_faults(latency_ms=60_000)
    with another_process(SEND, mightycall):
        until(lambda: MightyCallTask.objects.filter(task_state="IN_PROGRESS").count() == 400)
    mightycall.clear_faults()

    def is_sent() -> bool:
        send_queue(clock.now())
        return unfinished() == 0

    until(is_sent)
    assert mightycall.tasks() == {"Queued": 450}


def test_an_operator_whose_shard_is_taken_is_polled_by_nobody_else(
    mightycall: SimulatedMightyCall, settings: Settings, rivals: Rivals
) -> None:
    settings.TELEPHONY_SHARDS = 2
    for account in operators_on_line(4):
        assert account.event_cursor == ""
    taken, free = threading.Event(), threading.Event()

    def hold_shard_one() -> None:
        with try_lock(LockSpace.TELEPHONY_SHARD, 1):
            taken.set()
            free.wait(PATIENCE_SECONDS)

    rival = rivals.start(hold_shard_one)
    taken.wait(PATIENCE_SECONDS)
    poll_events()
    free.set()
    rival.result(PATIENCE_SECONDS)

    polled = MightyCallOperator.objects.exclude(event_cursor="")
    assert {account.operator_id % 2 for account in polled} == {0}
    assert polled.count() == 2


def test_one_slow_answer_does_not_hold_up_the_others(
    mightycall: SimulatedMightyCall, settings: Settings, rivals: Rivals
) -> None:
    """Even where the slow answer is that of the account's feed."""
    settings.SERVICE_READ_TIMEOUT_SECONDS = 5.0
    operators_on_line(3)
    poll_events()
    mightycall.put_faults(hang=1, times=1)
    tasks = ordered(3)

    poller = rivals.start(poll_events)
    until(lambda: mightycall_hangs(mightycall))
    send_queue(clock.now())
    until(lambda: Call.objects.filter(connected_at__isnull=False).count() == len(tasks))
    assert not poller.done()
    poller.result(PATIENCE_SECONDS)


def mightycall_hangs(mightycall: SimulatedMightyCall) -> bool:
    """True if the one hang that the test set is in use: a request waits for its answer."""
    return bool(mightycall.faults()["times"] == 0)


def test_pollers_that_are_killed_lose_nothing_and_double_nothing(
    mightycall: SimulatedMightyCall,
) -> None:
    operators_on_line(2)
    mightycall.set_pace(wrap_up_sec=0)
    tasks = ordered(12)
    send_queue(clock.now())
    for _ in range(2):
        before = done_count()
        with another_process(POLL, mightycall):
            until(partial(has_more_done_than, before))

    def all_done() -> bool:
        poll_events()
        return done_count() == len(tasks)

    until(all_done)
    assert Call.objects.count() == len(tasks)
    assert Call.objects.filter(communication__isnull=False).count() == len(tasks)


def done_count() -> int:
    return CampaignTask.objects.filter(task_state=TaskState.DONE).count()


def has_more_done_than(before: int) -> bool:
    return done_count() > before
