"""Which earlier conversations of a phone were about the person whom we call now."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.arm.types import PersonStatus
from apps.campaigns.selectors import communication_of
from apps.campaigns.types import CommunicationView
from apps.filters.adapters.client_records import LoanRecords
from testing.factories.campaigns import CommunicationFactory
from testing.factories.filters import ApplicationFactory

pytestmark = pytest.mark.django_db

CLIENT = {"first_name": "Айбек", "last_name": "Асанов", "birth_date": "1995-05-12"}
FORMER_OWNER = {"first_name": "Анна", "last_name": "Смирнова", "birth_date": "1970-01-31"}
NAMELESS: dict[str, Any] = {}


def conversation(client_info: dict[str, Any], source_key: str = "") -> CommunicationView:
    row = CommunicationFactory.create(
        campaign_task__client_info=client_info, campaign_task__source_key=source_key
    )
    return communication_of(row.operator_id, row.pk)


@pytest.mark.parametrize(
    ("earlier", "status"),
    [
        (CLIENT, PersonStatus.SAME),
        (FORMER_OWNER, PersonStatus.DIFFERENT),
        ({**CLIENT, "first_name": "Анна"}, PersonStatus.DIFFERENT),
        ({"first_name": "Айбек", "last_name": "Асанов"}, PersonStatus.UNKNOWN),
        (NAMELESS, PersonStatus.UNKNOWN),
    ],
)
def test_persons_are_compared_by_what_the_tasks_keep(
    earlier: dict[str, Any], status: PersonStatus
) -> None:
    compared = LoanRecords().compare_persons(conversation(CLIENT), [conversation(earlier)])

    assert compared == [status]


def test_a_stored_application_tells_more_than_its_task() -> None:
    names = {"first_name": "АЙБЕК", "last_name": "АСАНОВ", "birth_date": None}
    document = {"document_series": "ID", "document_number": "1234567"}
    one, again = ApplicationFactory.create_batch(2, **names, **document)

    compared = LoanRecords().compare_persons(
        conversation(NAMELESS, f"application:{one.pk}"),
        [
            conversation(NAMELESS, f"application:{again.pk}"),
            conversation(FORMER_OWNER, "application:999999999"),
        ],
    )

    assert compared == [PersonStatus.SAME, PersonStatus.DIFFERENT]


def test_earlier_calls_about_the_same_application_are_its_client_s() -> None:
    numbered = {"application_number": "100-1"}

    compared = LoanRecords().compare_persons(
        conversation(numbered),
        [
            conversation(numbered),
            conversation({"application_number": "100-2"}),
            conversation({**numbered, **FORMER_OWNER}),
        ],
    )

    # nothing contradicts in the third either: of the present client nothing is known
    assert compared == [PersonStatus.SAME, PersonStatus.UNKNOWN, PersonStatus.SAME]


def test_an_application_number_outweighs_no_contradiction() -> None:
    numbered = {"application_number": "100-1"}

    compared = LoanRecords().compare_persons(
        conversation({**numbered, **CLIENT}), [conversation({**numbered, **FORMER_OWNER})]
    )

    assert compared == [PersonStatus.DIFFERENT]


def test_many_conversations_take_as_many_queries_as_one() -> None:
    present = conversation(CLIENT)
    applications = ApplicationFactory.create_batch(20)
    earlier = [conversation(NAMELESS, f"application:{one.pk}") for one in applications]

    with CaptureQueriesContext(connection) as asked:
        LoanRecords().compare_persons(present, earlier)

    assert len(asked) == 1
