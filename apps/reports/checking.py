"""Proves that what was counted is what the calls say."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max, Min

from apps.campaigns import selectors as campaigns
from apps.campaigns.types import CallCount, TaskCount
from apps.reports.counting import Period, waiting_hours
from apps.reports.models import ReportCall, ReportHour, ReportTask


class Comparison(NamedTuple):
    """``differing``: hours whose stored numbers are not those of the calls, though nothing says
    that they are to be counted again. ``waiting``: how many hours wait for that, and were not
    compared."""

    differing: list[datetime]
    waiting: int


def compare(period: Period) -> Comparison:
    """Count the period from the calls and compare every hour with its stored numbers. Changes
    nothing. All is read in one snapshot where the caller's transaction has one."""
    waiting = set(waiting_hours(period))
    stored, counted = _stored(period), _counted(period)
    differing = {
        hour
        for hour in stored.keys() | counted.keys()
        if hour not in waiting and stored.get(hour) != counted.get(hour)
    }
    return Comparison(sorted(differing), len(waiting))


def first_and_last_stored() -> tuple[datetime, datetime] | None:
    """The first and the last hour that was ever counted, None where there is none."""
    found = ReportHour.objects.aggregate(first=Min("hour"), last=Max("hour"))
    return (found["first"], found["last"]) if found["first"] else None


ByHour = dict[datetime, Counter[tuple[Any, ...]]]


def _stored(period: Period) -> ByHour:
    calls = ReportCall.objects.filter(hour__gte=period.since, hour__lt=period.until)
    tasks = ReportTask.objects.filter(hour__gte=period.since, hour__lt=period.until)
    return _by_hour(
        [
            *calls.values_list(*CallCount._fields),
            *tasks.values_list(*TaskCount._fields),
        ]
    )


def _counted(period: Period) -> ByHour:
    return _by_hour([*campaigns.count_calls(*period), *campaigns.count_new_tasks(*period)])


def _by_hour(rows: Iterable[tuple[Any, ...]]) -> ByHour:
    found: ByHour = {}
    for row in rows:
        found.setdefault(row[0], Counter())[tuple(row)] += 1
    return found
