"""``manage.py rebuild_reports``: counts the reports anew from the calls, or proves them right."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from apps.campaigns import selectors as campaigns
from apps.reports import selectors, services
from apps.reports.selectors import Period
from common.clock import MOSCOW, moscow_minute

# counted in one transaction: a day of a large installation, so that its hours are not locked long
AT_ONCE = timedelta(days=1)
NAMED_HOURS = 20


class Command(BaseCommand):
    help = (
        "Count every hour of the reports anew from the calls; the system may run meanwhile. With "
        "--check nothing is changed: every hour is counted and compared with its stored numbers, "
        "and the exit code is 1 where they differ."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--check", action="store_true", help="compare, and change nothing")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        differing: list[datetime] = []
        hours = waiting = 0
        for period in _periods():
            if not check:
                services.recount(period)
            found = _compared(period)
            differing += found.differing
            waiting += found.waiting
            hours += len(period.hours())
        for hour in differing[:NAMED_HOURS]:
            self.stderr.write(f"{moscow_minute(hour)} (Moscow time): not what the calls say")
        if differing:
            advice = "; manage.py rebuild_reports counts them anew" if check else ""
            raise CommandError(f"{len(differing)} of {hours} hours differ{advice}")
        self.stdout.write(
            f"{hours} hours are what the calls say; {waiting} have changed and wait to be counted"
        )


def _periods() -> Iterator[Period]:
    """All hours in which something was ever counted or is to be counted."""
    found = [
        moments
        for moments in (campaigns.first_and_last_counted(), selectors.first_and_last_stored())
        if moments
    ]
    if not found:
        return
    first = min(one[0] for one in found).astimezone(MOSCOW)
    last = max(one[1] for one in found)
    since = first.replace(hour=0, minute=0, second=0, microsecond=0)
    while since <= last:
        yield Period(since, since + AT_ONCE)
        since += AT_ONCE


def _compared(period: Period) -> selectors.Comparison:
    """In one snapshot: a change that comes meanwhile is not seen, and neither is its mark."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return selectors.compare(period)
