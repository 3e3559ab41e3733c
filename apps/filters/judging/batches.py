"""Takes applications that wait for the cascade, judges them and writes what follows.

Outside calls are made before the one transaction that writes; the batch is held by a session lock
meanwhile, which PostgreSQL frees when the worker dies.
"""

import logging
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from apps.campaigns import selectors as campaigns
from apps.filters.cascade.compiled_cascade import CompiledCascade, build
from apps.filters.facts import COLUMNS, ApplicationFacts, ClientHistory
from apps.filters.judging.judge import Entry, Judgement, judge
from apps.filters.judging.verdict_writer import Written, write
from apps.filters.models import Cascade, JudgementBatch
from apps.filters.rules.communication_history import CommunicationHistory
from apps.filters.states import VerdictState
from common.clock import moscow_today
from common.locks import LockSpace, try_lock

SELECT_FACTS = f'SELECT {", ".join(COLUMNS)} FROM "tm$applications"'  # noqa: S608 - our own names
FACTS_OF_BATCH = f"{SELECT_FACTS} WHERE id BETWEEN %s AND %s AND file_id = %s ORDER BY id"
FACTS_OF_IDS = f"{SELECT_FACTS} WHERE id = ANY(%s) ORDER BY id"

logger = logging.getLogger(__name__)

LOCK_KEYS = 2**31  # an advisory lock's second key is a 32-bit number
WAITING_AT_ONCE = 2_000  # four searches of BlackList
LONGEST_WAIT = timedelta(minutes=10)  # between two tries of a verdict that waits long already
WAIT_SHARE = 0.1  # of the time waited so far

# Waiting verdicts whose time has come, each with the time it entered the cascade.
DUE_WAITING = """
SELECT v.application_id, v.campaign_id, v.wtime FROM "tm$verdicts" AS v
WHERE v.state = 'WAITING' AND v.next_try_at <= %s
  AND EXISTS (SELECT FROM "tm$cascades" AS c WHERE c.campaign_id = v.campaign_id)
ORDER BY next_try_at LIMIT %s
"""


def live_cascades() -> list[CompiledCascade]:
    """The cascades of active campaigns, in the order of their numbers."""
    active = campaigns.active_campaign_ids()
    return list(cascades_of(active).values())


def next_batches(after: int, limit: int) -> list[int]:
    """Numbers of batches that wait to be judged, oldest first."""
    rows = JudgementBatch.objects.filter(judged_at__isnull=True, pk__gt=after)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def judge_batch(batch_id: int, now: datetime) -> Written | None:
    """Judge one batch; None when another worker has it, or it is judged already.

    Judging again what a killed worker had begun gives the same rows, each once.
    """
    with try_lock(LockSpace.JUDGEMENT_BATCH, batch_id % LOCK_KEYS) as won:
        batch = JudgementBatch.objects.filter(pk=batch_id, judged_at__isnull=True).first()
        if not won or batch is None:
            return None
        applications = _facts(FACTS_OF_BATCH, [batch.first_id, batch.last_id, batch.file_id])
        cascades = live_cascades()
        entries = [(a, c, now) for a in applications for c in cascades if c.takes(a)]
        judgements = judge(entries, known_about(entries, now), _patience())
        wanted = {application.id for application, _, _ in entries}
        with transaction.atomic():
            # a connection that was lost meanwhile has lost the lock too: the row tells who won
            waits = JudgementBatch.objects.filter(pk=batch_id, judged_at__isnull=True)
            if not waits.update(judged_at=now):
                return None
            return write(
                judgements,
                [application for application in applications if application.id not in wanted],
                _next_tries(judgements, entries, now),
                now,
            )


def judge_waiting_applications(now: datetime) -> Written | None:
    """Try waiting verdicts again whose time has come; None when another worker is at it."""
    with try_lock(LockSpace.WAITING_VERDICTS) as won:
        if not won:
            return None
        total = Written()
        while due := _due_waiting(now):
            written = _judge_again(due, now)
            total += written
            if len(due) < WAITING_AT_ONCE:
                break
        return total


def _due_waiting(now: datetime) -> list[tuple[int, int, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(DUE_WAITING, [now, WAITING_AT_ONCE])
        return list(cursor.fetchall())


def _judge_again(due: Sequence[tuple[int, int, datetime]], now: datetime) -> Written:
    applications = {facts.id: facts for facts in _facts(FACTS_OF_IDS, [[one[0] for one in due]])}
    # a campaign that was paused meanwhile still owes its answer, by its settings of today
    cascades = cascades_of({campaign_id for _, campaign_id, _ in due})
    entries = [
        (applications[application_id], cascades[campaign_id], entered_at)
        for application_id, campaign_id, entered_at in due
    ]
    judgements = judge(entries, known_about(entries, now), _patience())
    return write(judgements, [], _next_tries(judgements, entries, now), now)


def cascades_of(campaign_ids: Iterable[int]) -> dict[int, CompiledCascade]:
    """The cascades of these campaigns, in the order of their numbers."""
    rows = Cascade.objects.filter(campaign_id__in=campaign_ids).order_by("campaign_id")
    cascades = [build(row.campaign_id, row.version, row.settings) for row in rows]
    for cascade in cascades:
        if cascade.flaw:
            logger.error("applications wait, the settings cannot be read: %s", cascade.flaw)
    return {cascade.campaign_id: cascade for cascade in cascades}


def known_about(entries: Sequence[Entry], now: datetime) -> ClientHistory:
    """What our own tables know beside the applications; asked only where a filter wants it."""
    phones = list(
        {
            application.phone
            for application, cascade, _ in entries
            if any(isinstance(rule, CommunicationHistory) for rule in cascade.internal_rules)
        }
    )
    if not phones:
        return ClientHistory(now, moscow_today(now))
    return ClientHistory(
        now,
        moscow_today(now),
        campaigns.last_called_at(phones),
        frozenset(campaigns.refused_phones(phones)),
    )


def _facts(query: str, parameters: list[Any]) -> list[ApplicationFacts]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [ApplicationFacts._make(row) for row in cursor.fetchall()]


def _patience() -> timedelta:
    return timedelta(hours=settings.SERVICE_PATIENCE_HOURS)


def _next_tries(
    judgements: Sequence[Judgement], entries: Sequence[Entry], now: datetime
) -> dict[tuple[int, int], datetime]:
    """When each waiting verdict is tried again: later and later, and not all at the same moment."""
    waiting = {
        (j.application.id, j.campaign_id) for j in judgements if j.state is VerdictState.WAITING
    }
    shortest = timedelta(seconds=settings.SERVICE_RETRY_SECONDS)
    tries = {}
    for application, cascade, entered_at in entries:
        key = (application.id, cascade.campaign_id)
        if key in waiting:
            pause = max(shortest, min(LONGEST_WAIT, WAIT_SHARE * (now - entered_at)))
            tries[key] = now + pause * random.uniform(1.0, 1.2)  # noqa: S311 - spreads, hides nothing
    return tries
