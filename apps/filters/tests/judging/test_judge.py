"""Judging by services: asked after our own filters, in groups, each application once."""

from typing import Any

import pytest
from django.utils.translation import override

from apps.campaigns.models import CampaignTask, Decision
from apps.filters.judging import judge
from apps.filters.judging.batches import judge_batch
from apps.filters.judging.verdict_writer import VerdictCounts
from apps.filters.models import BlacklistCheck, Verdict
from testing.factories.filters import NOW, ApplicationFactory, CascadeFactory, batch_of
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

    judge_batch(batch_of(application).pk, NOW)

    verdict = Verdict.objects.get()
    assert (verdict.state, verdict.rule) == ("STOPPED", "RESIDENCE")
    assert "BLR" in verdict.reason
    assert Decision.objects.get().reason == verdict.reason
    assert not CampaignTask.objects.exists()


def test_what_all_services_answered_lets_the_client_through(services: Simulators) -> None:
    CascadeFactory.create(
        settings={**ALL_SERVICES, "filters-order": ALL_SERVICES["filters-order"][:-1]}
    )

    judge_batch(batch_of(ApplicationFactory.create()).pk, NOW)

    assert Verdict.objects.get().state == "PASSED"
    assert CampaignTask.objects.get().client_info["casper"]["full_name_ru"]
    assert not BlacklistCheck.objects.get().blocked


def test_services_are_never_asked_inside_a_transaction(services: Simulators) -> None:
    """The batch is judged on a dead service: what waits was written in one go, after the asking."""
    services.put_faults("blacklist", error_rate=1, error_status=500)
    CascadeFactory.create(settings=ALL_SERVICES)

    judge_batch(batch_of(ApplicationFactory.create(), ApplicationFactory.create()).pk, NOW)

    assert [v.state for v in Verdict.objects.all()] == ["WAITING", "WAITING"]


def asked(services: Simulators, service: str) -> int:
    """How many calls the simulator of this service has answered so far."""
    return sum(services.state()["answers"][service].values())


def test_a_batch_in_parts_asks_as_much_as_in_one_and_judges_alike(
    services: Simulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, "APPLICATIONS_PER_GROUP", 2)
    CascadeFactory.create_batch(2, settings={**ALL_SERVICES, "products": ["no-such-product"]})
    batch = batch_of(*ApplicationFactory.create_batch(5))
    before = {name: asked(services, name) for name in ("abram", "casper")}

    with override("en"):
        counts = judge_batch(batch.pk, NOW)

    assert counts == VerdictCounts(stopped=10)
    assert asked(services, "abram") - before["abram"] == 10  # checks and products, two campaigns
    assert asked(services, "casper") - before["casper"] == 5
    assert {v.reason for v in Verdict.objects.all()} <= {
        "none of the wanted products is available",
        "no product is available",
    }
