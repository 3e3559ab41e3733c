"""Judges applications by our own filters: the lane that no service can hold up.

Applications that a service is needed for are handed over (``service_lane``). Streams and campaigns
take turns, a batch at a time, and a worker ends after a slice and announces the rest. A batch is
one transaction that holds its row, so a worker that dies leaves it to another.
"""

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from apps.campaigns.services import handled, known_keys, set_aside, waiting_keys
from apps.campaigns.types import AttentionKind
from apps.filters.facts import COLUMNS, ApplicationFacts
from apps.filters.judging.entries import cascades_for, client_history, entries_of_due
from apps.filters.judging.judge import Entry, apply_own_filters
from apps.filters.judging.service_flow import QueueKey
from apps.filters.judging.verdict_writer import VerdictCounts, patience, write_judgements
from apps.filters.judging.waiting import facts_of, hasten, lock_own_due, queues
from apps.filters.known_clients import add_clients_of
from apps.filters.models import JudgementBatch
from common.announce import announce

SLICE_SECONDS = 2.0  # after so long a worker ends and announces the rest
WAITING_AT_ONCE = 1_000  # verdicts of one queue that are judged in one transaction

FACTS_OF_BATCH = f"""
SELECT {", ".join(COLUMNS)} FROM "tm$applications"
WHERE id BETWEEN %s AND %s AND file_id = %s ORDER BY id
"""  # noqa: S608 - our own names
# Streams that have a batch to be judged, found by jumps in the index.
STREAMS = """
WITH RECURSIVE one AS (
    (SELECT stream FROM "tm$judgement_batches" WHERE judged_at IS NULL ORDER BY stream LIMIT 1)
    UNION ALL
    SELECT following.stream FROM one, LATERAL (
        SELECT stream FROM "tm$judgement_batches" AS batch
        WHERE judged_at IS NULL AND batch.stream > one.stream ORDER BY stream LIMIT 1
    ) AS following
)
SELECT stream FROM one
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Slice:
    """What a worker did in its slice, and whether it left anything that can be done now."""

    counts: VerdictCounts
    is_rest_left: bool


def judge_for_a_while(clock: Callable[[], datetime], seconds: float = SLICE_SECONDS) -> Slice:
    """Judge batches and due verdicts by our own filters: one of each stream and queue in turn,
    until none is left or so many seconds have passed.

    A batch that cannot be judged is set aside and holds up no other. Several workers may do this at
    once. Must be called outside a transaction.
    """
    deadline = time.monotonic() + seconds
    _hasten_released(clock())
    known = _known_batches()
    total = VerdictCounts()
    while True:
        counts = _round(known, clock)
        if not counts:
            return Slice(total, is_rest_left=False)
        total = sum(counts, total)
        if time.monotonic() > deadline:
            return Slice(total, is_rest_left=True)


def judge_batch(batch_id: int, now: datetime) -> VerdictCounts | None:
    """Judge one batch by our own filters and write all that follows, in one transaction.

    Returns None when another worker judges it or it is judged already.
    """
    with transaction.atomic():
        row = JudgementBatch.objects.select_for_update(skip_locked=True)
        batch = row.filter(pk=batch_id, judged_at__isnull=True).first()
        return _judge(batch, now) if batch else None


def _round(known: Collection[int], clock: Callable[[], datetime]) -> list[VerdictCounts]:
    """One batch of each stream and one lot of each queue; empty when there was nothing to do."""
    aside = {int(key) for key in waiting_keys(AttentionKind.JUDGEMENT_BATCH, clock())}
    done = [_judge_next(stream, aside, known, clock()) for stream in _streams()]
    done += [_judge_due(queue, clock()) for queue in queues() if not queue.waits_for]
    return [counts for counts in done if counts is not None]


def _streams() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(STREAMS)
        return [stream for (stream,) in cursor.fetchall()]


def _judge_next(
    stream: str, aside: Collection[int], known: Collection[int], now: datetime
) -> VerdictCounts | None:
    """Judge the oldest batch of the stream that no other worker judges; None if there is none."""
    batch = None
    try:
        with transaction.atomic():
            rows = JudgementBatch.objects.select_for_update(skip_locked=True).filter(
                stream=stream, judged_at__isnull=True
            )
            batch = rows.exclude(pk__in=aside).order_by("pk").first()
            if batch is None:
                return None
            counts = _judge(batch, now)
    except Exception as error:
        if batch is None:
            raise
        set_aside(AttentionKind.JUDGEMENT_BATCH, batch.pk, error, now)
        return VerdictCounts()
    if batch.pk in known:
        handled(AttentionKind.JUDGEMENT_BATCH, [batch.pk])
    logger.info("batch %d judged: %s", batch.pk, counts)
    return counts


def _judge(batch: JudgementBatch, now: datetime) -> VerdictCounts:
    with connection.cursor() as cursor:
        cursor.execute(FACTS_OF_BATCH, [batch.first_id, batch.last_id, batch.file_id])
        applications = [ApplicationFacts._make(row) for row in cursor.fetchall()]
    cascades = cascades_for(batch.stream)
    entries = [
        Entry(application, cascade, entered_at=now)
        for application in applications
        for cascade in cascades
        if cascade.takes(application)
    ]
    taken = {entry.application.id for entry in entries}
    others = [application for application in applications if application.id not in taken]
    counts = _judge_entries(entries, others, now)
    batch.judged_at = now
    batch.save(update_fields=["judged_at"])
    add_clients_of(batch)
    return counts


def _judge_due(queue: QueueKey, now: datetime) -> VerdictCounts | None:
    """Judge the oldest due verdicts of a queue; None if there is none."""
    with transaction.atomic():
        due = lock_own_due(queue, now, WAITING_AT_ONCE)
        if not due:
            return None
        applications = facts_of([verdict.application_id for verdict in due])
        return _judge_entries(entries_of_due(due, applications), [], now)


def _judge_entries(
    entries: list[Entry], without_campaign: list[ApplicationFacts], now: datetime
) -> VerdictCounts:
    judged = apply_own_filters(entries, client_history(entries, now), patience())
    handed_over = [pending.handed_over() for pending in judged.pending]
    if handed_over:
        announce("apps.filters.tasks.judge_waiting")
    return write_judgements([*judged.judgements, *handed_over], without_campaign, now)


def _known_batches() -> set[int]:
    return {int(key) for key in known_keys(AttentionKind.JUDGEMENT_BATCH)}


def _hasten_released(now: datetime) -> None:
    """Verdicts that were set aside are tried as soon as their item is due: when a person has
    released it, that is now."""
    due = known_keys(AttentionKind.VERDICT) - waiting_keys(AttentionKind.VERDICT, now)
    pairs = [key.split(":") for key in due]
    hasten([(int(application), int(campaign)) for application, campaign in pairs], now)
