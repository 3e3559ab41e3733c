"""Whatever a service answers about one application, the others are judged."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from apps.campaigns.models import CampaignTask
from apps.filters.models import Verdict
from apps.filters.tests.answers import DEAL
from common.http import http_service
from testing.factories.filters import NOW, ApplicationFactory, CascadeFactory, batch_of
from testing.judging import judge_fully
from testing.liar import Liar

pytestmark = pytest.mark.django_db

EXAMPLES = 25  # of each service
SICK, SOUND = "79000000666", "79000000001"

HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(["", "\x00", "\ud800", "PASSED", "x" * 100_000, "1e999", "٣"]),
    st.sampled_from([0, -1, 10**400, 1e308, 0.1]),
    st.sampled_from([[], {}, [[]], {"": {}}, [None], {"\x00": "\x00"}]),
    st.just([{"a": [{"b": []}]}] * 3),
)
ANYTHING = st.recursive(
    HOSTILE, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(), part, max_size=3)
)

PRODUCT = {
    "code": "express",
    "name": "Экспресс",
    "min_amount": 1,
    "max_amount": 100,
    "interest_rate": 0.5,
    "min_term": 1,
    "max_term": 30,
    "term_unit": "day",
}
HONEST: dict[str, Any] = {
    "/api/v2/records/search": {"records": []},
    "/api/v1/checks": {"results": {"DEVICE": "PASSED", "FACE": "PASSED"}},
    "/api/v1/products": {"borrower_type": "NEW", "products": [PRODUCT]},
    "/api/v1/clients/search": {
        "found": True,
        "client": {"loans": [DEAL], "applications": [], "full_name_ru": {"first": "Айбек"}},
    },
}
# a record that blocks the sick client, to have something to mutate
BLOCKED = {
    "records": [
        {"phone": SICK, "device_id": None, "blocked_until": None, "reason": "court order"},
    ]
}
FILTERS: dict[str, dict[str, Any]] = {
    "blacklist": {"filters-order": ["PHONE_BLACK_LIST"]},
    "abram": {"filters-order": ["ML_DEVICE", "ML_FACE", "AVAILABLE_PRODUCTS"]},
    "casper": {
        "filters-order": ["CLIENT_DATA"],
        "casper-conditions": [
            {"field": "loans.status", "in": ["nowhere"]},
            {"field": "loans.requested_amount", "above": 10**9},
        ],
    },
}


@pytest.fixture
def three_services(liar: Liar, settings: Settings) -> Liar:
    for name in FILTERS:
        setattr(settings, f"{name.upper()}_URL", liar.url)
        setattr(settings, f"{name.upper()}_TOKEN", "")
    return liar


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to all parts of a JSON value, the whole included."""
    yield path
    if isinstance(value, dict):
        for key, part in value.items():
            yield from places(part, (*path, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from places(part, (*path, number))


@st.composite
def mutated(draw: st.DrawFn, honest: Any) -> Any:
    """The answer with one part replaced, removed, or with an unknown part beside it."""
    answer = copy.deepcopy(honest)
    path = draw(st.sampled_from(list(places(honest))))
    if not path:
        return draw(ANYTHING)
    holder = answer
    for key in path[:-1]:
        holder = holder[key]
    if draw(st.booleans()):
        holder[path[-1]] = draw(ANYTHING)
    else:
        del holder[path[-1]]
    return answer


def encoded(answer: Any) -> bytes:
    return json.dumps(answer).encode()


def lie(honest: Any, answer: Any) -> Callable[[str, Any], bytes]:
    """Answer so about the sick client, and honestly about everybody else."""

    def answer_to(path: str, body: Any) -> bytes:
        if SICK in json.dumps(body) and HONEST[path] is honest:
            return encoded(answer)
        return encoded(HONEST[path])

    return answer_to


def judge_both() -> dict[str, str]:
    """Judge a sick and a sound client; phone → state of the verdict."""
    applications = [ApplicationFactory.create(phone=phone) for phone in (SICK, SOUND)]
    judge_fully(batch_of(*applications).pk, NOW)
    return dict(Verdict.objects.filter(rule__gt="").values_list("application__phone", "state")) | {
        SOUND: Verdict.objects.exclude(campaign__name="own").get(application__phone=SOUND).state
    }


@pytest.mark.parametrize("path", HONEST)
def test_a_hostile_answer_touches_only_the_application_it_is_about(
    three_services: Liar, path: str
) -> None:
    name = {"records": "blacklist", "checks": "abram", "products": "abram", "clients": "casper"}
    service = next(name[key] for key in name if key in path)
    whole = {"data-streams": ["MOBILE_LOANS"], "filters-order": []}
    CascadeFactory.create(campaign__name="own", settings=whole)
    CascadeFactory.create(settings={**whole, **FILTERS[service]})
    told = BLOCKED if service == "blacklist" else HONEST[path]

    @hypothesis_settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(answer=mutated(told))
    def judged(answer: Any) -> None:
        http_service.cache_clear()  # the breaker begins anew
        three_services.answer = lie(HONEST[path], answer)
        with transaction.atomic():
            states = judge_both()
            assert states[SOUND] == "PASSED"
            assert Verdict.objects.filter(campaign__name="own", state="PASSED").count() == 2
            assert CampaignTask.objects.filter(phone=SOUND).count() == 2
            transaction.set_rollback(True)

    judged()


def judge_both_alone() -> dict[str, str]:
    applications = [ApplicationFactory.create(phone=phone) for phone in (SICK, SOUND)]
    judge_fully(batch_of(*applications).pk, NOW)
    return dict(Verdict.objects.values_list("application__phone", "state"))


def test_an_object_where_a_word_is_due_is_told_in_words_and_only_that_application_waits(
    three_services: Liar,
) -> None:
    CascadeFactory.create(settings={"data-streams": ["MOBILE_LOANS"], **FILTERS["abram"]})
    answer = {"results": {"DEVICE": {"verdict": "PASSED"}, "FACE": "PASSED"}}
    three_services.answer = lie(HONEST["/api/v1/checks"], answer)

    states = judge_both_alone()

    assert states == {SICK: "WAITING", SOUND: "PASSED"}
    verdict = Verdict.objects.get(state="WAITING")
    assert verdict.rule == "ML_DEVICE"
    assert verdict.reason == (
        "abram: ответ сервиса не по договору: поле results.DEVICE, ожидается:"
        " PASSED, FAILED или ERROR"
    )
    assert SICK not in verdict.reason
