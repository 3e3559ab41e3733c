"""A stored card is served again unchanged, whichever version of the system stored it."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from apps.arm.models import ClientCard
from apps.arm.tests.api import PRODUCT, Api
from apps.arm.types import ClientRecord
from apps.campaigns.models import Communication
from testing.fakes import FakeRecords

pytestmark = pytest.mark.django_db(transaction=True)

# as the system stored a card before migration 0002: the body of getClientCard
OLD_CARD: dict[str, Any] = {
    "clientInfo": {
        "phone": "79963802789",
        "fullNameRu": {"name": "Ясурбек", "lastName": "Хожаназаров", "middleName": "М."},
        "fullNameEn": {"name": "Yasurbek", "lastName": "Khozhanazarov"},
        "citizenship": "Таджикистан",
        "birthDate": "12.05.1995",
        "age": 31,
    },
    "productList": [
        {
            "type": "LOAN",
            "number": "34697463",
            "startTime": "01.12.2019 12:45",
            "endTime": "22.12.2019 12:45",
            "term": 21,
            "grace": 25,
            "current": True,
            "statusDict": {"dictionaryKey": "received", "dictionaryValue": "Получен"},
            "requestedAmount": 1_000_000,
            "termUnitDict": {"dictionaryKey": "day", "dictionaryValue": "дн"},
            "filling": [
                {
                    "name": "Селфи/ДУЛ",
                    "status": "ERROR",
                    "documentDict": {"dictionaryKey": "selfie", "dictionaryValue": "Селфи"},
                    "errors": [{"errorDescription": "Плохое качество", "advice": "Еще раз"}],
                },
                {"name": "Паспорт", "status": "OK"},
            ],
            "flow": "PI",
            "interestRate": 80,
        }
    ],
    "offers": [
        {
            "code": "A",
            "name": "До зарплаты",
            "minAmount": 100_000,
            "maxAmount": 3_000_000,
            "interestRate": 80,
            "minTerm": 7,
            "maxTerm": 30,
            "termUnit": "дн",
        }
    ],
    "history": [
        {
            "time": "01.10.2026 12:45",
            "id": 7,
            "campaign": {"displayName": "Доведи до займа", "description": ""},
            "callPhone": "79963802789",
            "operator": {"name": "Елена", "lastName": "Тестовая"},
            "result": {"result": "Перезвонить", "callbackTime": "02.10.2026 10:00"},
            "doId": "34697463",
            "callEndedAt": "2026-10-01T09:47:00+00:00",
        }
    ],
    "unavailable": ["offers"],
    "pending": [],
    "script": "",
}


def opened(api: Api) -> dict[str, Any]:
    card: dict[str, Any] = api.get("getClientCard").json()["data"]["clientCard"]
    return card


def test_a_card_of_before_the_migration_is_served_as_it_was(
    api: Api, ring: Callable[..., Communication]
) -> None:
    communication = ring()
    ClientCard.objects.filter(communication=communication).update(card=OLD_CARD)
    migration = import_module("apps.arm.migrations.0002_cards_as_records")

    with connection.schema_editor() as editor:
        migration.convert(apps, editor)

    card = opened(api)
    assert card.pop("currentCommunication")["id"] == communication.pk
    assert card == OLD_CARD


def test_a_card_is_served_as_it_was_prepared(
    api: Api, ring: Callable[..., Communication], records: FakeRecords
) -> None:
    records.record = ClientRecord(products=(PRODUCT,), citizenship="Россия")
    ring()
    first = opened(api)

    records.record = ClientRecord()

    assert opened(api) == first
    assert first["clientInfo"]["citizenship"] == "Россия"
    assert first["productList"] == [
        {
            "type": "APPLICATION",
            "number": "34697463",
            "startTime": "01.12.2019 12:45",
            "endTime": "22.12.2019 12:45",
            "term": 21,
            "grace": 25,
            "current": True,
            "statusDict": {"dictionaryKey": "registered", "dictionaryValue": "Зарегистрирована"},
            "productDict": {"dictionaryKey": "express", "dictionaryValue": "Микрозайм"},
            "requestedAmount": 1_000_000,
            "approvedAmount": 900_000,
            "termUnitDict": {"dictionaryKey": "day", "dictionaryValue": "дн"},
            "graceUnitDict": {"dictionaryKey": "day", "dictionaryValue": "дн"},
            "filling": [
                {
                    "name": "Селфи/ДУЛ",
                    "documentDict": {"dictionaryKey": "selfie", "dictionaryValue": "Селфи"},
                    "status": "ERROR",
                    "errors": [
                        {
                            "errorDescription": "Плохое качество",
                            "advice": "Сделайте фото при хорошем свете",
                        }
                    ],
                }
            ],
            "deviceOsDict": {"dictionaryKey": "ANDROID", "dictionaryValue": "Android"},
            "interestRate": 80,
        }
    ]
