"""When verdicts that waited for a service are written, and what a slice leaves behind."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from apps.filters.judging import service_lane
from apps.filters.judging.batches import judge_batch
from apps.filters.judging.service_lane import SHARDS, ask_services_for_a_while
from apps.filters.models import Verdict
from testing.factories.filters import NOW, ApplicationFactory, CascadeFactory, batch_of
from testing.simulators import Simulators

pytestmark = pytest.mark.django_db


def waiting_for_casper(number: int) -> None:
    """So many applications whose verdicts wait for Casper, which is asked about each by a call."""
    settings = {"data-streams": ["MOBILE_LOANS"], "filters-order": ["CLIENT_DATA"]}
    condition = {"field": "loans.status", "in": ["nowhere"]}
    CascadeFactory.create(settings={**settings, "casper-conditions": [condition]})
    judge_batch(batch_of(*ApplicationFactory.create_batch(number)).pk, NOW)


def test_where_nothing_waits_nothing_is_left() -> None:
    assert not ask_services_for_a_while(lambda: NOW).is_rest_left


def test_a_slice_that_is_over_before_it_is_done_says_that_something_is_left(
    services: Simulators,
) -> None:
    waiting_for_casper(2)

    assert ask_services_for_a_while(lambda: NOW, seconds=-1.0).is_rest_left


@pytest.mark.parametrize("written_at_once", [1, 500])
def test_verdicts_are_written_while_others_are_still_asked_for(
    services: Simulators,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    written_at_once: int,
) -> None:
    monkeypatch.setattr(service_lane, "WRITTEN_AT_ONCE", written_at_once)
    monkeypatch.setattr(service_lane, "WRITE_SECONDS", 3_600.0)
    casper = {**settings.SERVICE_LIMITS["CASPER"], "concurrency": 1}
    settings.SERVICE_LIMITS = {**settings.SERVICE_LIMITS, "CASPER": casper}
    waiting_for_casper(8)

    with CaptureQueriesContext(connection) as asked:
        ask_services_for_a_while(lambda: NOW)

    written = [one for one in asked if one["sql"].lstrip().startswith('INSERT INTO "tm$verdicts"')]
    is_often = len(written) > SHARDS  # than once, at the end of each shard's slice
    assert is_often == (written_at_once == 1)
    assert not Verdict.objects.filter(state="WAITING").exists()


def test_a_service_that_fails_is_asked_again_after_its_pause_and_a_fifth_of_it_at_most(
    services: Simulators, settings: Settings
) -> None:
    services.put_faults("casper", error_rate=1)
    waiting_for_casper(8)

    ask_services_for_a_while(lambda: NOW)

    pause = timedelta(seconds=settings.SERVICE_RETRY_SECONDS)
    due = Verdict.objects.values_list("next_try_at", flat=True)
    assert len(due) == 8
    assert all(at and pause <= at - NOW <= 1.2 * pause for at in due)
