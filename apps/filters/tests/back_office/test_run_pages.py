"""The pages of dry runs and of judging again: they ask, and show what workers have done."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.filters.models import Cascade, DryRun, Verdict
from apps.filters.tasks import advance_dry_runs
from testing.factories.filters import ApplicationFactory, batch_of
from testing.judging import judge_fully

pytestmark = pytest.mark.django_db

TRIED = {"days": 2, "settings": "data-streams: MOBILE_LOANS"}


def url(name: str, cascade: Cascade, *more: int) -> str:
    return reverse(f"admin:filters_cascade_{name}", args=[cascade.pk, *more])


def test_a_dry_run_is_asked_for_shown_while_it_lasts_and_opened_again(
    senior: Client, cascade: Cascade
) -> None:
    ApplicationFactory.create_batch(2, citizenship="BLR")

    answer = senior.post(url("dry_run", cascade), TRIED)
    run = DryRun.objects.get()
    before = senior.get(answer["Location"]).content.decode()
    advance_dry_runs()
    page = senior.get(answer["Location"])

    assert answer["Location"] == url("run", cascade, run.pk)
    assert (run.state, run.author.login if run.author else "") == ("QUEUED", "senior")
    assert 'http-equiv="refresh"' in before
    assert 'http-equiv="refresh"' not in page.content.decode()
    result = page.context["result"]
    assert (result.live.passed, result.changed.passed, result.gained) == (0, 2, 2)
    assert not Verdict.objects.exists()
    assert url("run", cascade, run.pk) in senior.get(url("dry_run", cascade)).content.decode()


def test_no_page_reads_applications(senior: Client, cascade: Cascade) -> None:
    ApplicationFactory.create_batch(3)
    with CaptureQueriesContext(connection) as captured:
        answer = senior.post(url("dry_run", cascade), TRIED)
        senior.get(answer["Location"])
        senior.get(url("dry_run", cascade))
        senior.get(url("rejudge", cascade))

    assert not [query for query in captured if "tm$applications" in query["sql"]]


def test_a_run_is_cancelled_by_its_page(senior: Client, cascade: Cascade) -> None:
    senior.post(url("dry_run", cascade), TRIED)
    run = DryRun.objects.get()

    senior.post(url("run", cascade, run.pk), {"cancel": "yes"})
    advance_dry_runs()

    run.refresh_from_db()
    assert run.state == "CANCELLED"
    assert senior.get(url("run", cascade, run.pk)).status_code == 200


@pytest.mark.parametrize(
    "typed",
    [
        "data-streams: [",
        "- " * 5_000,
        "a: &a [x, x]\n" + "".join(f"a{n}: &a [*a, *a]\n" for n in range(40)),
        "data-streams: 2026-13-45",
        "min-age: 18",
    ],
)
def test_settings_to_try_that_cannot_be_read_are_refused_at_their_field(
    senior: Client, cascade: Cascade, typed: str
) -> None:
    page = senior.post(url("dry_run", cascade), {"days": 2, "settings": typed})

    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["settings"]
    assert not DryRun.objects.exists()


def test_applications_are_judged_again_after_a_trial(senior: Client, cascade: Cascade) -> None:
    today = timezone.now().date()
    period = {"first": date(today.year, 1, 1), "last": date(today.year, 12, 31)}
    ApplicationFactory.create()

    trial = senior.post(url("rejudge", cascade), period)["Location"]
    advance_dry_runs()
    assert senior.get(trial).context["may_be_followed"]
    rejudge = senior.post(trial, {"rejudge": "yes"})["Location"]
    advance_dry_runs()

    page = senior.get(rejudge)
    assert page.context["run"].result == {"reopened": 1}
    assert Verdict.objects.get().state == "WAITING"
    assert not senior.get(trial).context["may_be_followed"]


@pytest.mark.parametrize(
    "period",
    [
        {"first": "2026-11-20", "last": "2026-11-19"},
        {"first": "2020-01-01", "last": "2026-01-01"},
        {"first": "", "last": "2026-01-01"},
    ],
)
def test_a_period_that_is_none_is_refused(
    senior: Client, cascade: Cascade, period: dict[str, Any]
) -> None:
    page = senior.post(url("rejudge", cascade), period)

    assert page.status_code == 200
    assert not DryRun.objects.exists()


@pytest.mark.parametrize("page", ["funnel", "dry_run", "rejudge"])
def test_an_operator_sees_none_of_these_pages(client: Client, cascade: Cascade, page: str) -> None:
    operator = get_user_model().objects.create(login="plain", role="OPERATOR")
    client.force_login(operator, backend="apps.security.backends.OperatorBackend")

    answer = client.get(url(page, cascade))

    assert answer.status_code in (302, 403)


def test_a_run_of_another_campaign_is_not_found(senior: Client, cascade: Cascade) -> None:
    judge_fully(batch_of(ApplicationFactory.create()).pk, timezone.now())

    assert senior.get(url("run", cascade, 2**40)).status_code == 404
