"""Judges the applications that wait for the cascades, batch by batch, and writes the verdicts.

Services are asked before the one transaction that writes. A batch is held by a session-level
advisory lock meanwhile, which PostgreSQL releases when the worker dies.
"""

import logging
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from apps.campaigns import selectors as campaigns
from apps.filters.cascade.compiled_cascade import CompiledCascade, build
from apps.filters.facts import COLUMNS, ApplicationFacts, ClientHistory
from apps.filters.judging.judge import Entry, Judgement, VerdictKey, judge
from apps.filters.judging.verdict_writer import VerdictCounts, write_judgements
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
LONGEST_PAUSE = timedelta(minutes=10)  # between two tries of a verdict, however long it has waited
PAUSE_SHARE = 0.1  # of the time waited so far

# Waiting verdicts whose next try is due, each with the time at which it entered the cascade.
DUE_VERDICTS = """
SELECT v.application_id, v.campaign_id, v.wtime FROM "tm$verdicts" AS v
WHERE v.state = 'WAITING' AND v.next_try_at <= %s
  AND EXISTS (SELECT FROM "tm$cascades" AS c WHERE c.campaign_id = v.campaign_id)
ORDER BY next_try_at LIMIT %s
"""


class DueVerdict(NamedTuple):
    """A waiting verdict whose next try is due: a row of ``DUE_VERDICTS``."""

    application_id: int
    campaign_id: int
    entered_at: datetime


def live_cascades() -> list[CompiledCascade]:
    """The cascades of active campaigns, in the order of the campaigns' numbers."""
    active = campaigns.active_campaign_ids()
    return list(cascades_of(active).values())


def next_batches(after: int, limit: int) -> list[int]:
    """Ids of at most ``limit`` batches that wait to be judged, oldest first, above ``after``."""
    rows = JudgementBatch.objects.filter(judged_at__isnull=True, pk__gt=after)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def judge_batch(batch_id: int, now: datetime) -> VerdictCounts | None:
    """Judge one batch and write its verdicts, ledger rows and candidates in one transaction.

    Returns None when another worker judges it or it is judged already. A batch that a killed
    worker had begun gets the same rows, each once. Must be called outside a transaction.
    """
    with try_lock(LockSpace.JUDGEMENT_BATCH, batch_id % LOCK_KEYS) as won:
        batch = JudgementBatch.objects.filter(pk=batch_id, judged_at__isnull=True).first()
        if not won or batch is None:
            return None
        applications = _load_facts(FACTS_OF_BATCH, [batch.first_id, batch.last_id, batch.file_id])
        cascades = live_cascades()
        entries = [
            Entry(application, cascade, entered_at=now)
            for application in applications
            for cascade in cascades
            if cascade.takes(application)
        ]
        judgements = judge(entries, client_history(entries, now), _patience())
        taken = {entry.application.id for entry in entries}
        with transaction.atomic():
            # A connection that was lost meanwhile has lost the lock too: this row decides.
            unjudged = JudgementBatch.objects.filter(pk=batch_id, judged_at__isnull=True)
            if not unjudged.update(judged_at=now):
                return None
            return write_judgements(
                judgements,
                [application for application in applications if application.id not in taken],
                _next_tries(judgements, entries, now),
                now,
            )


def judge_waiting_applications(now: datetime) -> VerdictCounts | None:
    """Judge again the waiting verdicts whose next try is due.

    Returns None when another worker does it. Must be called outside a transaction.
    """
    with try_lock(LockSpace.WAITING_VERDICTS) as won:
        if not won:
            return None
        total = VerdictCounts()
        while due := _due_verdicts(now):
            total += _judge_again(due, now)
            if len(due) < WAITING_AT_ONCE:
                break
        return total


def _due_verdicts(now: datetime) -> list[DueVerdict]:
    with connection.cursor() as cursor:
        cursor.execute(DUE_VERDICTS, [now, WAITING_AT_ONCE])
        return [DueVerdict._make(row) for row in cursor.fetchall()]


def _judge_again(due: Sequence[DueVerdict], now: datetime) -> VerdictCounts:
    ids = [verdict.application_id for verdict in due]
    applications = {facts.id: facts for facts in _load_facts(FACTS_OF_IDS, [ids])}
    # A campaign that was paused meanwhile still owes its verdict, by its settings of today.
    cascades = cascades_of({verdict.campaign_id for verdict in due})
    entries = [
        Entry(
            applications[verdict.application_id],
            cascades[verdict.campaign_id],
            entered_at=verdict.entered_at,
        )
        for verdict in due
    ]
    judgements = judge(entries, client_history(entries, now), _patience())
    return write_judgements(judgements, [], _next_tries(judgements, entries, now), now)


def cascades_of(campaign_ids: Iterable[int]) -> dict[int, CompiledCascade]:
    """Campaign id → its cascade, in the order of the ids. A campaign without a cascade is absent.

    A cascade whose stored settings cannot be read is logged as an error and has a ``flaw``.
    """
    rows = Cascade.objects.filter(campaign_id__in=campaign_ids).order_by("campaign_id")
    cascades = [build(row.campaign_id, row.version, row.settings) for row in rows]
    for cascade in cascades:
        if cascade.flaw:
            logger.error("applications wait, the settings cannot be read: %s", cascade.flaw)
    return {cascade.campaign_id: cascade for cascade in cascades}


def client_history(entries: Sequence[Entry], now: datetime) -> ClientHistory:
    """What our own tables know of the clients; they are read only where a filter needs them."""
    phones = list(
        {
            entry.application.phone
            for entry in entries
            if any(isinstance(rule, CommunicationHistory) for rule in entry.cascade.internal_rules)
        }
    )
    if not phones:
        return ClientHistory(now, moscow_today(now))
    return ClientHistory(
        now,
        moscow_today(now),
        last_called_at=campaigns.last_called_at(phones),
        refused_phones=frozenset(campaigns.refused_phones(phones)),
    )


def _load_facts(query: str, parameters: list[Any]) -> list[ApplicationFacts]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [ApplicationFacts._make(row) for row in cursor.fetchall()]


def _patience() -> timedelta:
    return timedelta(hours=settings.SERVICE_PATIENCE_HOURS)


def _next_tries(
    judgements: Sequence[Judgement], entries: Sequence[Entry], now: datetime
) -> dict[VerdictKey, datetime]:
    """When each waiting verdict is tried again: after longer and longer pauses, and not all of them
    at the same moment.
    """
    waiting = {judgement.key for judgement in judgements if judgement.state is VerdictState.WAITING}
    shortest = timedelta(seconds=settings.SERVICE_RETRY_SECONDS)
    tries = {}
    for entry in entries:
        if entry.key in waiting:
            pause = max(shortest, min(LONGEST_PAUSE, PAUSE_SHARE * (now - entry.entered_at)))
            spread = random.uniform(1.0, 1.2)  # noqa: S311 - spreads the load, hides nothing
            tries[entry.key] = now + pause * spread
    return tries
