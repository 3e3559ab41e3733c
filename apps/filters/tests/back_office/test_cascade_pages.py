"""The funnel of a cascade."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.filters.back_office import funnel
from apps.filters.models import Cascade
from testing.factories.filters import ApplicationFactory, batch_of
from testing.judging import judge_fully
from testing.rivals import PATIENCE_SECONDS, Rivals

pytestmark = pytest.mark.django_db

MANY_APPLICATIONS = """
INSERT INTO "tm$applications" (stream, file_id, line_number, application_number, created_at,
    changed_at, application_status, client_type, phone)
SELECT 'MOBILE_LOANS', 1, n, n::text, now(), now(), 'registered', 'pioneer', '79131234567'
FROM generate_series(1, 20000) AS n
"""
THEIR_VERDICTS = """
INSERT INTO "tm$verdicts" (application_id, campaign_id, state, settings_version, wtime)
SELECT id, %s, 'PASSED', 1, now() - make_interval(days => line_number / 50)
FROM "tm$applications"
"""


def test_the_funnel_counts_applications_and_where_they_were_stopped(
    senior: Client, cascade: Cascade
) -> None:
    applications = [
        ApplicationFactory.create(),
        ApplicationFactory.create(citizenship="BLR"),
        ApplicationFactory.create(birth_date=date(2015, 1, 1)),
    ]
    judge_fully(batch_of(*applications).pk, timezone.now())

    page = senior.get(reverse("admin:filters_cascade_funnel", args=[cascade.pk]))

    shown = page.context["funnel"]
    stopped = {stage.rule: stage.stopped for stage in shown.stages if stage.stopped}
    assert (shown.entered, shown.passed, shown.waiting) == (3, 1, 0)
    assert stopped == {"AGE": 1, "RESIDENCE": 1}
    assert "<svg" in page.content.decode()


def test_an_outdated_application_leaves_the_funnel_before_the_first_filter() -> None:
    day = date(2026, 11, 20)
    found = [
        funnel.DayCount(day, "STOPPED", rule="AGE", number=2),
        funnel.DayCount(day, "STOPPED", rule="OUTDATED", number=3),
        funnel.DayCount(day, "PASSED", rule="", number=5),
    ]

    stages = funnel.funnel_of(found, ["RESIDENCE", "AGE"]).stages

    assert [(stage.rule, stage.entered, stage.stopped) for stage in stages] == [
        ("OUTDATED", 10, 3),
        ("RESIDENCE", 7, 0),
        ("AGE", 7, 2),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_funnel_that_would_take_long_says_so_instead(
    senior: Client, cascade: Cascade, rivals: Rivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(funnel, "LONGEST_MS", 100)
    url = reverse("admin:filters_cascade_funnel", args=[cascade.pk])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('LOCK TABLE "tm$verdicts" IN ACCESS EXCLUSIVE MODE')

        page = rivals.start(lambda: senior.get(url)).result(PATIENCE_SECONDS)

    assert page.status_code == 200
    assert page.context["is_too_much"]


def test_the_funnel_is_counted_from_its_index_alone(cascade: Cascade) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MANY_APPLICATIONS)
        cursor.execute(THEIR_VERDICTS, [cascade.campaign_id])
        cursor.execute('ANALYZE "tm$verdicts"')
        now = timezone.now()
        days: list[Any] = [cascade.campaign_id, now - timedelta(days=3), now]
        cursor.execute("EXPLAIN " + funnel.COUNTS, days)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "verdict_funnel" in plan
    assert "Seq Scan" not in plan
