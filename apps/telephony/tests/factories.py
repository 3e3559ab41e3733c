"""Rows that telephony's tests begin with."""

from datetime import timedelta
from typing import Any

from factory.declarations import LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from apps.campaigns.models import Campaign, CampaignTask
from apps.campaigns.states import TaskState
from apps.campaigns.types import CallOrder
from apps.security.models import Operator, OperatorAuth
from apps.telephony.models import MightyCallActiveOperator, MightyCallOperator
from common import clock


class OperatorFactory(DjangoModelFactory[Operator]):
    class Meta:
        model = Operator

    login = Sequence(lambda n: f"telephony-operator-{n}")
    password = "unusable"
    first_name = "Анна"
    last_name = "Иванова"


class OperatorAuthFactory(DjangoModelFactory[OperatorAuth]):
    class Meta:
        model = OperatorAuth

    operator = SubFactory(OperatorFactory)
    token = Sequence(lambda n: f"digest-{n}")
    exp_date = LazyFunction(lambda: clock.now() + timedelta(hours=8))


class AccountFactory(DjangoModelFactory[MightyCallOperator]):
    class Meta:
        model = MightyCallOperator

    login = Sequence(lambda n: f"9{n:03}")
    operator = SubFactory(OperatorFactory)
    password = "encrypted"


class OnLineFactory(DjangoModelFactory[MightyCallActiveOperator]):
    class Meta:
        model = MightyCallActiveOperator

    operator = SubFactory(OperatorFactory)


class CampaignFactory(DjangoModelFactory[Campaign]):
    class Meta:
        model = Campaign

    name = Sequence(lambda n: f"campaign {n}")
    active = True


class CampaignTaskFactory(DjangoModelFactory[CampaignTask]):
    """A task that the engine has handed to telephony."""

    class Meta:
        model = CampaignTask

    campaign = SubFactory(CampaignFactory)
    phone = Sequence(lambda n: f"79{n:07}00")
    client_info = LazyFunction(dict)
    task_time = LazyFunction(clock.now)
    task_state = TaskState.IN_PROGRESS
    handed_over_at = LazyFunction(clock.now)


def order_of(task: CampaignTask, **changes: Any) -> CallOrder:
    fields: dict[str, Any] = {
        "task_id": task.pk,
        "campaign_id": task.campaign_id,
        "phone": task.phone,
        "priority": 0,
        "source_key": "",
        "expires_at": clock.now() + timedelta(hours=8),
    }
    return CallOrder(**{**fields, **changes})
