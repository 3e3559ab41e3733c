"""The REST API of the workplace as its clients use it, and what they send."""

from typing import Any

from django.test import Client

from apps.campaigns.models import Communication
from apps.campaigns.types import CallEvent, CallEventKind, SystemDisposition
from common import clock
from testing.browser import Answer

URL = "/api/arm/v1/"


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
    task_id = communication.campaign_task_id
    return CallEvent(
        kind=CallEventKind.ENDED,
        call_key=f"call-{task_id}",
        task_id=task_id,
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
