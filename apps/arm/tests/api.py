"""The REST API of the workplace as its clients use it, and what they send."""

from typing import Any

from django.test import Client

from apps.arm.types import DictionaryItem, Document, DocumentError, Product, ProductKind
from apps.campaigns.models import Communication
from apps.campaigns.types import CallEvent, CallEventKind, SystemDisposition
from common import clock
from testing.browser import Answer

URL = "/api/arm/v1/"
# an application as the card shows it, with a document that has an error
PRODUCT = Product(
    kind=ProductKind.APPLICATION,
    number="34697463",
    started_at=clock.parse_moscow_minute("01.12.2019 12:45"),
    ended_at=clock.parse_moscow_minute("22.12.2019 12:45"),
    term=21,
    grace=25,
    current=True,
    status=DictionaryItem("registered", "Зарегистрирована"),
    product=DictionaryItem("express", "Микрозайм"),
    requested_amount=1_000_000,
    approved_amount=900_000,
    term_unit=DictionaryItem("day", "дн"),
    grace_unit=DictionaryItem("day", "дн"),
    documents=(
        Document(
            "Селфи/ДУЛ",
            "ERROR",
            DictionaryItem("selfie", "Селфи"),
            (DocumentError("Плохое качество", "Сделайте фото при хорошем свете"),),
        ),
    ),
    device_os=DictionaryItem("ANDROID", "Android"),
    interest_rate=80,
)


class Api:
    """The REST API of the workplace. With a token, every request carries it."""

    def __init__(self, token: str = "") -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, name: str) -> Answer:
        return self.client.get(f"{URL}{name}", headers=self.headers)

    def post(self, name: str, body: object) -> Answer:
        return self.client.post(
            f"{URL}{name}", body, content_type="application/json", headers=self.headers
        )


def end_of(communication: Communication) -> CallEvent:
    """Return the event that ends the communication's call."""
    call = communication.call
    return CallEvent(
        kind=CallEventKind.ENDED,
        call_key=call.call_key,
        order_id=call.order_id,
        at=clock.now(),
        operator_id=communication.operator_id,
        system_disposition=SystemDisposition.CONNECTED,
    )


def filled_in(communication: Communication, **more: Any) -> dict[str, Any]:
    """Return the body that saves a result of the communication."""
    return {
        "communicationId": communication.pk,
        "clientPhone": communication.phone,
        "communicationResult": {"result": "Согласен оформить", "comment": "Спасибо", **more},
    }
