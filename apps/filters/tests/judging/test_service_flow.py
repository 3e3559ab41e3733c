"""How many calls of a service the questions of many applications are."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from apps.filters.judging.service_lane import SHARDS
from apps.filters.models import Verdict
from common.http import http_service
from testing.factories.filters import NOW, ApplicationFactory, CascadeFactory, batch_of
from testing.judging import judge_fully
from testing.scripted_service import Answer, Asked, ScriptedService, answer_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def blacklist(scripted_service: ScriptedService, settings: Settings) -> Iterator[ScriptedService]:
    settings.BLACKLIST_URL = scripted_service.url
    CascadeFactory.create(
        settings={"data-streams": ["MOBILE_LOANS"], "filters-order": ["PHONE_BLACK_LIST"]}
    )
    yield scripted_service
    http_service.cache_clear()


def asked_of(service: ScriptedService, answer: Answer) -> list[Asked]:
    """What it is asked from now on, where it always answers this."""
    asked: list[Asked] = []

    def reply(one: Asked) -> Answer:
        asked.append(one)
        return answer

    service.reply = reply
    return asked


def phones_in(asked: Asked) -> int:
    conditions = asked.body["query"]["$or"]
    return len({condition["phone"] for condition in conditions if "phone" in condition})


def test_applications_that_ask_blacklist_at_the_same_time_are_one_call(
    blacklist: ScriptedService,
) -> None:
    asked = asked_of(blacklist, answer_of({"records": []}))

    judge_fully(batch_of(*ApplicationFactory.create_batch(4 * SHARDS)).pk, NOW)

    assert [phones_in(one) for one in asked] == [4] * SHARDS  # a call of each shard
    assert list(Verdict.objects.values_list("state", flat=True)) == ["PASSED"] * 4 * SHARDS


def test_an_answer_about_one_client_that_breaks_the_contract_is_asked_for_once(
    blacklist: ScriptedService,
) -> None:
    asked = asked_of(blacklist, answer_of({"records": "odd"}))

    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)

    assert len(asked) == 1
    assert Verdict.objects.get().state == "WAITING"


def test_where_answers_break_the_contract_halves_are_asked_for_down_to_each_client(
    blacklist: ScriptedService,
) -> None:
    asked = asked_of(blacklist, answer_of({"records": "odd"}))

    judge_fully(batch_of(*ApplicationFactory.create_batch(2 * SHARDS)).pk, NOW)

    assert [phones_in(one) for one in asked] == [2, 1, 1] * SHARDS
