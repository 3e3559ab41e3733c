"""The REST API of the workplace, with fakes behind the core's ports."""

from collections.abc import Callable

import pytest

from apps.arm import services
from apps.arm.tests.api import Api, end_of
from apps.campaigns.models import CampaignTask, Communication
from apps.campaigns.types import CallEvent, CallEventKind
from apps.security.models import Operator
from common import clock
from testing.factories.campaigns import TaskFactory
from testing.factories.security import PASSWORD, OperatorFactory


@pytest.fixture(autouse=True)
def alone(core_alone: None, cold_cache: None) -> None:
    """The tests of this app run with fakes of the core's ports and an empty cache."""


@pytest.fixture
def operator() -> Operator:
    return OperatorFactory.create(first_name="Елена", last_name="Тестовая")


@pytest.fixture
def api(operator: Operator) -> Api:
    """The API after the operator has logged in."""
    answer = Api().post("login", {"login": operator.login, "password": PASSWORD})
    return Api(answer.json()["data"]["token"])


@pytest.fixture
def ring(operator: Operator) -> Callable[..., Communication]:
    """Starts a call of the operator now, and with ``ended`` ends it. Returns its communication."""

    def start(called: CampaignTask | None = None, ended: bool = False) -> Communication:
        task = called or TaskFactory.create(handed_over=True)
        connected = CallEvent(
            kind=CallEventKind.CONNECTED,
            call_key=f"call-{task.pk}",
            order_id=task.orders.latest("pk").pk,
            at=clock.now(),
            operator_id=operator.pk,
        )
        services.take_call_events([connected])
        communication = Communication.objects.get(campaign_task=task)
        services.prepare_cards([communication.pk], clock.now())
        if ended:
            services.take_call_events([end_of(communication)])
        return communication

    return start
