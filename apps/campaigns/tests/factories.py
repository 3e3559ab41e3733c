"""Rows in the states that tests start from."""

from datetime import UTC, datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from factory.declarations import LazyAttribute, SelfAttribute, Sequence, SubFactory, Trait
from factory.django import DjangoModelFactory

from apps.campaigns.models import (
    Campaign,
    CampaignTask,
    Communication,
    Disposition,
    DispositionReason,
)
from apps.campaigns.states import CommunicationState, TaskOutcome, TaskState
from apps.campaigns.types import Meaning

# a Wednesday noon in Moscow: every default window is open
NOON = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


class OperatorFactory(DjangoModelFactory[AbstractBaseUser]):
    class Meta:
        model = "security.Operator"

    login = Sequence(lambda n: f"operator{n}")
    password = "!"
    first_name = "Елена"
    last_name = "Тестовая"


class CampaignFactory(DjangoModelFactory[Campaign]):
    class Meta:
        model = Campaign

    name = Sequence(lambda n: f"Кампания {n}")
    active = True
    weekday_from = "09:00"
    weekday_till = "20:00"
    weekend_from = "10:00"
    weekend_till = "18:00"
    min_in_flight = 100


class TaskFactory(DjangoModelFactory[CampaignTask]):
    class Meta:
        model = CampaignTask

    class Params:
        handed_over = Trait(task_state=TaskState.IN_PROGRESS, handed_over_at=NOON)
        called = Trait(
            task_state=TaskState.DONE, outcome=TaskOutcome.CALLED, attempts=1, handed_over_at=NOON
        )

    campaign = SubFactory(CampaignFactory)
    phone = Sequence(lambda n: f"7913{n:07d}")
    client_info = LazyAttribute(lambda task: {"application_number": "34697463"})
    task_time = NOON - timedelta(minutes=1)
    source_key = Sequence(lambda n: f"application:{n}")


class CommunicationFactory(DjangoModelFactory[Communication]):
    class Meta:
        model = Communication

    class Params:
        ended = Trait(ended_at=NOON + timedelta(minutes=1))
        draft = Trait(state=CommunicationState.DRAFT, ended_at=NOON + timedelta(minutes=1))

    campaign_task = SubFactory(TaskFactory, called=True)
    operator = SubFactory(OperatorFactory)
    phone = SelfAttribute("campaign_task.phone")
    started_at = NOON


class DispositionFactory(DjangoModelFactory[Disposition]):
    class Meta:
        model = Disposition

    campaign = SubFactory(CampaignFactory)
    result = "Согласен оформить"
    meaning = Meaning.SUCCESS.value


class ReasonFactory(DjangoModelFactory[DispositionReason]):
    class Meta:
        model = DispositionReason

    campaign = SubFactory(CampaignFactory)
    text = "Не было с собой документа"
