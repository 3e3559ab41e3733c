"""Several senders and pollers at once, and ones that are killed."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import connection

from apps.campaigns.models import Call, CampaignTask
from apps.campaigns.states import TaskState
from apps.telephony.events.event_poller import poll_events
from apps.telephony.models import MightyCallOperator, MightyCallTask
from apps.telephony.queue.dialer import MightyCallDialer
from apps.telephony.queue.queue_sender import send_queue
from apps.telephony.sessions.operator_sessions import MightyCallSessions
from apps.telephony.sessions.presence import tell_presence
from apps.telephony.tests.factories import AccountFactory, CampaignTaskFactory, order_of
from apps.telephony.tests.simulator import Simulator, until
from common import clock
from common.locks import LockSpace, try_lock

pytestmark = pytest.mark.django_db(transaction=True)

SEND = "from apps.telephony.tasks import send_queue as work"
POLL = "from apps.telephony.tasks import poll_events as work"


@contextmanager
def another_process(task: str, simulator: Simulator) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of its own that does ``task`` again and again, until it is killed here."""
    script = f"import django; django.setup(); {task}\nwhile True: work()"
    database = connection.settings_dict
    place = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgres://{database['USER']}:{database['PASSWORD']}@{place}",
        "MIGHTYCALL_URL": simulator.url,
        "DJANGO_SETTINGS_MODULE": "telemarketing.settings",
    }
    process = subprocess.Popen([sys.executable, "-c", script], env=environment)  # noqa: S603
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


@contextmanager
def another_thread(act: Any) -> Iterator[threading.Thread]:
    def act_and_leave() -> None:
        act()
        connection.close()

    thread = threading.Thread(target=act_and_leave)
    thread.start()
    yield thread
    thread.join()


def ordered(count: int, ending: str = "77") -> list[CampaignTask]:
    campaign = CampaignTaskFactory.create().campaign
    tasks = [
        CampaignTaskFactory.create(campaign=campaign, phone=f"7913{n:05}{ending}")
        for n in range(count)
    ]
    MightyCallDialer().add_calls([order_of(task) for task in tasks])
    return tasks


def operators_on_line(count: int) -> list[MightyCallOperator]:
    accounts = AccountFactory.create_batch(count)
    for account in accounts:
        MightyCallSessions().open_session(account.operator_id)
    tell_presence(clock.now())
    return accounts


def unfinished() -> int:
    return MightyCallTask.objects.exclude(task_state="DONE").count()


def test_two_senders_send_every_row_once(simulator: Simulator) -> None:
    ordered(600)
    simulator.put_faults(latency_ms=500)  # time for the second to come while the first is busy

    with another_thread(lambda: send_queue(clock.now())):
        send_queue(clock.now())

    assert unfinished() == 0
    assert simulator.tasks() == {"Queued": 600}
    assert MightyCallTask.objects.values("sender").distinct().count() == 2


def test_the_rows_of_a_killed_sender_are_sent_once(simulator: Simulator) -> None:
    ordered(450)
    simulator.put_faults(latency_ms=60_000)
    with another_process(SEND, simulator):
        until(lambda: MightyCallTask.objects.filter(task_state="IN_PROGRESS").count() == 400)
    simulator.clear_faults()

    def is_sent() -> bool:
        send_queue(clock.now())
        return unfinished() == 0

    until(is_sent)
    assert simulator.tasks() == {"Queued": 450}


def test_an_operator_whose_shard_is_taken_is_polled_by_nobody_else(
    simulator: Simulator, settings: Any
) -> None:
    settings.TELEPHONY_SHARDS = 2
    for account in operators_on_line(4):
        assert account.event_cursor == ""
    taken, free = threading.Event(), threading.Event()

    def hold_shard_one() -> None:
        with try_lock(LockSpace.TELEPHONY_SHARD, 1):
            taken.set()
            free.wait(10)

    with another_thread(hold_shard_one):
        taken.wait(10)
        poll_events()
        free.set()

    polled = MightyCallOperator.objects.exclude(event_cursor="")
    assert {account.operator_id % 2 for account in polled} == {0}
    assert polled.count() == 2


def test_one_slow_answer_does_not_hold_up_the_others(simulator: Simulator, settings: Any) -> None:
    settings.SERVICE_READ_TIMEOUT_SECONDS = 3.0
    operators_on_line(3)
    poll_events()
    simulator.put_faults(hang=1, times=1)
    tasks = ordered(3)

    with another_thread(poll_events) as poller:
        until(lambda: simulator_hangs(simulator))
        send_queue(clock.now())
        until(lambda: Call.objects.filter(connected_at__isnull=False).count() == len(tasks))
        assert poller.is_alive()


def simulator_hangs(simulator: Simulator) -> bool:
    """The one hang that was put is used up: somebody waits for an answer."""
    return bool(simulator.faults()["times"] == 0)


def test_pollers_that_are_killed_lose_nothing_and_double_nothing(simulator: Simulator) -> None:
    operators_on_line(2)
    simulator.set_pace(wrap_up_sec=0)
    tasks = ordered(12)
    send_queue(clock.now())
    for _ in range(2):
        before = done_count()
        with another_process(POLL, simulator):
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
