"""Whatever BlackList, Casper and Abram answer: it is read, or it is an error of that call alone."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from pytest_django import Settings

from apps.filters.facts import BlacklistAnswer, ClientAnswer, ProductsAnswer
from apps.filters.integrations import abram, blacklist, casper
from apps.filters.integrations.blacklist import BlacklistKey
from apps.filters.integrations.endpoints import service
from apps.filters.tests.answers import DEAL
from common import clock
from common.http import http_service
from common.service_errors import ServiceError
from testing.hostile_json import hostile_json, mutated
from testing.scripted_service import Answer, ScriptedService

QUICKLY = how(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
PHONE = "79131234567"
GOOD: dict[str, Any] = {
    "records": [{"phone": PHONE, "device_id": None, "blocked_until": None, "reason": "x"}],
    "found": True,
    "client": {
        "applications": [DEAL],
        "loans": [DEAL],
        "full_name_ru": {"first": "Анна", "last": "Иванова", "middle": "П."},
    },
    "borrower_type": "new",
    "products": [
        {
            "code": "A",
            "name": "A",
            "min_amount": 1,
            "max_amount": 2,
            "interest_rate": 0.8,
            "min_term": 1,
            "max_term": 2,
            "term_unit": "day",
        }
    ],
    "results": {"ML_FACE": "PASSED"},
}


@pytest.fixture(autouse=True)
def answering(scripted_service: ScriptedService, settings: Settings) -> Iterator[ScriptedService]:
    for name in ("BLACKLIST", "CASPER", "ABRAM"):
        setattr(settings, f"{name}_URL", scripted_service.url)
    yield scripted_service
    http_service.cache_clear()


def find_client() -> ClientAnswer:
    return casper.find_client(PHONE)


def find_products() -> ProductsAnswer:
    return abram.find_products({"phone": PHONE})


def check() -> dict[str, str]:
    return abram.check(["ML_FACE"], {"phone": PHONE})


CALLS: list[tuple[str, Callable[[], Any], type]] = [
    (casper.NAME, find_client, ClientAnswer),
    (abram.NAME, find_products, ProductsAnswer),
    (abram.NAME, check, dict),
]


def answer_or_error(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except ServiceError as error:
        return error


def answer(value: Any) -> Answer:
    return Answer(json.dumps(value).encode())


@pytest.mark.parametrize(("name", "call", "kind"), CALLS)
@QUICKLY
@given(body=mutated(GOOD) | hostile_json())
def test_a_hostile_answer_is_read_or_is_an_error_of_its_service(
    answering: ScriptedService, name: str, call: Callable[[], Any], kind: type, body: Any
) -> None:
    answering.reply = lambda _asked: answer(body)
    service(name).breaker.note_success()

    found = answer_or_error(call)

    assert isinstance(found, kind | ServiceError)
    assert not isinstance(found, ServiceError) or PHONE not in str(found)


@QUICKLY
@given(body=mutated(GOOD) | hostile_json())
def test_a_hostile_page_of_blacklist_leaves_the_other_pages(
    answering: ScriptedService, body: Any
) -> None:
    spared, attacked = BlacklistKey("79130000001"), BlacklistKey(PHONE)
    none_found: dict[str, Any] = {"records": []}
    answering.reply = lambda asked: answer(body if PHONE in str(asked.body) else none_found)
    service(blacklist.NAME).breaker.note_success()

    found = blacklist.search([attacked], clock.now()) | blacklist.search([spared], clock.now())

    assert found[spared] == BlacklistAnswer(blocked=False)
    assert isinstance(found[attacked], BlacklistAnswer | ServiceError)
