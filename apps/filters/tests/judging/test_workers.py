"""Several workers at once, and workers that die: real processes on the same tables."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection, transaction

from apps.campaigns.models import CampaignTask, Decision
from apps.filters.judging.runs import Asked, request_dry_run
from apps.filters.models import JudgementBatch, Verdict
from apps.filters.tasks import advance_dry_runs, judge_applications
from common.clock import now
from common.locks import LockSpace
from testing.factories.filters import ApplicationFactory, CascadeFactory, batch_of
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
        urls = {"BLACKLIST_URL": settings.BLACKLIST_URL}
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


SETTINGS = {"data-streams": ["MOBILE_LOANS"], "filters-order": ["PHONE_BLACK_LIST"]}


def holders(space: LockSpace = LockSpace.JUDGEMENT_BATCH) -> int:
    """How many session locks, of batches or of what else, are held now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE locktype = 'advisory' AND classid = %s AND granted",
            [space],
        )
        return int(cursor.fetchone()[0])


def assert_each_once(count: int) -> None:
    assert Verdict.objects.filter(state="PASSED").count() == count
    assert CampaignTask.objects.count() == Decision.objects.count() == count
    assert not JudgementBatch.objects.filter(judged_at=None).exists()


def test_a_killed_workers_batch_is_taken_up_by_another(
    services: Simulators, start_worker: Callable[[], "subprocess.Popen[bytes]"]
) -> None:
    CascadeFactory.create(settings=SETTINGS)
    batch_of(*ApplicationFactory.create_batch(20))
    services.put_faults("blacklist", hang=1)
    doomed = start_worker()
    until(lambda: holders() == 1)  # it waits for BlackList, with the batch in its hands

    doomed.send_signal(signal.SIGKILL)
    doomed.wait()
    services.clear_faults("blacklist")
    until(lambda: holders() == 0)
    judge_applications()

    assert_each_once(20)


def test_two_workers_never_judge_the_same_batch(
    services: Simulators, start_worker: Callable[[], "subprocess.Popen[bytes]"]
) -> None:
    CascadeFactory.create(settings=SETTINGS)
    for _batch in range(10):
        batch_of(*ApplicationFactory.create_batch(10))

    workers = [start_worker(), start_worker()]
    judge_applications()
    for worker in workers:
        assert worker.wait(PATIENCE_SECONDS) == 0

    assert_each_once(100)


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
