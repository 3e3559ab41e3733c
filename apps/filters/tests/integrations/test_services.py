"""BlackList, Casper and Abram when they are ill: an unanswered check is never passed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps.campaigns.models import CampaignTask, Decision
from apps.filters.integrations.blacklist import BlacklistKey, search
from apps.filters.integrations.endpoints import service
from apps.filters.models import Verdict
from common.http import http_service
from common.service_errors import CircuitOpenError, ContractError, PermanentError, TemporaryError
from testing.factories.filters import NOW, ApplicationFactory, CascadeFactory, batch_of
from testing.judging import judge_due, judge_fully
from testing.simulators import Simulators

pytestmark = pytest.mark.django_db

FILTERS: dict[str, dict[str, Any]] = {
    "blacklist": {"filters-order": ["PHONE_BLACK_LIST"]},
    "abram": {"filters-order": ["ML_DEVICE", "AVAILABLE_PRODUCTS"]},
    "casper": {
        "filters-order": ["CLIENT_DATA"],
        "casper-conditions": [{"field": "loans.status", "in": ["nowhere"]}],
    },
}
ILLNESSES: dict[str, dict[str, Any]] = {
    "slow": {"latency_ms": 800},
    "hanging": {"hang": 1},
    "500s": {"error_rate": 1, "error_status": 500},
    "503s": {"error_rate": 1, "error_status": 503},
    "429 for long": {"error_rate": 1, "error_status": 429, "retry_after": 60},
    "malformed": {"malformed": 1},
    "cut off": {"cut_off": 1},
    "no answer": {"effect_without_answer": 1},
    "wrong credentials": {"unauthorized": 1},
}


def cascade(name: str, **more: Any) -> None:
    CascadeFactory.create(settings={"data-streams": ["MOBILE_LOANS"], **FILTERS[name], **more})


def fall_ill(services: Simulators, name: str, illness: dict[str, Any]) -> None:
    services.put_faults(name, **illness)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("illness", ILLNESSES)
def test_an_application_waits_while_a_service_is_ill_and_goes_on_when_it_is_back(
    services: Simulators, name: str, illness: str
) -> None:
    cascade(name)
    fall_ill(services, name, ILLNESSES[illness])
    judge_fully(batch_of(ApplicationFactory.create(phone="79000000001")).pk, NOW)
    verdict = Verdict.objects.get()
    assert (verdict.state, CampaignTask.objects.count()) == ("WAITING", 0)
    assert name in verdict.reason

    services.clear_faults(name)
    http_service.cache_clear()  # the breaker's rest is over
    judge_due(NOW + timedelta(hours=1))

    verdict.refresh_from_db()
    assert verdict.state == "PASSED"
    assert CampaignTask.objects.count() == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_illness_is_waited_out_at_once(services: Simulators, status: int) -> None:
    cascade("blacklist")
    fall_ill(services, "blacklist", {"error_rate": 1, "error_status": status, "times": 1})

    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)

    assert Verdict.objects.get().state == "PASSED"


@pytest.mark.parametrize("name", ["blacklist", "casper"])
def test_after_the_patience_the_application_is_stopped(services: Simulators, name: str) -> None:
    cascade(name)
    fall_ill(services, name, ILLNESSES["500s"])
    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)
    entered_at = Verdict.objects.get().wtime

    judge_due(entered_at + timedelta(hours=24, minutes=1))

    verdict = Verdict.objects.get()
    assert (verdict.state, verdict.next_try_at) == ("STOPPED", None)
    assert verdict.reason == f"сервис недоступен: {name}"
    assert not CampaignTask.objects.exists()


@pytest.mark.parametrize(("skip", "state"), [(True, "PASSED"), (False, "STOPPED")])
def test_after_the_patience_an_ml_check_is_skipped_where_that_is_allowed(
    services: Simulators, skip: bool, state: str
) -> None:
    cascade("abram", **{"filters-order": ["ML_DEVICE", "ML_FACE"], "ml-skip-error": skip})
    fall_ill(services, "abram", ILLNESSES["500s"])
    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)
    assert Verdict.objects.get().state == "WAITING"

    judge_due(Verdict.objects.get().wtime + timedelta(hours=25))

    assert Verdict.objects.get().state == state


def test_waiting_on_is_not_told_to_the_ledger_again_and_again(services: Simulators) -> None:
    cascade("blacklist")
    fall_ill(services, "blacklist", ILLNESSES["500s"])
    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)
    entered_at = Verdict.objects.get().wtime

    for hours in (1, 2, 3):
        judge_due(entered_at + timedelta(hours=hours))

    assert [row.verdict for row in Decision.objects.all()] == ["WAITING"]
    next_try_at = Verdict.objects.get().next_try_at
    assert next_try_at is not None
    assert next_try_at > entered_at + timedelta(hours=3)


def test_a_service_that_keeps_failing_is_left_alone(services: Simulators) -> None:
    fall_ill(services, "casper", ILLNESSES["500s"])
    casper = service("casper")

    def ask() -> object:
        return casper.call("POST", "/api/v1/clients/search", json={"phone": "79000000001"})

    for _attempt in range(casper.endpoint.failures_to_open):
        with pytest.raises(TemporaryError):
            ask()
    before = _requests(services, "casper")

    with pytest.raises(CircuitOpenError) as resting:
        ask()

    assert resting.value.retry_after_seconds
    assert _requests(services, "casper") == before


def test_an_answer_that_breaks_the_contract_is_told_without_its_values(
    services: Simulators,
) -> None:
    fall_ill(services, "blacklist", ILLNESSES["malformed"])

    (error,) = search([BlacklistKey("79000000001")], NOW).values()

    assert isinstance(error, ContractError)
    assert str(error) == (
        "blacklist: ответ сервиса не по договору: поле records, ожидается: значение"
    )


def test_wrong_credentials_are_no_reason_to_ask_again_at_once(services: Simulators) -> None:
    fall_ill(services, "blacklist", ILLNESSES["wrong credentials"])

    (error,) = search([BlacklistKey("79000000001")], NOW).values()

    assert isinstance(error, PermanentError)
    assert error.status == 401


@pytest.mark.parametrize(
    ("until", "blocked"),
    [(None, True), ("2026-11-20T09:00:01Z", True), ("2026-11-20T09:00:00Z", False)],
)
def test_a_record_blocks_while_it_is_live(
    services: Simulators, until: str | None, blocked: bool, unused_phone: Callable[[], str]
) -> None:
    phone = unused_phone()
    record = {"phone": phone, "reason": "court order", "blocked_until": until}
    services.call("blacklist", "POST", "/api/v2/records", json=record)

    (answer,) = search([BlacklistKey(phone)], NOW).values()

    assert answer.blocked is blocked  # type: ignore[union-attr]


def test_a_device_on_the_blacklist_stops_its_client(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    device = f"device-of-{unused_phone()}"
    record = {"device_id": device, "reason": "fraud", "blocked_until": None}
    services.call("blacklist", "POST", "/api/v2/records", json=record)
    cascade("blacklist")

    judge_fully(batch_of(ApplicationFactory.create(device_id=device)).pk, NOW)

    verdict = Verdict.objects.get()
    assert (verdict.state, verdict.rule) == ("STOPPED", "PHONE_BLACK_LIST")
    assert "fraud" in verdict.reason


def test_one_search_carries_many_clients(services: Simulators) -> None:
    before = _requests(services, "blacklist")

    answers = search(
        [BlacklistKey(f"7900{number:07d}", f"d{number}") for number in range(1_000)], NOW
    )

    assert len(answers) == 1_000
    assert _requests(services, "blacklist") - before == 2


def test_all_ml_checks_of_an_application_are_one_call(services: Simulators) -> None:
    order = ["ML_DEVICE", "ML_PHONE", "ML_FACE", "ML_DOCUMENT"]
    cascade("abram", **{"filters-order": order})
    cascade("abram", **{"filters-order": order})
    before = _requests(services, "abram")

    judge_fully(batch_of(*ApplicationFactory.create_batch(3)).pk, NOW)

    assert _requests(services, "abram") - before == 3
    assert Verdict.objects.filter(state="PASSED").count() == 6


def test_no_service_is_asked_about_whom_our_own_filters_stop(services: Simulators) -> None:
    cascade("blacklist", **{"filters-order": ["PHONE_BLACK_LIST", "AGE"], "min-age": 99})
    before = _requests(services, "blacklist")

    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)

    assert _requests(services, "blacklist") == before
    assert Verdict.objects.get().rule == "AGE"


def _requests(services: Simulators, name: str) -> int:
    """How many requests the simulator has answered."""
    state = services.state()
    return sum(state["answers"][name].values())
