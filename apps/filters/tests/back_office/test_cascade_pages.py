"""The funnel and the dry run of a cascade."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.filters.judging.batches import judge_batch
from apps.filters.models import Cascade, Verdict
from testing.browser import enter_back_office
from testing.factories.filters import ApplicationFactory, batch_of
from testing.factories.security import OperatorFactory

pytestmark = pytest.mark.django_db


def test_the_funnel_counts_applications_and_where_they_were_stopped(
    senior: Client, cascade: Cascade
) -> None:
    applications = [
        ApplicationFactory.create(),
        ApplicationFactory.create(citizenship="BLR"),
        ApplicationFactory.create(birth_date=date(2015, 1, 1)),
    ]
    judge_batch(batch_of(*applications).pk, timezone.now())

    page = senior.get(reverse("admin:filters_cascade_funnel", args=[cascade.pk]))

    funnel = page.context["funnel"]
    stopped = {stage.rule: stage.stopped for stage in funnel.stages if stage.stopped}
    assert (funnel.entered, funnel.passed, funnel.waiting) == (3, 1, 0)
    assert stopped == {"AGE": 1, "RESIDENCE": 1}
    assert "<svg" in page.content.decode()


def test_a_dry_run_compares_and_leaves_no_trace(senior: Client, cascade: Cascade) -> None:
    ApplicationFactory.create_batch(2, citizenship="BLR")
    url = reverse("admin:filters_cascade_dry_run", args=[cascade.pk])

    page = senior.post(url, {"days": 2, "settings": "data-streams: MOBILE_LOANS"})

    result = page.context["result"]
    assert (result.live.passed, result.changed.passed, result.gained) == (0, 2, 2)
    assert not Verdict.objects.exists()
    cascade.refresh_from_db()
    assert cascade.version == 1


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
    url = reverse("admin:filters_cascade_dry_run", args=[cascade.pk])

    page = senior.post(url, {"days": 2, "settings": typed})

    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["settings"]
    assert page.context["result"] is None


@pytest.mark.parametrize("page", ["funnel", "dry_run"])
def test_an_operator_sees_none_of_these_pages(client: Client, cascade: Cascade, page: str) -> None:
    enter_back_office(client, OperatorFactory.create())

    answer = client.get(reverse(f"admin:filters_cascade_{page}", args=[cascade.pk]))

    assert answer.status_code in (302, 403)
