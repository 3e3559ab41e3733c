"""The ARM as tests meet it: through HTTP, with the core's ports bound to stand-ins."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from apps.arm import services
from apps.campaigns.models import CampaignTask, Communication
from apps.campaigns.tests.factories import OperatorFactory, TaskFactory
from apps.campaigns.types import CallEvent, CallEventKind, SystemDisposition
from common import clock
from tests.fakes import core_alone, dialer, guard, records, sessions

__all__ = ["core_alone", "dialer", "guard", "records", "sessions"]

PASSWORD = "correct horse battery"
URL = "/api/arm/v1/"


class Api:
    """The ARM as a client application sees it."""

    def __init__(self, token: str = "") -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, name: str) -> Any:
        return self.client.get(f"{URL}{name}", headers=self.headers)

    def post(self, name: str, body: Any) -> Any:
        return self.client.post(
            f"{URL}{name}", body, content_type="application/json", headers=self.headers
        )


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def operator() -> Any:
    made = OperatorFactory.create()
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def api(operator: Any) -> Api:
    answer = Api().post("login", {"login": operator.login, "password": PASSWORD})
    return Api(answer.json()["data"]["token"])


@pytest.fixture
def ring(operator: Any) -> Callable[..., Communication]:
    """A call that starts now, with this operator."""

    def start(called: CampaignTask | None = None, ended: bool = False) -> Communication:
        task = called or TaskFactory.create(handed_over=True)
        connected = CallEvent(
            kind=CallEventKind.CONNECTED,
            call_key=f"call-{task.pk}",
            task_id=task.pk,
            at=clock.now(),
            operator_id=operator.pk,
        )
        services.take_call_events([connected])
        communication = Communication.objects.get(campaign_task=task)
        services.prepare_card(communication.pk, clock.now())
        if ended:
            services.take_call_events([end_of(communication)])
        return communication

    return start


def end_of(communication: Communication) -> CallEvent:
    """The news that its call has ended."""
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
    return {
        "communicationId": communication.pk,
        "clientPhone": communication.phone,
        "communicationResult": {"result": "Согласен оформить", "comment": "Спасибо", **more},
    }
