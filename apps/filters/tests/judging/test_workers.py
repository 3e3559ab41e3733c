"""Several workers at once, and workers that die: real processes on the same tables."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from apps.campaigns.models import CampaignTask, Decision
from apps.filters.judging.batches import judge_batch
from apps.filters.judging.runs import Asked, request_dry_run
from apps.filters.judging.verdict_writer import VerdictCounts
from apps.filters.models import JudgementBatch, Verdict
from apps.filters.tasks import advance_dry_runs, judge_applications, judge_waiting
from common.clock import now
from common.locks import LockSpace, transaction_lock
from testing.factories.filters import ApplicationFactory, CascadeFactory, batch_of
from testing.judging import SERVICES
from testing.rivals import Rivals, wait_until_a_lock_is_awaited
from testing.simulators import Simulators
from testing.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 20.0
WORKER = """
import django; django.setup()
from django.db import connection, transaction
connection.settings_dict["NAME"] = {database!r}
from apps.filters.tasks import {task}
{task}()
"""


@pytest.fixture
def start_worker(services: Simulators) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Starts a process that sweeps once; what still runs is ended after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(task: str = "judge_applications") -> "subprocess.Popen[bytes]":
        code = WORKER.format(database=connection.settings_dict["NAME"], task=task)
        urls = {f"{name.upper()}_URL": services.url(name) for name in SERVICES}
        process = subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, "-c", code],
            cwd=settings.BASE_DIR,
            env={**os.environ, **urls, "DJANGO_SETTINGS_MODULE": "telemarketing.settings"},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


OWN: dict[str, Any] = {"data-streams": ["MOBILE_LOANS"], "filters-order": ["AGE"], "min-age": 18}
SETTINGS: dict[str, Any] = {
    "data-streams": ["MOBILE_LOANS"],
    "filters-order": ["PHONE_BLACK_LIST"],
}


def holders(space: LockSpace) -> int:
    """How many session locks of this kind are held now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE locktype = 'advisory' AND classid = %s AND granted",
            [space],
        )
        return int(cursor.fetchone()[0])


def assert_each_once(count: int) -> None:
    assert Verdict.objects.filter(state="PASSED").count() == count
    assert CampaignTask.objects.count() == count
    assert Decision.objects.filter(rule="CASCADE").count() == count
    assert not JudgementBatch.objects.filter(judged_at=None).exists()


def test_a_killed_workers_batch_is_taken_up_by_another(
    start_worker: Callable[..., "subprocess.Popen[bytes]"],
) -> None:
    campaign_id = CascadeFactory.create(settings=OWN).campaign_id
    batch = batch_of(*ApplicationFactory.create_batch(20))
    with transaction.atomic():
        transaction_lock(LockSpace.OPEN_TASKS, campaign_id)
        doomed = start_worker()
        wait_until_a_lock_is_awaited()  # it has judged, and is about to write

        assert judge_batch_in_its_own_connection(batch.pk) is None
        doomed.send_signal(signal.SIGKILL)
        doomed.wait()
    judge_applications()

    assert_each_once(20)


def judge_batch_in_its_own_connection(batch_id: int) -> VerdictCounts | None:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_judge_and_close, batch_id).result()


def _judge_and_close(batch_id: int) -> VerdictCounts | None:
    try:
        return judge_batch(batch_id, now())
    finally:
        connection.close()


def test_two_snapshots_judged_at_the_same_moment_leave_no_task_of_the_older(
    rivals: Rivals,
) -> None:
    """The newer one is stopped, so nothing may be left to call, whichever is written first."""
    campaign_id = CascadeFactory.create(settings=OWN).campaign_id
    same = {"application_number": "34000001", "phone": "79130000001"}
    older = batch_of(ApplicationFactory.create(**same))
    with transaction.atomic():
        transaction_lock(LockSpace.OPEN_TASKS, campaign_id)
        first = rivals.start(lambda: judge_batch(older.pk, now()))
        wait_until_a_lock_is_awaited()  # it has judged the older, and is about to write
        young = {"birth_date": date(2020, 1, 1), "changed_at": now()}
        with ThreadPoolExecutor(1) as thread:
            newer = thread.submit(_stored, {**same, **young}).result()
        second = rivals.start(lambda: judge_batch(newer, now()))
        until(lambda: len(waiters()) == 2)

    first.result(PATIENCE_SECONDS)
    second.result(PATIENCE_SECONDS)
    assert not CampaignTask.objects.filter(task_state__in=["NEW", "IN_PROGRESS"]).exists()


def _stored(fields: dict[str, Any]) -> int:
    """Store an application and its batch from a connection of its own; returns the batch's id."""
    try:
        return batch_of(ApplicationFactory.create(**fields)).pk
    finally:
        connection.close()


def waiters() -> list[int]:
    """Who waits for a lock that this connection holds, or stands behind whoever does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'advisory'")
        return [pid for (pid,) in cursor.fetchall()]


def test_what_a_killed_worker_asked_services_about_is_taken_up_by_another(
    services: Simulators, start_worker: Callable[..., "subprocess.Popen[bytes]"]
) -> None:
    CascadeFactory.create(settings=SETTINGS)
    batch_of(*ApplicationFactory.create_batch(20))
    judge_applications()
    services.put_faults("blacklist", hang=1)
    doomed = start_worker("judge_waiting")
    until(lambda: holders(LockSpace.SERVICE_SHARD) == 1)  # it waits for BlackList

    doomed.send_signal(signal.SIGKILL)
    doomed.wait()
    services.clear_faults("blacklist")
    until(lambda: holders(LockSpace.SERVICE_SHARD) == 0)
    judge_waiting()

    assert_each_once(20)


def test_two_workers_never_judge_the_same_application(
    services: Simulators, start_worker: Callable[..., "subprocess.Popen[bytes]"]
) -> None:
    CascadeFactory.create(settings=SETTINGS)
    for _batch in range(10):
        batch_of(*ApplicationFactory.create_batch(10))

    workers = [start_worker(), start_worker()]
    judge_applications()
    for worker in workers:
        assert worker.wait(PATIENCE_SECONDS) == 0
    workers = [start_worker("judge_waiting"), start_worker("judge_waiting")]
    judge_waiting()
    for worker in workers:
        assert worker.wait(PATIENCE_SECONDS) == 0

    assert_each_once(100)
    assert Decision.objects.filter(verdict="WAITING").count() == 0


def test_a_service_that_hangs_holds_up_neither_other_services_nor_our_own_filters(
    services: Simulators, start_worker: Callable[..., "subprocess.Popen[bytes]"]
) -> None:
    slow = CascadeFactory.create(settings={**SETTINGS, "filters-order": ["ML_DEVICE"]})
    quick = CascadeFactory.create(settings=SETTINGS)
    batch_of(*ApplicationFactory.create_batch(100))
    judge_applications()
    services.put_faults("abram", hang=1)
    start_worker("judge_waiting")
    passed = Verdict.objects.filter(state="PASSED")

    until(lambda: passed.filter(campaign=quick.campaign_id).exists())
    late = CascadeFactory.create(settings=OWN)
    batch_of(ApplicationFactory.create())
    judge_applications()

    assert passed.filter(campaign=late.campaign_id).count() == 1
    until(lambda: passed.filter(campaign=quick.campaign_id).count() >= 50)  # one shard of two
    assert not passed.filter(campaign=slow.campaign_id).exists()


def test_a_killed_workers_dry_run_is_taken_up_by_another(
    start_worker: Callable[..., "subprocess.Popen[bytes]"],
) -> None:
    cascade = CascadeFactory.create(settings=SETTINGS)
    ApplicationFactory.create_batch(20)
    run = request_dry_run(cascade.campaign_id, SETTINGS, 2, None, Asked(None, now()))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('LOCK TABLE "tm$applications" IN ACCESS EXCLUSIVE MODE')
        doomed = start_worker("advance_dry_runs")
        until(lambda: holders(LockSpace.DRY_RUN) == 1)  # it waits for the table, in a slice

        doomed.send_signal(signal.SIGKILL)
        doomed.wait()
    until(lambda: holders(LockSpace.DRY_RUN) == 0)
    advance_dry_runs()

    run.refresh_from_db()
    assert (run.state, run.result["applications"]) == ("DONE", 20)
