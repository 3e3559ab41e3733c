"""Counts how many applications entered a cascade, where they were stopped and how many passed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from apps.filters.judging.judge import OUTDATED
from apps.filters.states import VerdictState

LONGEST_MS = 2_000  # of the query: the page takes a place that the operators need
# Days are Moscow's.
COUNTS = """
SELECT (wtime AT TIME ZONE 'Europe/Moscow')::date AS day, state, rule, count(*)
FROM "tm$verdicts"
WHERE campaign_id = %s AND wtime >= %s AND wtime < %s
GROUP BY day, state, rule ORDER BY day
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """One filter or entry condition: how many applications came to it, how many it stopped."""

    rule: str
    entered: int
    stopped: int

    @property
    def left(self) -> int:
        return self.entered - self.stopped


@dataclass(frozen=True, slots=True)
class Funnel:
    """``stages`` are in the order of the cascade.

    A waiting application is counted in ``waiting`` and stopped by no stage.
    """

    entered: int
    passed: int
    waiting: int
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many verdicts with this state and filter were made for the applications of a day."""

    day: date
    state: str
    rule: str
    number: int


def counts(campaign_id: int, since: datetime, until: datetime) -> list[DayCount]:
    """Verdicts of the campaign by the day on which the application entered the cascade.

    ``until`` is excluded. Raises DatabaseError when it takes longer than a page may.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {LONGEST_MS}")
        cursor.execute(COUNTS, [campaign_id, since, until])
        return [
            DayCount(day, state, rule=rule, number=number)
            for day, state, rule, number in cursor.fetchall()
        ]


def funnel_of(found: Sequence[DayCount], order: Sequence[str]) -> Funnel:
    """The funnel of these counts. ``order`` names the filters of the cascade in their order; those
    that are in it no longer come last. Outdated applications leave before the first of them: no
    filter counts for them, whichever they had passed.
    """
    stopped: dict[str, int] = {}
    for count in found:
        if count.state == VerdictState.STOPPED:
            stopped[count.rule] = stopped.get(count.rule, 0) + count.number
    entered = sum(count.number for count in found)
    stages, left = [], entered
    first = (OUTDATED,) if OUTDATED in stopped else ()
    for rule in dict.fromkeys((*first, *order, *stopped)):
        stages.append(Stage(rule, entered=left, stopped=stopped.get(rule, 0)))
        left -= stopped.get(rule, 0)
    return Funnel(
        entered,
        passed=_number(found, VerdictState.PASSED),
        waiting=_number(found, VerdictState.WAITING),
        stages=tuple(stages),
    )


def by_day(found: Sequence[DayCount], order: Sequence[str]) -> dict[date, Funnel]:
    """A funnel for each day, latest first."""
    days = sorted({count.day for count in found}, reverse=True)
    return {day: funnel_of([c for c in found if c.day == day], order) for day in days}


def _number(found: Sequence[DayCount], state: VerdictState) -> int:
    return sum(count.number for count in found if count.state == state)
