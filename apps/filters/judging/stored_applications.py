"""Reads stored applications page by page, by ranges of ids: a page takes as long at the end of a
large table as at its beginning, and needs no index but the primary key.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Max, Min

from apps.filters.facts import COLUMNS, ApplicationFacts
from apps.filters.models import Application

# Ids follow the time at which rows were stored, but for imports that run in parallel: those of one
# may lie between those of another. No import takes as long as this.
LONGEST_IMPORT = timedelta(hours=1)
FACTS = ", ".join(f"application.{column}" for column in COLUMNS)
PAGE = f"""
SELECT {FACTS} FROM "tm$applications" AS application
WHERE id > %s AND id <= %s AND wtime >= %s AND wtime < %s AND stream = ANY(%s) ORDER BY id
"""  # noqa: S608 - names of our own columns
# Those that the live settings have not judged, or that other settings have stopped. Of the
# snapshots of an application only the latest: the others are past.
UNJUDGED = f"""
SELECT {FACTS}, coalesce(verdict.rule, '') FROM "tm$applications" AS application
LEFT JOIN "tm$verdicts" AS verdict
    ON verdict.application_id = application.id AND verdict.campaign_id = %s
WHERE application.id > %s AND application.id <= %s
  AND application.wtime >= %s AND application.wtime < %s AND application.stream = ANY(%s)
  AND (verdict.id IS NULL OR (verdict.state = 'STOPPED' AND verdict.settings_version <> %s))
  AND NOT EXISTS (
    SELECT FROM "tm$applications" AS newer
    WHERE newer.application_number = application.application_number
      AND newer.stream = application.stream
      AND (newer.changed_at, newer.id) > (application.changed_at, application.id)
  )
ORDER BY application.id
"""  # noqa: S608 - names of our own columns


class Ids(NamedTuple):
    """A range of ids: those above ``after``, up to ``last``."""

    after: int
    last: int


class Period(NamedTuple):
    """Applications that were stored from ``since`` on and before ``until``."""

    since: datetime
    until: datetime


class Unjudged(NamedTuple):
    """An application, and the filter that had stopped it; "" where there was no verdict at all."""

    application: ApplicationFacts
    stopped_by: str


def ids_of(period: Period) -> Ids:
    """A range that holds all applications of the period, and few others."""
    first = _first_id(period.since - LONGEST_IMPORT)
    return Ids(first - 1, _first_id(period.until + LONGEST_IMPORT) - 1)


def _first_id(moment: datetime) -> int:
    """The least id from which on, imports in parallel apart, rows are not older than the moment.

    Halves the range with one look into the primary key each time.
    """
    ends = Application.objects.aggregate(oldest=Min("pk"), newest=Max("pk"))
    low, high = ends["oldest"] or 1, (ends["newest"] or 0) + 1
    while low < high:
        middle = (low + high) // 2
        rows = Application.objects.filter(pk__gte=middle).order_by("pk")
        found = rows.values_list("pk", "wtime").first()
        if found is None or found[1] >= moment:
            high = middle
        else:
            low = found[0] + 1
    return low


def applications_of(ids: Ids, period: Period, streams: frozenset[str]) -> list[ApplicationFacts]:
    """The applications of these streams, in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(PAGE, [*ids, *period, sorted(streams)])
        return [ApplicationFacts._make(row) for row in cursor.fetchall()]


def unjudged_of(
    ids: Ids, period: Period, streams: frozenset[str], campaign_id: int, version: int
) -> Sequence[Unjudged]:
    """The latest snapshots that the settings of this version have not judged for the campaign,
    unless they passed or wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(UNJUDGED, [campaign_id, *ids, *period, sorted(streams), version])
        return [Unjudged(ApplicationFacts._make(row[:-1]), row[-1]) for row in cursor.fetchall()]
