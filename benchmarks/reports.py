"""How long a report over a year of made-up calls takes to open."""

import argparse
import statistics
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.test import Client

from apps.campaigns.selectors import first_and_last_counted
from apps.campaigns.services import make_history
from apps.reports.models import ReportCall
from apps.reports.selectors import Period
from apps.reports.services import recount
from apps.security.models import Operator
from apps.security.types import Role
from benchmarks.bars import Bar
from common.clock import MOSCOW

ROUNDS = 3  # the median counts
UNTIL = datetime(2026, 11, 18, tzinfo=MOSCOW)
DAYS = 365
BAR_SECONDS = 2.0
REPORTS = ("calls", "operators", "campaigns", "funnel")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--report-calls", type=int, default=100_000, help="bar: 5000000")


def measure(options: argparse.Namespace) -> Sequence[Bar]:
    settings.SECURE_SSL_REDIRECT = False
    settings.SECOND_FACTOR = "offered"
    start = time.perf_counter()
    make_history(options.report_calls, UNTIL, DAYS)
    made = time.perf_counter() - start
    counted = _count()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    browser = _browser()
    year = f"since={(UNTIL - timedelta(days=DAYS)):%Y-%m-%d}&until={UNTIL:%Y-%m-%d}"
    rows = ReportCall.objects.count()
    return [
        Bar(
            f"«{name}» over a year of {options.report_calls:,} calls",
            _median(browser, f"/admin/reports/{name}/?{year}"),
            BAR_SECONDS,
            "s",
            at_most=True,
            notes=f"{rows:,} rows; calls made in {made:.0f} s, counted in {counted:.0f} s",
        )
        for name in REPORTS
    ]


def _count() -> float:
    start = time.perf_counter()
    found = first_and_last_counted()
    if found is None:
        raise RuntimeError("no call was made up")
    since = found[0].astimezone(MOSCOW).replace(hour=0, minute=0, second=0, microsecond=0)
    while since <= found[1]:
        recount(Period(since, since + timedelta(days=1)))
        since += timedelta(days=1)
    return time.perf_counter() - start


def _browser() -> Client:
    administrator = Operator.objects.create_user(
        "bench", "correct horse battery", first_name="A", last_name="B", role=Role.ADMINISTRATOR
    )
    browser = Client()
    browser.force_login(administrator, backend="apps.security.backends.OperatorBackend")
    return browser


def _median(browser: Client, address: str) -> float:
    return statistics.median(_seconds(browser, address) for _ in range(ROUNDS))


def _seconds(browser: Client, address: str) -> float:
    start = time.perf_counter()
    answer = browser.get(address)
    took = time.perf_counter() - start
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    return took
