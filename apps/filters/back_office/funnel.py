"""How many applications entered a campaign's cascade, where they were stopped, how many passed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from apps.filters.states import VerdictState

# A waiting verdict is counted apart: nothing has stopped it yet. Days are Moscow's.
COUNTS = """
SELECT (wtime AT TIME ZONE 'Europe/Moscow')::date AS day, state, rule, count(*)
FROM "tm$verdicts"
WHERE campaign_id = %s AND wtime >= %s AND wtime < %s
GROUP BY day, state, rule ORDER BY day
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the funnel: how many came to it, and how many it stopped."""

    rule: str
    entered: int
    stopped: int

    @property
    def left(self) -> int:
        return self.entered - self.stopped


@dataclass(frozen=True, slots=True)
class Funnel:
    """``stages`` are in the order of the cascade; who waits has not left the stage it waits at."""

    entered: int
    passed: int
    waiting: int
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many verdicts of one kind a day has."""

    day: date
    state: str
    rule: str
    number: int


def counts(campaign_id: int, since: datetime, until: datetime) -> list[Count]:
    """Verdicts of the campaign by the day on which the application entered."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [campaign_id, since, until])
        return [Count(*row) for row in cursor.fetchall()]


def funnel_of(found: Sequence[Count], order: Sequence[str]) -> Funnel:
    """The funnel of these counts. Filters that are no longer in the cascade come last."""
    stopped: dict[str, int] = {}
    for count in found:
        if count.state == VerdictState.STOPPED:
            stopped[count.rule] = stopped.get(count.rule, 0) + count.number
    entered = sum(count.number for count in found)
    stages, left = [], entered
    for rule in dict.fromkeys((*order, *stopped)):
        stages.append(Stage(rule, left, stopped.get(rule, 0)))
        left -= stopped.get(rule, 0)
    return Funnel(
        entered,
        _number(found, VerdictState.PASSED),
        _number(found, VerdictState.WAITING),
        tuple(stages),
    )


def by_day(found: Sequence[Count], order: Sequence[str]) -> dict[date, Funnel]:
    """A funnel for each day, latest first."""
    days = sorted({count.day for count in found}, reverse=True)
    return {day: funnel_of([c for c in found if c.day == day], order) for day in days}


def _number(found: Sequence[Count], state: VerdictState) -> int:
    return sum(count.number for count in found if count.state == state)
