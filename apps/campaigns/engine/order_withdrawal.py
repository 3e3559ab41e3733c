"""Withdraws orders from telephony: of paused campaigns, of changed applications, and lost ones."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from apps.campaigns.engine.candidates import add_candidates, lock_campaigns, tasks_before
from apps.campaigns.engine.orders import withdraw_orders, withdraw_orders_of
from apps.campaigns.engine.transitions import Move, apply_move, lock_tasks
from apps.campaigns.ledger import record_decisions
from apps.campaigns.models import CallOrder, CampaignTask
from apps.campaigns.states import LIVE_ORDER_STATES, OrderState, TaskOutcome, TaskState
from apps.campaigns.types import Candidate, DecisionVerdict, NewDecision, Step, Withdrawal

logger = logging.getLogger(__name__)

LOST_AFTER = timedelta(hours=24)
WITHDRAWN_AT_ONCE = 1_000
APPLICATION_CHANGED = gettext_noop("the application has changed")
OUTDATED = "OUTDATED"  # the rule under which the ledger records a withdrawal

# Tasks of earlier versions: unfinished, waiting for a redial, or for a result that may ask for one;
# or cancelled by a person, who may put them back.
OUTDATED_TASKS = """
WITH asked AS (
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::text[]) WITH ORDINALITY
        AS asked (campaign_id, subject_key, changed_at, phone, position)
), unsettled AS (
    SELECT task.*, asked.position FROM asked JOIN "tm$campaign_tasks" AS task
        ON task.subject_key = asked.subject_key AND task.campaign_id = asked.campaign_id
        AND task.subject_changed_at < asked.changed_at AND task.phone <> asked.phone
    WHERE task.task_state IN ('NEW', 'IN_PROGRESS') OR task.redial_at IS NOT NULL
      OR task.outcome = 'CANCELLED'
    UNION ALL
    SELECT task.*, asked.position FROM "tm$communications" AS talk
    JOIN "tm$campaign_tasks" AS task ON task.id = talk.campaign_task_id
    JOIN asked
        ON task.subject_key = asked.subject_key AND task.campaign_id = asked.campaign_id
        AND task.subject_changed_at < asked.changed_at AND task.phone <> asked.phone
    WHERE talk.state <> 'FIXED'
)
SELECT DISTINCT ON (id) id, position FROM unsettled
WHERE withdrawal_reason = '' ORDER BY id, position
"""
DROP_DEFERRED = """
DELETE FROM "tm$deferred_candidates" AS dropped
USING (
    SELECT deferred.id
    FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::text[])
        AS asked (campaign_id, subject_key, changed_at, phone)
    JOIN "tm$deferred_candidates" AS deferred
        ON deferred.subject_key = asked.subject_key AND deferred.campaign_id = asked.campaign_id
    WHERE deferred.subject_changed_at < asked.changed_at AND deferred.phone <> asked.phone
    ORDER BY deferred.id FOR UPDATE OF deferred
) AS locked
WHERE dropped.id = locked.id
"""


@transaction.atomic
def withdraw_paused_orders() -> int:
    """Ask telephony to remove the orders of paused campaigns; returns how many.

    A call that is being made, or a conversation that goes on, is never cut. The task becomes NEW
    when telephony confirms.
    """
    paused = CallOrder.objects.filter(state=OrderState.QUEUED, campaign__active=False)
    return _withdraw(paused)


@transaction.atomic
def withdraw_lost_orders(now: datetime) -> int:
    """Ask telephony to remove orders that it never reported back; returns how many.

    Its answer, also that it knows no such order, ends them.
    """
    withdrawn = _withdraw(
        CallOrder.objects.filter(state=OrderState.QUEUED, handed_over_at__lt=now - LOST_AFTER)
    )
    if withdrawn:
        logger.warning("%d orders were never reported by telephony and are withdrawn", withdrawn)
    return withdrawn


def _withdraw(orders: QuerySet[CallOrder]) -> int:
    pairs = list(orders.order_by("pk").values_list("pk", "task_id")[:WITHDRAWN_AT_ONCE])
    lock_tasks({task_id for _, task_id in pairs})
    return withdraw_orders([order_id for order_id, _ in pairs])


@transaction.atomic
def withdraw_outdated_tasks(withdrawals: Sequence[Withdrawal]) -> int:
    """End the tasks of earlier versions of these subjects; returns how many.

    A task whose call goes on, or whose result is awaited, ends with that, whatever the result. Runs
    in the caller's transaction, a few statements for any number. For a caller that adds candidates
    in the same transaction there is ``replace_tasks``.
    """
    if not withdrawals:
        return 0
    lock_campaigns(one.campaign_id for one in withdrawals)
    columns = _columns(withdrawals)
    found = _outdated_tasks(columns)
    locked = lock_tasks(found)
    live = set(
        CallOrder.objects.filter(task__in=locked, state__in=LIVE_ORDER_STATES).values_list(
            "task_id", flat=True
        )
    )
    ended = [task_id for task_id in locked if task_id not in live]
    settled = CampaignTask.objects.filter(
        pk__in=ended, task_state=TaskState.DONE, redial_at__isnull=True
    ).exclude(outcome=TaskOutcome.CANCELLED)
    awaited = live | set(settled.values_list("pk", flat=True))
    CampaignTask.objects.filter(pk__in=awaited).update(withdrawal_reason=APPLICATION_CHANGED)
    for state in (TaskState.NEW, TaskState.IN_PROGRESS):
        move = Move(state, TaskState.DONE, APPLICATION_CHANGED, TaskOutcome.WITHDRAWN)
        withdraw_orders_of(apply_move(ended, move))
    revivable = Q(redial_at__isnull=False) | Q(outcome=TaskOutcome.CANCELLED)
    CampaignTask.objects.filter(revivable, pk__in=ended).update(
        redial_at=None, outcome=TaskOutcome.WITHDRAWN
    )
    with connection.cursor() as cursor:
        cursor.execute(DROP_DEFERRED, columns)
    _record(withdrawals, {task_id: found[task_id] for task_id in locked})
    return len(locked)


@transaction.atomic
def replace_tasks(
    withdrawals: Sequence[Withdrawal], candidates: Sequence[Candidate], now: datetime
) -> None:
    """``withdraw_outdated_tasks``, then ``add_candidates``, without a deadlock.

    Every task that either may end is locked before any order of theirs, in the order of keys: the
    second would otherwise ask for tasks while the orders of the first are locked.
    """
    withdrawn_from = {one.campaign_id for one in withdrawals}
    lock_campaigns(withdrawn_from | {one.campaign_id for one in candidates})
    lock_tasks([*_outdated_tasks(_columns(withdrawals)), *tasks_before(candidates)])
    withdraw_outdated_tasks(withdrawals)
    add_candidates(candidates, now)


def _columns(withdrawals: Sequence[Withdrawal]) -> list[list[Any]]:
    return [
        [one.campaign_id for one in withdrawals],
        [one.subject_key for one in withdrawals],
        [one.changed_at for one in withdrawals],
        [one.phone for one in withdrawals],
    ]


def _outdated_tasks(columns: list[list[Any]]) -> dict[int, int]:
    """Task id → position of the withdrawal that concerns it."""
    with connection.cursor() as cursor:
        cursor.execute(OUTDATED_TASKS, columns)
        return {task_id: position - 1 for task_id, position in cursor.fetchall()}


def _record(withdrawals: Sequence[Withdrawal], found: dict[int, int]) -> None:
    rows = CampaignTask.objects.filter(pk__in=found).values_list("pk", "phone", "source_key")
    record_decisions(
        NewDecision(
            step=Step.ENGINE,
            verdict=DecisionVerdict.STOPPED,
            rule=OUTDATED,
            reason=withdrawals[found[task_id]].reason,
            phone=phone,
            source_key=source_key,
            campaign_id=withdrawals[found[task_id]].campaign_id,
            task_id=task_id,
        )
        for task_id, phone, source_key in rows
    )
