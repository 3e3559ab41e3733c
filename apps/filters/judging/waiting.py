"""Finds waiting verdicts whose next try is due, queue by queue.

A queue is named by the service that its verdicts wait for, their campaign, and the stream of their
applications. The index of waiting verdicts begins with these, so that each queue gives its oldest
without a look at the others, however long they are.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from apps.filters.facts import COLUMNS, ApplicationFacts
from apps.filters.judging.service_flow import QueueKey

# The queues that hold any waiting verdict, found by jumps in the index. A campaign without a
# cascade cannot judge.
QUEUES = """
WITH RECURSIVE queue AS (
    (SELECT waits_for, campaign_id, stream FROM "tm$verdicts" WHERE state = 'WAITING'
     ORDER BY waits_for, campaign_id, stream LIMIT 1)
    UNION ALL
    SELECT following.* FROM queue, LATERAL (
        SELECT waits_for, campaign_id, stream FROM "tm$verdicts" AS verdict
        WHERE state = 'WAITING' AND (verdict.waits_for, verdict.campaign_id, verdict.stream)
            > (queue.waits_for, queue.campaign_id, queue.stream)
        ORDER BY waits_for, campaign_id, stream LIMIT 1
    ) AS following
)
SELECT waits_for, campaign_id, stream FROM queue
JOIN "tm$cascades" AS cascade USING (campaign_id)
ORDER BY waits_for, campaign_id, queue.stream
"""
OF_QUEUE = """
FROM "tm$verdicts"
WHERE state = 'WAITING' AND waits_for = %s AND campaign_id = %s AND stream = %s
  AND next_try_at <= %s
"""
OWN_DUE = f"""
SELECT application_id, campaign_id, wtime, reason {OF_QUEUE}
ORDER BY next_try_at LIMIT %s FOR UPDATE SKIP LOCKED
"""
DUE_APPLICATIONS = f"""
SELECT application_id {OF_QUEUE} AND application_id %% %s = %s AND application_id <> ALL(%s)
ORDER BY next_try_at LIMIT %s
"""
DUE_OF_APPLICATIONS = """
SELECT application_id, campaign_id, wtime, reason FROM "tm$verdicts"
WHERE application_id = ANY(%s) AND state = 'WAITING' AND waits_for <> '' AND next_try_at <= %s
ORDER BY campaign_id
"""
FACTS_OF_IDS = f'SELECT {", ".join(COLUMNS)} FROM "tm$applications" WHERE id = ANY(%s) ORDER BY id'  # noqa: S608
HASTEN = """
UPDATE "tm$verdicts" AS verdict SET next_try_at = %s
FROM unnest(%s::bigint[], %s::bigint[]) AS due (application_id, campaign_id)
WHERE verdict.application_id = due.application_id AND verdict.campaign_id = due.campaign_id
  AND verdict.state = 'WAITING' AND verdict.next_try_at > %s
"""


class DueVerdict(NamedTuple):
    """A waiting verdict whose next try is due."""

    application_id: int
    campaign_id: int
    entered_at: datetime
    told: str  # why it has waited so far; "": it was only handed over


class Shard(NamedTuple):
    """A share of all applications: those whose id leaves ``number`` when divided by ``of``."""

    number: int
    of: int


def queues() -> list[QueueKey]:
    """All queues that hold a waiting verdict, due or not."""
    with connection.cursor() as cursor:
        cursor.execute(QUEUES)
        return [QueueKey._make(row) for row in cursor.fetchall()]


def lock_own_due(queue: QueueKey, now: datetime, limit: int) -> list[DueVerdict]:
    """The oldest due verdicts of a queue for our own filters that no other worker judges now; they
    are locked until the current transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(OWN_DUE, [*queue, now, limit])
        return [DueVerdict._make(row) for row in cursor.fetchall()]


def due_applications(
    queue: QueueKey, now: datetime, shard: Shard, besides: Collection[int], limit: int
) -> list[int]:
    """Ids of the applications that have waited longest for their next try in this queue."""
    with connection.cursor() as cursor:
        cursor.execute(
            DUE_APPLICATIONS, [*queue, now, shard.of, shard.number, list(besides), limit]
        )
        return [application_id for (application_id,) in cursor.fetchall()]


def due_of_applications(application_ids: Collection[int], now: datetime) -> list[DueVerdict]:
    """All due verdicts of these applications that wait for a service, of every campaign."""
    with connection.cursor() as cursor:
        cursor.execute(DUE_OF_APPLICATIONS, [list(application_ids), now])
        return [DueVerdict._make(row) for row in cursor.fetchall()]


def facts_of(application_ids: Collection[int]) -> dict[int, ApplicationFacts]:
    """Application id → its facts, in the order of ids."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS_OF_IDS, [list(application_ids)])
        rows = [ApplicationFacts._make(row) for row in cursor.fetchall()]
    return {facts.id: facts for facts in rows}


def hasten(keys: Collection[tuple[int, int]], now: datetime) -> int:
    """Let the waiting verdicts of these applications and campaigns be tried now; returns how many
    were not due yet."""
    if not keys:
        return 0
    applications, campaigns = zip(*keys, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(HASTEN, [now, list(applications), list(campaigns), now])
        return int(cursor.rowcount)
