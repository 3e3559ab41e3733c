"""Judging by services: asked after our own filters, in groups, each application once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils.translation import override

from apps.campaigns.models import CampaignTask, Decision
from apps.filters.judging.verdict_writer import VerdictCounts
from apps.filters.models import Application, BlacklistCheck, Verdict
from testing.factories.filters import (
    NOW,
    ApplicationFactory,
    CascadeFactory,
    batch_of,
    person_behind,
)
from testing.judging import judge_fully
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


def test_the_first_filter_that_is_not_passed_is_named_with_its_reason() -> None:
    CascadeFactory.create(settings=ALL_SERVICES)
    application = ApplicationFactory.create(citizenship="BLR")

    judge_fully(batch_of(application).pk, NOW)

    verdict = Verdict.objects.get()
    assert (verdict.state, verdict.rule) == ("STOPPED", "RESIDENCE")
    assert "BLR" in verdict.reason
    assert Decision.objects.get().reason == verdict.reason
    assert not CampaignTask.objects.exists()


def test_what_all_services_answered_lets_the_client_through(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    filters = ALL_SERVICES["filters-order"][:-1]
    # whoever Casper knows by this phone may be younger than 18
    CascadeFactory.create(settings={**ALL_SERVICES, "filters-order": filters, "min-age": 1})
    person = {**person_behind(unused_phone()), "citizenship": "KGZ"}

    judge_fully(batch_of(ApplicationFactory.create(**person)).pk, NOW)

    assert Verdict.objects.get().state == "PASSED"
    assert CampaignTask.objects.get().client_info["casper"]["full_name_ru"]
    assert not BlacklistCheck.objects.get().blocked


def test_another_persons_data_are_neither_judged_nor_kept_and_the_ledger_says_so(
    services: Simulators,
) -> None:
    """The conditions would stop whoever has an application at all."""
    CascadeFactory.create(
        settings={
            "data-streams": ["MOBILE_LOANS"],
            "filters-order": ["CLIENT_DATA"],
            "casper-conditions": [{"field": "applications.number", "not-in": ["none"]}],
        }
    )
    stranger, known = ApplicationFactory.create(), ApplicationFactory.create()
    person = person_behind(known.phone)
    Application.objects.filter(pk=known.pk).update(**person)

    with override("ru"):
        judge_fully(batch_of(stranger, known).pk, NOW)

    assert Verdict.objects.get(application=known).state == "STOPPED"
    verdict = Verdict.objects.get(application=stranger)
    reason = "данные клиента не проверялись: Casper знает этот номер за другим человеком"
    assert (verdict.state, verdict.reason) == ("PASSED", reason)
    row = Decision.objects.get(source_key=f"application:{stranger.pk}", rule="CASCADE")
    assert (row.step, row.verdict, row.reason) == ("FILTER", "PASSED", reason)
    assert "casper" not in CampaignTask.objects.get().client_info


def asked(services: Simulators, service: str) -> int:
    """How many calls the simulator of this service has answered so far."""
    return sum(services.state()["answers"][service].values())


def test_two_campaigns_share_what_is_answered_about_an_application(
    services: Simulators,
) -> None:
    CascadeFactory.create_batch(2, settings={**ALL_SERVICES, "products": ["no-such-product"]})
    batch = batch_of(*ApplicationFactory.create_batch(5))
    before = {name: asked(services, name) for name in ("abram", "casper")}

    with override("en"):
        counts = judge_fully(batch.pk, NOW)

    assert counts == VerdictCounts(stopped=10)
    assert asked(services, "abram") - before["abram"] == 10  # checks and products, two campaigns
    assert asked(services, "casper") - before["casper"] == 5
    assert {v.reason for v in Verdict.objects.all()} <= {
        "none of the wanted products is available",
        "no product is available",
    }


def test_an_answer_that_a_filter_cannot_read_makes_only_its_own_verdict_wait(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    by_name = {"field": "full_name_ru", "above": 1}  # an object, and no number
    order = {**ALL_SERVICES, "filters-order": ["CLIENT_DATA"]}
    CascadeFactory.create(settings={**order, "casper-conditions": [by_name]})
    sound = CascadeFactory.create(settings=order)
    application = ApplicationFactory.create(**person_behind(unused_phone()))

    counts = judge_fully(batch_of(application).pk, NOW)

    assert counts == VerdictCounts(passed=1, waiting=1)
    assert Verdict.objects.get(state="PASSED").campaign_id == sound.campaign_id
    assert Verdict.objects.get(state="WAITING").rule == "CLIENT_DATA"


def test_a_check_that_abram_does_not_know_makes_no_other_check_wait(services: Simulators) -> None:
    base = {"data-streams": ["MOBILE_LOANS"]}
    CascadeFactory.create(
        settings={**base, "ml-checks": ["UNKNOWN"], "filters-order": ["ML_DEVICE", "ML_UNKNOWN"]}
    )
    sound = CascadeFactory.create(settings={**base, "filters-order": ["ML_FACE", "ML_PHONE"]})

    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)

    assert Verdict.objects.get(state="PASSED").campaign_id == sound.campaign_id
    assert Verdict.objects.get(state="WAITING").rule == "ML_UNKNOWN"
