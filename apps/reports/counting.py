"""Counts hours anew from calls and replaces what was counted before.

An hour is counted under a lock of its own, in one transaction: the marks of its changes are taken
away first, then everything is counted, then the rows are replaced. A change that was committed
before the marks were taken is in the count, and one that comes later leaves a mark of its own. So
it does not matter how often an hour is counted, by how many at once, and where one of them is
killed.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from apps.campaigns import selectors as campaigns
from apps.campaigns import services
from apps.campaigns.types import CallCount, TaskCount
from apps.reports.models import ReportCall, ReportHour, ReportTask
from common.locks import LockSpace, transaction_lock

HOUR = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Period(NamedTuple):
    """From the beginning of an hour to that of another, which is excluded."""

    since: datetime
    until: datetime

    def hours(self) -> list[datetime]:
        return [self.since + HOUR * n for n in range(int((self.until - self.since) / HOUR))]


class Freshness(NamedTuple):
    """Until when the numbers of a period are complete, and how many hours of it wait to be counted
    again."""

    at: datetime
    waiting: int


def recount(period: Period) -> None:
    """Count these hours anew. Waits for whoever counts one of them at this moment."""
    hours = period.hours()
    with transaction.atomic():
        for hour in hours:
            transaction_lock(LockSpace.REPORT_HOUR, int((hour - EPOCH) / HOUR))
        services.forget_changed_hours(hours)
        _replace(period, campaigns.count_calls(*period), campaigns.count_new_tasks(*period))
        rules = campaigns.counting_rules()
        ReportHour.objects.bulk_create(
            [ReportHour(hour=hour, rules=rules) for hour in hours],
            update_conflicts=True,
            unique_fields=["hour"],
            update_fields=["rules"],
        )


def count_changed(seconds: float, period: Period | None = None) -> int:
    """Count the hours that have changed, latest first, and those that were counted by other rules,
    of a period or all, for about so many seconds. Returns how many hours were counted."""
    ends_at = time.monotonic() + seconds
    counted = 0
    for hour in waiting_hours(period):
        if time.monotonic() > ends_at:
            break
        recount(Period(hour, hour + HOUR))
        counted += 1
    return counted


def freshness(period: Period, now: datetime) -> Freshness:
    """How complete the numbers of this period are. Asked before they are read, so that they are at
    least as fresh as it says."""
    changed = campaigns.changed_hours(*period)
    return Freshness(changed.since or now, len(waiting_hours(period)))


def waiting_hours(period: Period | None) -> Sequence[datetime]:
    """The hours of a period, or all, that are to be counted again, latest first."""
    changed = campaigns.changed_hours(*period) if period else campaigns.changed_hours()
    others = ReportHour.objects.exclude(rules=campaigns.counting_rules())
    if period:
        others = others.filter(hour__gte=period.since, hour__lt=period.until)
    return sorted({*changed.hours, *others.values_list("hour", flat=True)}, reverse=True)


def _replace(period: Period, calls: Iterable[CallCount], tasks: Iterable[TaskCount]) -> None:
    for model, rows, columns in (
        (ReportCall, calls, CallCount._fields),
        (ReportTask, tasks, TaskCount._fields),
    ):
        model.objects.filter(hour__gte=period.since, hour__lt=period.until).delete()
        _copy(model._meta.db_table, columns, rows)


def _copy(table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    statement = f'COPY "{table}" ({", ".join(columns)}) FROM STDIN'
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
