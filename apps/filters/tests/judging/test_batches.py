"""Batches: from stored applications to verdicts, ledger and tasks."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from apps.campaigns.models import CampaignTask, Decision
from apps.filters.cascade.revisions import set_cascade
from apps.filters.checks import stored_cascades_can_be_read
from apps.filters.judging import judge as evaluation
from apps.filters.judging.batches import LOCK_KEYS, judge_batch, judge_waiting_applications
from apps.filters.judging.verdict_writer import Written
from apps.filters.models import BlacklistCheck, Cascade, Verdict
from apps.filters.tasks import judge_applications
from apps.filters.tests.factories import NOW, ApplicationFactory, CascadeFactory, batch_of
from common.locks import LockSpace
from simulators.tests.running import Simulators

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


def test_an_application_that_passes_becomes_a_task_with_its_verdict_and_ledger_row() -> None:
    cascade = CascadeFactory.create()
    application = ApplicationFactory.create()

    written = judge_batch(batch_of(application).pk, NOW)

    assert written == Written(passed=1)
    verdict = Verdict.objects.get()
    assert (verdict.state, verdict.rule, verdict.settings_version) == ("PASSED", "", 1)
    task = CampaignTask.objects.get()
    assert (task.campaign_id, task.phone) == (cascade.campaign_id, application.phone)
    assert task.source_key == f"application:{application.pk}"
    assert task.client_info["application_number"] == application.application_number
    assert task.client_info["desired_amount"] == 3_000_000
    decision = Decision.objects.get()
    assert (decision.step, decision.verdict, decision.settings_version) == ("FILTER", "PASSED", 1)


def test_the_first_filter_that_is_not_passed_is_named_with_its_reason() -> None:
    CascadeFactory.create(settings=ALL_SERVICES)
    application = ApplicationFactory.create(citizenship="BLR")

    judge_batch(batch_of(application).pk, NOW)

    verdict = Verdict.objects.get()
    assert (verdict.state, verdict.rule) == ("STOPPED", "RESIDENCE")
    assert "BLR" in verdict.reason
    assert Decision.objects.get().reason == verdict.reason
    assert not CampaignTask.objects.exists()


def test_judging_a_batch_again_writes_nothing_again() -> None:
    CascadeFactory.create()
    batch = batch_of(ApplicationFactory.create())
    judge_batch(batch.pk, NOW)
    batch.judged_at = None
    batch.save()

    written = judge_batch(batch.pk, NOW)

    assert written == Written()
    assert Verdict.objects.count() == CampaignTask.objects.count() == Decision.objects.count() == 1


def test_an_application_that_no_campaign_takes_is_accounted_for() -> None:
    CascadeFactory.create()
    batch = batch_of(ApplicationFactory.create(stream="POS_REJECT"))

    judge_batch(batch.pk, NOW)

    decision = Decision.objects.get()
    assert (decision.rule, decision.verdict) == ("NO_CAMPAIGN", "STOPPED")
    assert not Verdict.objects.exists()


def test_an_application_may_become_a_candidate_of_several_campaigns() -> None:
    CascadeFactory.create_batch(2)

    judge_batch(batch_of(ApplicationFactory.create()).pk, NOW)

    assert CampaignTask.objects.count() == 2


def test_what_all_services_answered_lets_the_client_through(services: Simulators) -> None:
    CascadeFactory.create(
        settings={**ALL_SERVICES, "filters-order": ALL_SERVICES["filters-order"][:-1]}
    )

    judge_batch(batch_of(ApplicationFactory.create()).pk, NOW)

    assert Verdict.objects.get().state == "PASSED"
    assert CampaignTask.objects.get().client_info["casper"]["full_name_ru"]
    assert not BlacklistCheck.objects.get().blocked


def test_a_batch_that_another_worker_holds_is_left_to_it(django_db_blocker: Any) -> None:
    CascadeFactory.create()
    batch = batch_of(ApplicationFactory.create())
    other = connection.copy()
    with other.cursor() as cursor:
        key = batch.pk % LOCK_KEYS
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LockSpace.JUDGEMENT_BATCH, key])

        written = judge_batch(batch.pk, NOW)

    other.close()
    assert written is None
    assert not Verdict.objects.exists()


def test_services_are_never_asked_inside_a_transaction(services: Simulators) -> None:
    """The batch is judged on a dead service: what waits was written in one go, after the asking."""
    services.control("PUT", "/faults/blacklist", json={"error_rate": 1, "error_status": 500})
    CascadeFactory.create(settings=ALL_SERVICES)

    judge_batch(batch_of(ApplicationFactory.create(), ApplicationFactory.create()).pk, NOW)

    assert [v.state for v in Verdict.objects.all()] == ["WAITING", "WAITING"]


def test_a_waiting_application_is_judged_once_the_service_is_back(services: Simulators) -> None:
    services.control("PUT", "/faults/blacklist", json={"error_rate": 1, "error_status": 500})
    order = {**ALL_SERVICES, "filters-order": ["PHONE_BLACK_LIST"]}
    CascadeFactory.create(settings=order)
    judge_batch(batch_of(ApplicationFactory.create()).pk, NOW)
    services.control("DELETE", "/faults/blacklist")

    written = judge_waiting_applications(NOW + timedelta(hours=1))

    assert written == Written(passed=1)
    assert [d.verdict for d in Decision.objects.order_by("pk")] == ["WAITING", "PASSED"]


def test_fifty_applications_take_as_many_queries_as_one(services: Simulators) -> None:
    CascadeFactory.create(settings={**ALL_SERVICES, "filters-order": ["AGE", "PHONE_BLACK_LIST"]})
    queries = []

    for count in (1, 50):
        batch = batch_of(*ApplicationFactory.create_batch(count))
        with CaptureQueriesContext(connection) as captured:
            judge_batch(batch.pk, NOW)
        queries.append(len(captured))

    assert queries[0] == queries[1]
    assert CampaignTask.objects.count() == 51


def test_logs_tell_of_batches_and_never_of_people(
    services: Simulators, caplog: pytest.LogCaptureFixture
) -> None:
    services.control("PUT", "/faults/blacklist", json={"error_rate": 1, "error_status": 500})
    CascadeFactory.create(settings=ALL_SERVICES)
    application = ApplicationFactory.create(phone="79137654321", last_name="Неназываемый")
    batch_of(application)
    caplog.set_level("DEBUG")

    judge_applications()

    assert "judged" in caplog.text
    for private in (application.phone, application.last_name, application.document_number):
        assert private not in caplog.text


def test_a_later_version_of_the_settings_is_named_by_its_verdicts() -> None:
    cascade = CascadeFactory.create()
    set_cascade(cascade.campaign_id, {**cascade.settings, "min-age": 18}, author_id=None)

    judge_batch(batch_of(ApplicationFactory.create()).pk, NOW)

    assert Verdict.objects.get().settings_version == 2
    assert Decision.objects.get().settings_version == 2


def flawed_cascade() -> Cascade:
    """Settings that an earlier release accepted: this one has no such filter."""
    flawed = {"data-streams": ["MOBILE_LOANS"], "filters-order": ["AGE", "HOROSCOPE"], "min-age": 1}
    cascade: Cascade = CascadeFactory.create(settings=flawed)
    return cascade


def test_a_cascade_that_cannot_be_read_holds_up_only_its_own_campaign(
    caplog: pytest.LogCaptureFixture,
) -> None:
    flawed, sound = flawed_cascade(), CascadeFactory.create()

    written = judge_batch(batch_of(ApplicationFactory.create()).pk, NOW)

    assert written == Written(passed=1, waiting=1)
    assert CampaignTask.objects.get().campaign_id == sound.campaign_id
    verdict = Verdict.objects.get(campaign_id=flawed.campaign_id)
    assert (verdict.state, verdict.rule) == ("WAITING", "SETTINGS")
    assert "HOROSCOPE" in verdict.reason
    assert "HOROSCOPE" in caplog.text


def test_who_waited_for_settings_longer_than_patience_is_judged_once_they_are_mended() -> None:
    cascade = flawed_cascade()
    judge_batch(batch_of(ApplicationFactory.create()).pk, NOW)
    two_days_later = NOW + timedelta(days=2)

    still_waiting = judge_waiting_applications(two_days_later)
    set_cascade(cascade.campaign_id, {"data-streams": ["MOBILE_LOANS"]}, author_id=None)
    mended = judge_waiting_applications(two_days_later + timedelta(hours=1))

    assert (still_waiting, mended) == (Written(waiting=1), Written(passed=1))


def test_the_check_of_the_database_names_the_cascade_that_cannot_be_read() -> None:
    flawed = flawed_cascade()

    (warning,) = stored_cascades_can_be_read()

    assert warning.id == "filters.W001"
    assert "HOROSCOPE" in warning.msg
    assert str(flawed.campaign_id) in warning.msg


def asked(services: Simulators, service: str) -> int:
    """How many calls the simulator of this service has answered so far."""
    return sum(services.control("GET", "/state").json()["answers"][service].values())


def test_a_batch_in_parts_asks_as_much_as_in_one_and_judges_alike(
    services: Simulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "GROUP_SIZE", 2)
    CascadeFactory.create_batch(2, settings={**ALL_SERVICES, "products": ["no-such-product"]})
    batch = batch_of(*ApplicationFactory.create_batch(5))
    before = {name: asked(services, name) for name in ("abram", "casper")}

    with override("en"):
        written = judge_batch(batch.pk, NOW)

    assert written == Written(stopped=10)
    assert asked(services, "abram") - before["abram"] == 10  # checks and products, two campaigns
    assert asked(services, "casper") - before["casper"] == 5
    assert {v.reason for v in Verdict.objects.all()} <= {
        "none of the wanted products is available",
        "no product is available",
    }
