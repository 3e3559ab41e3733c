"""How long a verdict waits for a service, and what is told when it waits no longer."""

from datetime import timedelta

import pytest

from apps.filters.models import Verdict
from testing.factories.filters import NOW, ApplicationFactory, CascadeFactory, batch_of
from testing.judging import judge_due, judge_fully
from testing.simulators import Simulators

pytestmark = pytest.mark.django_db

PATIENCE = timedelta(hours=24)  # SERVICE_PATIENCE_HOURS


def waiting_verdict(services: Simulators, **illness: float) -> Verdict:
    """A verdict that waits for Casper, which is ill and stays so."""
    services.put_faults("casper", **illness)
    CascadeFactory.create(
        settings={
            "data-streams": ["MOBILE_LOANS"],
            "filters-order": ["CLIENT_DATA"],
            "casper-conditions": [{"field": "loans.status", "in": ["nowhere"]}],
        }
    )
    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)
    return Verdict.objects.get()


@pytest.mark.parametrize(
    ("waited", "state"), [(PATIENCE - timedelta(seconds=1), "WAITING"), (PATIENCE, "STOPPED")]
)
def test_patience_ends_at_its_last_moment(
    services: Simulators, waited: timedelta, state: str
) -> None:
    verdict = waiting_verdict(services, error_rate=1)

    judge_due(verdict.wtime + waited)

    verdict.refresh_from_db()
    assert verdict.state == state


def test_a_service_that_keeps_breaking_its_contract_is_told_with_what_is_wrong(
    services: Simulators,
) -> None:
    verdict = waiting_verdict(services, malformed=1)

    judge_due(verdict.wtime + PATIENCE)

    verdict.refresh_from_db()
    assert verdict.state == "STOPPED"
    assert verdict.reason.startswith("сервис недоступен: casper (")


def test_a_verdict_that_waits_says_which_service_does_not_answer(services: Simulators) -> None:
    verdict = waiting_verdict(services, error_rate=1, error_status=503)

    assert (verdict.state, verdict.rule) == ("WAITING", "CLIENT_DATA")
    assert verdict.reason == "сервис casper не отвечает"
