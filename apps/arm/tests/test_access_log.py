"""The access log of the workplace: every card that is opened, before it is given."""

from collections.abc import Callable

import pytest
from django.db import connection

from apps.arm.tests.api import Api
from apps.campaigns.models import Communication
from apps.security.models import AccessRecord, Operator
from testing.factories.campaigns import CommunicationFactory

pytestmark = pytest.mark.django_db(transaction=True)


def opened() -> list[tuple[int | None, str | None, str, int | None]]:
    records = AccessRecord.objects.filter(action="CARD_OPENED").order_by("id")
    return list(records.values_list("operator_id", "address", "subject", "subject_id"))


def test_each_fetch_of_a_card_is_recorded_once(
    api: Api, operator: Operator, ring: Callable[..., Communication]
) -> None:
    communication = ring()

    api.get("getClientCard")
    api.post("getClientCardByCommunicationId", {"communicationId": communication.pk})

    record = (operator.pk, "127.0.0.1", "campaigns.communication", communication.pk)
    assert opened() == [record, record]


def test_a_card_that_is_not_given_is_not_recorded(api: Api) -> None:
    colleagues = CommunicationFactory.create()

    answers = [
        api.get("getClientCard"),
        api.post("getClientCardByCommunicationId", {"communicationId": colleagues.pk}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert opened() == []


def test_without_its_record_no_card_is_given(api: Api, ring: Callable[..., Communication]) -> None:
    communication = ring()
    api.client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute('ALTER TABLE "tm$access_log" ADD CONSTRAINT broken CHECK (id < 0) NOT VALID')
        answer = api.get("getClientCard")
        cursor.execute('ALTER TABLE "tm$access_log" DROP CONSTRAINT broken')

    communication.refresh_from_db()
    assert answer.status_code == 500
    assert communication.phone not in answer.content.decode()
    assert communication.card_fetched_at is None


def test_logging_in_and_out_at_the_workplace_is_recorded(api: Api, operator: Operator) -> None:
    api.get("logout")

    records = AccessRecord.objects.order_by("id").values_list("operator_id", "address", "action")
    assert list(records) == [
        (operator.pk, "127.0.0.1", "LOGGED_IN"),
        (operator.pk, "127.0.0.1", "LOGGED_OUT"),
    ]


def test_a_list_of_clients_is_one_record_and_an_empty_one_none(
    api: Api, operator: Operator
) -> None:
    api.get("listCommunications")
    CommunicationFactory.create_batch(3, operator=operator, draft=True)

    listed = api.get("listCommunications").json()["data"]["communications"]

    records = AccessRecord.objects.filter(action="LISTED")
    assert len(listed) == 3
    assert list(records.values_list("operator_id", "address", "subject", "subject_id")) == [
        (operator.pk, "127.0.0.1", "campaigns.communication", None)
    ]
