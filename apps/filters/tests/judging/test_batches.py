"""Batches and waiting applications: taken by one worker, judged in as many queries as one row."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.campaigns.models import CampaignTask, Decision
from apps.filters.cascade.revisions import set_cascade
from apps.filters.judging.batches import judge_batch
from apps.filters.judging.verdict_writer import VerdictCounts
from apps.filters.models import Cascade, JudgementBatch, Verdict
from apps.filters.tasks import judge_applications
from testing.factories.filters import NOW, ApplicationFactory, CascadeFactory, batch_of
from testing.judging import judge_due, judge_fully
from testing.rivals import PATIENCE_SECONDS, Rivals
from testing.simulators import Simulators

pytestmark = pytest.mark.django_db

ALL_SERVICES: dict[str, Any] = {
    "data-streams": ["MOBILE_LOANS"],
    "filters-order": [
        "RESIDENCE",
        "AGE",
        "PHONE_BLACK_LIST",
        "ML_DEVICE",
        "ML_PHONE",
        "ML_FACE",
        "ML_DOCUMENT",
        "CLIENT_DATA",
        "AVAILABLE_PRODUCTS",
    ],
    "citizenship-unavailable-countries": ["BLR"],
    "min-age": 18,
    "casper-conditions": [{"field": "loans.status", "in": ["nowhere"]}],
}


def test_fifty_applications_take_as_many_queries_as_one() -> None:
    CascadeFactory.create(settings={**ALL_SERVICES, "filters-order": ["AGE", "PHONE_BLACK_LIST"]})
    CascadeFactory.create(settings={**ALL_SERVICES, "filters-order": ["AGE"]})
    queries = []

    for count in (1, 50):
        batch = batch_of(*ApplicationFactory.create_batch(count))
        with CaptureQueriesContext(connection) as captured:
            judge_batch(batch.pk, NOW)
        queries.append(len(captured))

    assert queries[0] == queries[1]
    assert CampaignTask.objects.count() == Verdict.objects.filter(state="WAITING").count() == 51


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_not_wait_for_a_batch_that_another_judges(rivals: Rivals) -> None:
    CascadeFactory.create(settings={**ALL_SERVICES, "filters-order": ["AGE"]})
    batch = batch_of(ApplicationFactory.create())

    with transaction.atomic():
        JudgementBatch.objects.select_for_update().get(pk=batch.pk)
        rival = rivals.start(lambda: judge_batch(batch.pk, NOW))
        assert rival.result(PATIENCE_SECONDS) is None

    assert judge_batch(batch.pk, NOW) is not None


def test_logs_tell_of_batches_and_never_of_people(
    services: Simulators, caplog: pytest.LogCaptureFixture
) -> None:
    services.put_faults("blacklist", error_rate=1, error_status=500)
    CascadeFactory.create(settings=ALL_SERVICES)
    application = ApplicationFactory.create(phone="79137654321", last_name="Неназываемый")
    batch_of(application)
    caplog.set_level("DEBUG")

    judge_applications()

    assert "judged" in caplog.text
    for private in (application.phone, application.last_name, application.document_number):
        assert private not in caplog.text


def test_a_waiting_application_is_judged_once_the_service_is_back(services: Simulators) -> None:
    services.put_faults("blacklist", error_rate=1, error_status=500)
    order = {**ALL_SERVICES, "filters-order": ["PHONE_BLACK_LIST"]}
    CascadeFactory.create(settings=order)
    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)
    services.clear_faults("blacklist")

    counts = judge_due(NOW + timedelta(hours=1))

    assert counts == VerdictCounts(passed=1)
    ledger = [(row.rule, row.verdict) for row in Decision.objects.order_by("pk")]
    assert ledger == [
        ("PHONE_BLACK_LIST", "WAITING"),
        ("PHONE_BLACK_LIST", "PASSED"),
        ("CASCADE", "PASSED"),
    ]


def flawed_cascade() -> Cascade:
    """Settings that an earlier release accepted: this one has no such filter."""
    flawed = {"data-streams": ["MOBILE_LOANS"], "filters-order": ["AGE", "HOROSCOPE"], "min-age": 1}
    cascade: Cascade = CascadeFactory.create(settings=flawed)
    return cascade


def test_a_cascade_that_cannot_be_read_holds_up_only_its_own_campaign(
    caplog: pytest.LogCaptureFixture,
) -> None:
    flawed, sound = flawed_cascade(), CascadeFactory.create()

    counts = judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)

    assert counts == VerdictCounts(passed=1, waiting=1)
    assert CampaignTask.objects.get().campaign_id == sound.campaign_id
    verdict = Verdict.objects.get(campaign_id=flawed.campaign_id)
    assert (verdict.state, verdict.rule) == ("WAITING", "SETTINGS")
    assert "HOROSCOPE" in verdict.reason
    assert "HOROSCOPE" in caplog.text


def test_whoever_waited_for_settings_longer_than_patience_is_judged_once_they_are_mended() -> None:
    cascade = flawed_cascade()
    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)
    two_days_later = NOW + timedelta(days=2)

    still_waiting = judge_due(two_days_later)
    set_cascade(cascade.campaign_id, {"data-streams": ["MOBILE_LOANS"]}, author_id=None)
    mended = judge_due(two_days_later + timedelta(hours=1))

    assert (still_waiting, mended) == (VerdictCounts(waiting=1), VerdictCounts(passed=1))
