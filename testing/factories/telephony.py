"""Accounts and operators on line in MightyCall, and the orders of calls."""

from datetime import timedelta
from typing import Any

from factory.declarations import Sequence, SubFactory
from factory.django import DjangoModelFactory

from apps.campaigns.models import CampaignTask
from apps.campaigns.types import CallOrder
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


def order_of(task: CampaignTask, **changes: Any) -> CallOrder:
    """Return the order to call the task's client, as the hand-over gives it to telephony."""
    fields: dict[str, Any] = {
        "task_id": task.pk,
        "campaign_id": task.campaign_id,
        "phone": task.phone,
        "priority": 0,
        "source_key": "",
        "expires_at": clock.now() + timedelta(hours=8),
    }
    return CallOrder(**{**fields, **changes})
