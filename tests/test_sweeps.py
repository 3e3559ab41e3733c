"""Messages of sweeps, and which lane takes them."""

import time
from typing import Any, cast

import pytest
import yaml
from celery import Celery
from django.conf import settings

from apps.filters.judging.service_lane import SHARDS
from apps.ingest.folder.polling import LARGE_AT_ONCE
from launcher.places import ROOT
from launcher.programs import QUEUES
from telemarketing.celery import app
from telemarketing.lanes import LANES, ROUTES
from telemarketing.sweeps import SENT_AT, SweepOnce

RUNS: list[tuple[Any, ...]] = []


@pytest.fixture
def sweep() -> SweepOnce:
    """A task that notes how it ran."""
    RUNS.clear()
    celery = Celery("test", set_as_current=False, task_cls=SweepOnce)

    def note(*args: int) -> None:
        RUNS.append(args)

    name = f"sweep-{time.monotonic_ns()}"
    celery.task(name=name)(note)
    return cast(SweepOnce, celery.tasks[name])


def receive(task: SweepOnce, sent_at: float | None, *args: int) -> None:
    """As a worker does with a message."""
    header = {} if sent_at is None else {SENT_AT: sent_at}
    task.push_request(called_directly=False, args=args, **header)
    try:
        task(*args)
    finally:
        task.pop_request()


def test_a_message_whose_sweep_has_started_since_is_dropped(sweep: SweepOnce) -> None:
    before = time.time() - 1
    receive(sweep, before)

    receive(sweep, before + 0.5)

    assert RUNS == [()]


def test_a_message_that_was_sent_after_the_start_runs(sweep: SweepOnce) -> None:
    receive(sweep, time.time() - 1)

    receive(sweep, time.time() + 1)

    assert RUNS == [(), ()]


def test_a_task_with_arguments_runs_for_each_message(sweep: SweepOnce) -> None:
    before = time.time() - 1

    receive(sweep, before, 1)
    receive(sweep, before, 1)

    assert RUNS == [(1,), (1,)]


def test_a_message_without_a_time_runs(sweep: SweepOnce) -> None:
    receive(sweep, None)
    receive(sweep, None)

    assert RUNS == [(), ()]


def test_each_entry_of_the_beat_names_a_task_and_expires_by_the_next_turn() -> None:
    app.autodiscover_tasks(force=True)

    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert entry["task"] in app.tasks, name
        assert entry["options"]["expires"] == max(entry["schedule"], 1.0), name


def test_every_task_goes_to_a_queue_that_some_worker_takes_from() -> None:
    app.autodiscover_tasks(force=True)
    queues = {lane.queue for lane in LANES}

    for task in app.tasks:
        assert app.amqp.router.route({}, task)["queue"].name in queues, task
    assert {route["queue"] for route in ROUTES.values()} <= queues


def test_the_lane_of_files_has_more_processes_than_large_files_may_take() -> None:
    (files,) = (lane for lane in LANES if lane.queue == "files")

    assert files.concurrency > LARGE_AT_ONCE


def test_no_file_holds_up_the_look_for_streams() -> None:
    assert ROUTES["apps.ingest.tasks.poll_streams"] != ROUTES["apps.ingest.tasks.take_files"]


def test_slices_of_services_leave_a_thread_to_the_notices_of_blacklist() -> None:
    (services,) = (lane for lane in LANES if lane.queue == "services")

    assert services.concurrency > SHARDS


def test_make_run_and_compose_have_a_worker_for_each_lane() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]

    assert tuple(lane.queue for lane in LANES) == QUEUES
    for lane in LANES:
        command = services[f"worker-{lane.queue}"]["command"]
        assert command[:4] == ["celery", "-A", "telemarketing", "worker"]
        assert command[4:] == list(lane.options)


def test_connections_outlive_a_task() -> None:
    assert app.conf.get("CELERY_DB_REUSE_MAX") == settings.CELERY_DB_REUSE_MAX
