"""Counts what is not judged yet: batches of applications, and verdicts that wait for a service."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from apps.filters.judging.breakers import breakers
from apps.filters.judging.service_lane import SERVICES

BATCHES = """
SELECT stream, count(*), sum(last_id - first_id + 1), min(wtime)
FROM "tm$judgement_batches" WHERE judged_at IS NULL GROUP BY stream ORDER BY stream
"""
# Both from an index of waiting verdicts alone, and no more than MOST_COUNTED rows of it.
WAITING = """
SELECT waits_for, number, oldest
FROM unnest(%s::text[]) AS queue (waits_for),
LATERAL (
    SELECT count(*) AS number FROM (
        SELECT FROM "tm$verdicts"
        WHERE state = 'WAITING' AND waits_for = queue.waits_for LIMIT %s
    ) AS counted
) AS counts,
LATERAL (
    SELECT wtime AS oldest FROM "tm$verdicts"
    WHERE state = 'WAITING' AND waits_for = queue.waits_for ORDER BY wtime LIMIT 1
) AS first
ORDER BY waits_for
"""
MOST_COUNTED = 100_000  # waiting verdicts of a service; one more tells a person nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamBacklog:
    """Batches of a stream that wait to be judged. ``applications`` is at most that many: ids of
    other imports may lie between theirs."""

    stream: str
    batches: int
    applications: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingVerdicts:
    """Verdicts that wait for a service; "" is for readable settings or after an error.

    ``verdicts`` is MOST_COUNTED where more wait.
    """

    service: str
    verdicts: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is not judged at this moment. ``breakers``: service → whether its calls are cut off, of
    those that were asked lately."""

    batches: tuple[StreamBacklog, ...]
    waiting: tuple[WaitingVerdicts, ...]
    breakers: dict[str, bool]


def backlog() -> Backlog:
    """The backlog of the judging; its cost grows neither with what is judged nor, beyond
    MOST_COUNTED verdicts of a service, with what waits."""
    with connection.cursor() as cursor:
        cursor.execute(BATCHES)
        batches = [
            StreamBacklog(stream=stream, batches=count, applications=int(rows), oldest_at=oldest)
            for stream, count, rows, oldest in cursor.fetchall()
        ]
        cursor.execute(WAITING, [["", *SERVICES], MOST_COUNTED])
        waiting = [
            WaitingVerdicts(service=service, verdicts=count, oldest_at=oldest)
            for service, count, oldest in cursor.fetchall()
        ]
    return Backlog(batches=tuple(batches), waiting=tuple(waiting), breakers=breakers(SERVICES))
