"""The hand-over, compared with the bare statements that it cannot do without, and with itself in a
table that is full of tasks that are done.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction

from apps.campaigns.models import Campaign
from apps.campaigns.services import hand_over_due_tasks
from benchmarks.bars import Bar
from common.clock import now

ROUNDS = 3  # the median counts
DUE_TASKS = 10_000
TASKS_OF_A_SWEEP = 1_000
BARE_BATCH = 1_000
BAR_OF_BARE, BAR_OF_DONE = 0.25, 1.5

MAKE_TASKS = """
INSERT INTO "tm$campaign_tasks" (campaign_id, phone, client_info, source_key, subject_key,
    task_time, task_state, outcome)
SELECT %s, '79' || lpad((%s + n)::text, 9, '0'), '{"application_number": "34697463"}',
    'application:' || n, 'MOBILE_LOANS/' || n, now() - interval '1 minute', %s, %s
FROM generate_series(1, %s) AS n
"""
# every client's last answer of BlackList is fresh: the sweep asks no service
MAKE_CHECKS = """
INSERT INTO "tm$blacklist_checks" (phone, device_id, blocked, checked_at)
SELECT phone, '', false, now() FROM "tm$campaign_tasks" WHERE task_state = 'NEW'
ON CONFLICT DO NOTHING
"""
EMPTY = """
TRUNCATE "tm$campaign_tasks", "tm$call_orders", "tm$mightycall_tasks", "tm$task_transitions",
    "tm$blacklist_checks" CASCADE
"""
BARE = """
WITH due AS (
    SELECT id FROM "tm$campaign_tasks" WHERE task_state = 'NEW' AND campaign_id = %s
    ORDER BY task_time, id LIMIT %s FOR UPDATE SKIP LOCKED
), moved AS (
    UPDATE "tm$campaign_tasks" AS task SET task_state = 'IN_PROGRESS'
    FROM due WHERE task.id = due.id RETURNING task.id, task.campaign_id, task.phone
), ordered AS (
    INSERT INTO "tm$call_orders" (task_id, campaign_id, phone, handed_over_at)
    SELECT id, campaign_id, phone, now() FROM moved RETURNING id, task_id, campaign_id, phone
)
INSERT INTO "tm$mightycall_tasks" (task_type, order_id, campaign_task_id, campaign_id, phone)
SELECT 'ADD', id, task_id, campaign_id, phone FROM ordered
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--done-tasks", type=int, default=1_000_000, help="bar: 1000000")


def measure(options: argparse.Namespace) -> Sequence[Bar]:
    settings.CELERY_TASK_ALWAYS_EAGER = False
    campaign = _campaign()
    bare = _median(lambda: _bare(campaign), lambda: _due(campaign, DUE_TASKS))
    ours = _median(lambda: _sweep(DUE_TASKS), lambda: _due(campaign, DUE_TASKS))
    alone = _median(lambda: _sweep(TASKS_OF_A_SWEEP), lambda: _due(campaign, TASKS_OF_A_SWEEP))
    full = _median(
        lambda: _sweep(TASKS_OF_A_SWEEP),
        lambda: _due(campaign, TASKS_OF_A_SWEEP, options.done_tasks),
    )
    return [
        Bar(f"hand-over of {DUE_TASKS:,} tasks ÷ bare statements", bare / ours, BAR_OF_BARE, "x",
            notes=f"{DUE_TASKS / ours:,.0f} and {DUE_TASKS / bare:,.0f} tasks/s"),
        Bar(f"sweep among {options.done_tasks:,} done tasks ÷ none", full / alone, BAR_OF_DONE, "x",
            at_most=True, notes=f"{full * 1e3:.0f} and {alone * 1e3:.0f} ms"),
    ]  # fmt: skip


def _campaign() -> Campaign:
    """At any hour, and with as many orders in flight as there are tasks."""
    return Campaign.objects.create(
        name="Кампания",
        active=True,
        weekday_from="00:00",
        weekday_till="00:00",
        weekend_from="00:00",
        weekend_till="00:00",
        min_in_flight=DUE_TASKS,
    )


def _median(act: Callable[[], None], prepare: Callable[[], None]) -> float:
    return statistics.median(_seconds(act, prepare) for _ in range(ROUNDS))


def _seconds(act: Callable[[], None], prepare: Callable[[], None]) -> float:
    prepare()
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _due(campaign: Campaign, tasks: int, done: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(EMPTY)
        if done:
            cursor.execute(MAKE_TASKS, [campaign.pk, tasks, "DONE", "CALLED", done])
        cursor.execute(MAKE_TASKS, [campaign.pk, 0, "NEW", None, tasks])
        cursor.execute(MAKE_CHECKS)
        cursor.execute("VACUUM ANALYZE")


def _sweep(tasks: int) -> None:
    handed_over = hand_over_due_tasks(now() + timedelta(seconds=1))
    if handed_over != tasks:
        raise RuntimeError(f"{handed_over} of {tasks} tasks were handed over")


def _bare(campaign: Campaign) -> None:
    for _ in range(DUE_TASKS // BARE_BATCH):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(BARE, [campaign.pk, BARE_BATCH])
