"""Accounts and operators on line in MightyCall, and the orders of calls."""

from datetime import timedelta
from typing import Any

from factory.declarations import Sequence, SubFactory
from factory.django import DjangoModelFactory

from apps.campaigns.models import CampaignTask
from apps.campaigns.states import OrderState
from apps.campaigns.types import DialRequest
from apps.telephony.models import MightyCallActiveOperator, MightyCallOperator
from common import clock
from testing.factories.security import OperatorFactory


class AccountFactory(DjangoModelFactory[MightyCallOperator]):
    """An operator's account in MightyCall."""

    class Meta:
        model = MightyCallOperator

    login = Sequence(lambda number: f"9{number:03}")
    operator = SubFactory(OperatorFactory)
    password = "encrypted"


class OnLineFactory(DjangoModelFactory[MightyCallActiveOperator]):
    """An operator who has a session in MightyCall."""

    class Meta:
        model = MightyCallActiveOperator

    operator = SubFactory(OperatorFactory)


def request_of(task: CampaignTask, **changes: Any) -> DialRequest:
    """Return the request for the task's open order, as the hand-over gives it to telephony."""
    fields: dict[str, Any] = {
        "order_id": task.orders.exclude(state=OrderState.CLOSED).get().pk,
        "task_id": task.pk,
        "campaign_id": task.campaign_id,
        "phone": task.phone,
        "priority": 0,
        "expires_at": clock.now() + timedelta(hours=8),
    }
    return DialRequest(**{**fields, **changes})
