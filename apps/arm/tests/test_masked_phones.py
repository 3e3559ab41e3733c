"""No whole phone leaves the ARM's API where the installation masks them; the contract is kept in
both modes, and the published schema tells the mode.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from apps.arm.tests.api import PRODUCT, Api, filled_in
from apps.arm.types import ClientRecord, FullName
from apps.campaigns.models import Communication
from apps.security.models import Operator
from testing.browser import Answer
from testing.contract import (
    assert_keeps_contract,
    contract,
    missing_from,
    operations,
    published_schema,
)
from testing.factories.campaigns import CommunicationFactory, DispositionFactory, TaskFactory
from testing.factories.security import PASSWORD
from testing.fakes import FakeRecords

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = "79131234567"
SHOWN = {"full": PHONE, "masked": "+7 (***) ***-45-67"}
MODES = ("full", "masked")
Ring = Callable[..., Communication]


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest, settings: Settings) -> str:
    settings.ARM_PHONES = request.param
    return str(request.param)


@pytest.fixture
def talk(operator: Operator, ring: Ring, records: FakeRecords) -> Communication:
    """A conversation that has ended, with an earlier one of the same client."""
    records.record = ClientRecord(name_ru=FullName("Анна", "Иванова"), products=(PRODUCT,))
    CommunicationFactory.create(phone=PHONE, draft=True, operator=operator)
    communication = ring(TaskFactory.create(phone=PHONE, handed_over=True), ended=True)
    DispositionFactory.create(campaign=communication.campaign_task.campaign)
    return communication


def every_answer(api: Api, communication: Communication, phone: str) -> list[Answer]:
    number = {"communicationId": communication.pk}
    form = {**filled_in(communication), "clientPhone": phone}
    answers = [
        api.get("hasChanges"),
        api.get("getClientCard"),
        api.get(f"dictionaries?communicationId={communication.pk}"),
        api.post("saveCommunicationDraft", form),
        api.get("listCommunications"),
        api.post("getClientCardByCommunicationId", number),
        api.post("setStatus", {"status": "BREAK"}),
        api.post("saveCommunicationResult", form),
        api.get("logout"),
    ]
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    return answers


def test_a_whole_call_keeps_the_contract(mode: str, api: Api, talk: Communication) -> None:
    for answer in every_answer(api, talk, SHOWN[mode]):
        if answer.wsgi_request.path in contract(mode)["paths"]:
            assert_keeps_contract(answer)


def test_every_phone_is_shown_in_the_mode(mode: str, api: Api, talk: Communication) -> None:
    answers = every_answer(api, talk, SHOWN[mode])

    card, rework = answers[1].json()["data"]["clientCard"], answers[4].json()["data"]
    phones = [
        card["clientInfo"]["phone"],
        card["currentCommunication"]["callPhone"],
        *[one["callPhone"] for one in card["history"]],
        *[one["callPhone"] for one in rework["communications"]],
    ]
    assert phones == [SHOWN[mode]] * 5


def test_where_phones_are_masked_none_leaves_the_api(
    settings: Settings, api: Api, operator: Operator, talk: Communication
) -> None:
    settings.ARM_PHONES = "masked"
    wrong = {**filled_in(talk), "clientPhone": "79990000000"}
    refused = api.post("saveCommunicationResult", wrong)
    log_in = Api().post("login", {"login": operator.login, "password": PASSWORD})

    for answer in [refused, log_in, *every_answer(api, talk, PHONE)]:
        body = re.sub(r'"token":\s*"[^"]*"', "", answer.content.decode())
        assert not re.search(r"\d{10,}", body), answer.wsgi_request.path


@pytest.mark.parametrize("given", [PHONE, SHOWN["masked"]])
def test_a_save_takes_the_masked_and_the_whole_phone_of_the_communication(
    settings: Settings, api: Api, talk: Communication, given: str
) -> None:
    settings.ARM_PHONES = "masked"

    answer = api.post("saveCommunicationResult", {**filled_in(talk), "clientPhone": given})

    assert answer.status_code == 200


@pytest.mark.parametrize("given", ["79990000000", "+7 (***) ***-00-00"])
def test_another_clients_phone_is_a_conflict(
    settings: Settings, api: Api, talk: Communication, given: str
) -> None:
    settings.ARM_PHONES = "masked"

    answer = api.post("saveCommunicationResult", {**filled_in(talk), "clientPhone": given})

    assert (answer.status_code, answer.json()["status"]) == (409, "CONFLICT")


@pytest.mark.parametrize(
    ("mode_of_it", "given"),
    [
        ("full", "+7 (***) ***-45-67"),
        ("masked", "+7 (913) 123-45-67"),
        ("masked", "45-67"),
        ("masked", "+7 (***) ***-45-67\n"),
        ("full", "79131234567\n"),
    ],
)
def test_a_phone_that_is_written_otherwise_is_refused(
    settings: Settings, api: Api, talk: Communication, mode_of_it: str, given: str
) -> None:
    settings.ARM_PHONES = mode_of_it

    answer = api.post("saveCommunicationResult", {**filled_in(talk), "clientPhone": given})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["clientPhone"])


def phones_of(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    schemas = schema["components"]["schemas"]
    return {
        "answer": schemas["ClientInfoDto"]["properties"]["phone"],
        "request": schemas["SaveCommunicationRequestDto"]["properties"]["clientPhone"],
    }


def test_the_published_schema_tells_the_mode(mode: str) -> None:
    schema = published_schema()

    assert schema["info"]["x-arm-phones"] == mode
    for phone in phones_of(schema).values():
        assert re.search(phone["pattern"], phone["example"])
        assert re.search(phone["pattern"], SHOWN[mode])
    assert bool(re.search(phones_of(schema)["answer"]["pattern"], PHONE)) == (mode == "full")
    assert re.search(phones_of(schema)["request"]["pattern"], PHONE)


@pytest.mark.parametrize(("path", "method"), operations("/api/arm/v1"))
def test_the_published_schema_keeps_the_contract_in_both_modes(
    mode: str, path: str, method: str
) -> None:
    assert missing_from(published_schema(), path, method) == []


@pytest.mark.parametrize(("name", "value"), [("ARM_PHONES", "maskd"), ("ARM_REVEALS", "many")])
def test_a_wrong_setting_stops_the_start(settings: Settings, name: str, value: str) -> None:
    setattr(settings, name, value)

    errors = [found.id for found in run_checks(tags=["security"]) if found.is_serious()]
    assert [str(error)[:5] for error in errors] == ["arm.E"]
