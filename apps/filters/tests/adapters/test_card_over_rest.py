"""The client card as an operator's page gets it, with the real adapters and services behind it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override
from pytest_django import Settings

from apps.arm.services import prepare_cards
from apps.campaigns.models import Communication, Decision
from apps.filters.adapters import client_records
from apps.filters.back_office.story import story_of
from apps.filters.models import Application
from apps.filters.tests.answers import DEAL
from common.clock import now
from common.http import http_service
from testing.contract import assert_keeps_contract
from testing.factories.campaigns import CommunicationFactory, TaskFactory
from testing.factories.filters import ApplicationFactory, person_behind
from testing.factories.security import OperatorFactory, token_of
from testing.simulators import Simulators

pytestmark = pytest.mark.django_db(transaction=True)

Json = dict[str, Any]
OWN_NAME = {"name": "Айбек", "lastName": "Асанов"}


@pytest.fixture(autouse=True)
def services_have_time(services: Simulators, settings: Settings) -> None:
    """No test here is about a slow service, and the machine may be busy with other tests."""
    for limits in settings.SERVICE_LIMITS.values():
        limits["read_seconds"] = client_records.PATIENCE_SECONDS
    http_service.cache_clear()


@pytest.fixture
def phone(services: Simulators, unused_phone: Callable[[], str]) -> str:
    """Of a client to whom Abram offers something, as it does to nearly all."""

    def has_offers(phone: str) -> bool:
        answer = services.call("abram", "POST", "/api/v1/products", json={"phone": phone})
        return bool(answer.json()["products"])

    return next(phone for phone in iter(unused_phone, None) if has_offers(phone))


@pytest.fixture
def applicant(phone: str) -> Application:
    """The application of the person whom Casper knows by the phone."""
    return ApplicationFactory.create(**person_behind(phone))


@pytest.fixture
def stranger(phone: str) -> Application:
    """An application with a phone that Casper knows as another person's."""
    return ApplicationFactory.create(phone=phone)


def call(application: Application, **state: Any) -> Communication:
    """A conversation about the application; it goes on, unless its state says something else."""
    info = {
        "application_number": application.application_number,
        "last_name": application.last_name,
        "first_name": application.first_name,
        "citizenship": application.citizenship,
        "birth_date": application.birth_date and application.birth_date.isoformat(),
    }
    task = TaskFactory.create(
        phone=application.phone,
        client_info=info,
        source_key=f"application:{application.pk}",
        called=True,
    )
    operator = OperatorFactory.create()
    return CommunicationFactory.create(campaign_task=task, operator=operator, **state)


def card_of(communication: Communication) -> Json:
    """The card after it was prepared."""
    prepare_cards([communication.pk], now())
    return fetched_card_of(communication)


def fetched_card_of(communication: Communication) -> Json:
    headers = {"Authorization": f"Bearer {token_of(communication.operator)}"}
    answer = Client().get("/api/arm/v1/getClientCard", headers=headers)
    assert answer.status_code == 200, answer.content
    assert_keeps_contract(answer)
    card: Json = answer.json()["data"]["clientCard"]
    return card


def test_in_the_moment_the_call_starts_the_application_is_on_the_card(
    services: Simulators, applicant: Application
) -> None:
    for name in ("casper", "abram"):
        services.put_faults(name, error_rate=1, error_status=500)

    card = fetched_card_of(call(applicant))

    assert card["clientInfo"]["fullNameRu"]["lastName"] == applicant.last_name
    assert numbers_on(card) == [applicant.application_number]
    assert (card["pending"], card["unavailable"]) == (["applications", "offers"], [])


def numbers_on(card: Json) -> list[str]:
    return [product["number"] for product in card["productList"]]


def test_the_same_person_has_all_that_casper_knows(
    services: Simulators, applicant: Application
) -> None:
    card = card_of(call(applicant))

    assert card["personCheck"] == {"status": "SAME", "differs": []}
    assert card["clientInfo"]["fullNameRu"]["lastName"].upper() == applicant.last_name
    assert card["clientInfo"]["fullNameEn"]["lastName"]
    assert len(card["productList"]) > 1
    assert card["unavailable"] == []
    assert not Decision.objects.exists()


def test_of_another_person_nothing_is_told(services: Simulators, stranger: Application) -> None:
    card = card_of(call(stranger))

    assert card["personCheck"] == {
        "status": "DIFFERENT",
        "differs": ["name", "birthDate", "document"],
    }
    client = card["clientInfo"]
    assert (client["fullNameRu"], client["birthDate"]) == (OWN_NAME, "12.05.1995")
    assert client["citizenship"] == "Киргизия"
    assert "fullNameEn" not in client
    assert numbers_on(card) == [stranger.application_number]
    assert not card["productList"][0].get("filling")
    assert card["unavailable"] == []
    assert card["offers"]  # Abram was asked about the application's own person


def test_what_was_said_to_the_number_s_former_owner_is_not_told(
    services: Simulators, applicant: Application
) -> None:
    former = ApplicationFactory.create(phone=applicant.phone)
    call(former, draft=True)
    with_client = call(applicant, draft=True)

    card = card_of(call(applicant))

    assert [line["id"] for line in card["history"]] == [with_client.pk]
    assert card["historyWithheld"] == 1


def test_the_ledger_and_the_story_tell_of_another_person_once(
    services: Simulators, stranger: Application
) -> None:
    communication = call(stranger)

    with override("ru"):
        for _ in range(3):
            card_of(communication)

        row = Decision.objects.get()
        assert (row.step, row.verdict, row.rule) == ("CLIENT_CARD", "PASSED", "PERSON_CHECK")
        assert row.reason == (
            "номер числится за другим человеком (не совпадает: имя, дата рождения, документ): "
            "его данные не показаны"
        )
        assert (row.phone, row.campaign_id) == (
            stranger.phone,
            communication.campaign_task.campaign_id,
        )
        told = [entry.what for entry in story_of(stranger, now()).entries]
        assert "карточка клиента" in told


def test_with_casper_down_the_card_is_the_applications(
    services: Simulators, stranger: Application
) -> None:
    services.put_faults("casper", error_rate=1, error_status=500)

    card = card_of(call(stranger))

    assert card["unavailable"] == ["applications"]
    assert "personCheck" not in card
    assert card["clientInfo"]["fullNameRu"] == OWN_NAME
    assert numbers_on(card) == [stranger.application_number]


def test_where_casper_names_nobody_the_applications_name_stands(
    services: Simulators, stranger: Application
) -> None:
    nameless = dict.fromkeys(("full_name_ru", "full_name_en", "birth_date", "document_number"))
    path = f"/casper/clients/{stranger.phone}"
    services.control("PUT", path, json=nameless).raise_for_status()

    card = card_of(call(stranger))

    assert card["personCheck"] == {"status": "UNKNOWN", "differs": []}
    assert card["clientInfo"]["fullNameRu"] == OWN_NAME
    assert len(card["productList"]) > 1
    assert card["unavailable"] == []


@pytest.mark.parametrize("status", [{"code": "received"}, ["received"], 7, None, [{"a": []}]])
def test_an_odd_status_leaves_the_card_with_everything_else(
    services: Simulators, applicant: Application, status: object
) -> None:
    changes = {"loans": [{**DEAL, "status": status}, {**DEAL, "number": "31000002"}]}
    path = f"/casper/clients/{applicant.phone}"
    services.control("PUT", path, json=changes).raise_for_status()

    card = card_of(call(applicant))

    assert {"31000001", "31000002"} <= set(numbers_on(card))
    assert card["unavailable"] == []


def test_an_answer_that_breaks_the_contract_is_named_as_missing(
    services: Simulators, applicant: Application
) -> None:
    changes = {"applications": {"number": "1"}}
    path = f"/casper/clients/{applicant.phone}"
    services.control("PUT", path, json=changes).raise_for_status()

    card = card_of(call(applicant))

    assert card["unavailable"] == ["applications"]
    assert card["offers"]
    assert numbers_on(card) == [applicant.application_number]
