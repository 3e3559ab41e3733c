"""The ARM keeps docs/api-contract.yaml: the schema it publishes, and its answers."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.arm.tests.api import PRODUCT, Api, filled_in
from apps.arm.types import (
    ClientRecord,
    FullName,
)
from apps.campaigns.models import Communication
from apps.security.models import Operator
from testing.contract import assert_keeps_contract, missing_from, operations, published_schema
from testing.factories.campaigns import CommunicationFactory, DispositionFactory, TaskFactory
from testing.fakes import FakeRecords

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return published_schema()


@pytest.mark.parametrize(("path", "method"), operations("/api/arm/v1"))
def test_the_published_schema_describes_all_that_the_contract_promises(
    schema: dict[str, Any], path: str, method: str
) -> None:
    assert missing_from(schema, path, method) == []


def test_the_answers_of_a_whole_call_keep_the_contract(
    api: Api, ring: Callable[..., Communication], records: FakeRecords
) -> None:
    records.record = ClientRecord(
        name_ru=FullName("Ясурбек", "Хожаназаров", "Мирзаназарович"),
        name_en=FullName("Yasurbek", "Khozhanazarov"),
        citizenship="Таджикистан",
        products=(PRODUCT,),
    )
    task = TaskFactory.create(handed_over=True)
    CommunicationFactory.create(
        phone=task.phone, draft=True, result_details={"result": "Сброс звонка"}
    )
    communication = ring(task, ended=True)
    DispositionFactory.create(campaign=task.campaign)
    number = {"communicationId": communication.pk}

    answers = [
        api.get("hasChanges"),
        api.get("getClientCard"),
        api.post("saveCommunicationDraft", filled_in(communication)),
        api.get("listCommunications"),
        api.post("getClientCardByCommunicationId", number),
        api.post("saveCommunicationResult", filled_in(communication)),
        api.get("logout"),
    ]

    for answer in answers:
        assert_keeps_contract(answer)


def test_the_answer_of_a_log_in_keeps_the_contract(operator: Operator) -> None:
    assert_keeps_contract(
        Api().post("login", {"login": operator.login, "password": "correct horse battery"})
    )
