"""The whole number of the present client, where phones are masked."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from pytest_django import Settings

from apps.arm.tests.api import Api, filled_in
from apps.campaigns.models import Communication
from apps.security.models import AccessRecord, Operator
from testing.factories.campaigns import CommunicationFactory, DispositionFactory
from testing.factories.security import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

Ring = Callable[..., Communication]


@pytest.fixture(autouse=True)
def masked(settings: Settings) -> None:
    settings.ARM_PHONES = "masked"


def revealed() -> list[tuple[int | None, str | None, str, int | None]]:
    records = AccessRecord.objects.filter(action="NUMBER_REVEALED").order_by("id")
    return list(records.values_list("operator_id", "address", "subject", "subject_id"))


def reveal(api: Api, communication: Communication) -> tuple[int, dict[str, object]]:
    answer = api.post("revealPhone", {"communicationId": communication.pk})
    return answer.status_code, answer.json()


@pytest.mark.parametrize("ended", [False, True])
def test_the_number_of_the_present_client_is_shown_and_recorded(
    api: Api, operator: Operator, ring: Ring, ended: bool
) -> None:
    talk = ring(ended=ended)

    answer = reveal(api, talk)

    assert answer == (200, {"status": "OK", "data": {"phone": talk.phone}})
    assert revealed() == [(operator.pk, "127.0.0.1", "campaigns.communication", talk.pk)]


def test_without_its_record_no_number_is_shown(api: Api, ring: Ring) -> None:
    talk = ring()
    api.client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute('ALTER TABLE "tm$access_log" ADD CONSTRAINT broken CHECK (id < 0) NOT VALID')
        status, body = reveal(api, talk)
        cursor.execute('ALTER TABLE "tm$access_log" DROP CONSTRAINT broken')

    assert status == 500
    assert talk.phone not in str(body)


def test_no_other_number_is_shown(api: Api, operator: Operator, ring: Ring) -> None:
    """Neither an own communication that is over, nor a colleague's, nor one that is none."""
    earlier = CommunicationFactory.create(operator=operator, draft=True)
    colleagues = CommunicationFactory.create()
    saved = ring(ended=True)
    DispositionFactory.create(campaign=saved.campaign_task.campaign)
    assert api.post("saveCommunicationResult", filled_in(saved)).status_code == 200
    nobody = Communication(pk=123456789)

    answers = [reveal(api, talk) for talk in (earlier, colleagues, saved, nobody)]

    assert answers == [(404, answers[0][1])] * 4
    assert revealed() == []


def test_nothing_is_shown_without_a_live_token(ring: Ring) -> None:
    assert reveal(Api("x"), ring())[0] == 401


def test_where_it_is_switched_off_there_is_no_such_operation(
    api: Api, settings: Settings, ring: Ring
) -> None:
    settings.ARM_REVEAL_PHONE = False

    assert reveal(api, ring())[0] == 404
    assert revealed() == []


def test_who_asks_too_often_has_to_wait(
    api: Api, operator: Operator, settings: Settings, ring: Ring
) -> None:
    settings.ARM_REVEALS = "2/hour"
    talk = ring()
    again = Api(
        Api().post("login", {"login": operator.login, "password": PASSWORD}).json()["data"]["token"]
    )

    statuses = [reveal(one, talk)[0] for one in (api, again)]
    refused = api.post("revealPhone", {"communicationId": talk.pk})

    assert (statuses, refused.status_code) == ([200, 200], 429)
    assert refused.json()["status"] == "TOO_MANY_ATTEMPTS"
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert len(revealed()) == 2
    cache.clear()
    assert reveal(api, talk)[0] == 200


def test_the_page_has_the_button_where_numbers_may_be_shown(api: Api, settings: Settings) -> None:
    shown = api.client.get("/arm/").content.decode()
    settings.ARM_REVEAL_PHONE = False
    hidden = api.client.get("/arm/").content.decode()

    assert "data-may-reveal-phone" in shown
    assert "data-may-reveal-phone" not in hidden
