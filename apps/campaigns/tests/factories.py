"""Rows in the states that tests start from."""

from datetime import UTC, datetime, timedelta

import factory

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


class OperatorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = "security.Operator"

    login = factory.Sequence(lambda n: f"operator{n}")
    password = "!"
    first_name = "Елена"
    last_name = "Тестовая"


class CampaignFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Campaign

    name = factory.Sequence(lambda n: f"Кампания {n}")
    active = True
    weekday_from = "09:00"
    weekday_till = "20:00"
    weekend_from = "10:00"
    weekend_till = "18:00"
    min_in_flight = 100


class TaskFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CampaignTask

    class Params:
        handed_over = factory.Trait(task_state=TaskState.IN_PROGRESS, handed_over_at=NOON)
        called = factory.Trait(
            task_state=TaskState.DONE, outcome=TaskOutcome.CALLED, attempts=1, handed_over_at=NOON
        )

    campaign = factory.SubFactory(CampaignFactory)
    phone = factory.Sequence(lambda n: f"7913{n:07d}")
    client_info = factory.LazyAttribute(lambda task: {"application_number": "34697463"})
    task_time = NOON - timedelta(minutes=1)
    source_key = factory.Sequence(lambda n: f"application:{n}")


class CommunicationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Communication

    class Params:
        ended = factory.Trait(ended_at=NOON + timedelta(minutes=1))
        draft = factory.Trait(state=CommunicationState.DRAFT, ended_at=NOON + timedelta(minutes=1))

    campaign_task = factory.SubFactory(TaskFactory, called=True)
    operator = factory.SubFactory(OperatorFactory)
    phone = factory.SelfAttribute("campaign_task.phone")
    started_at = NOON


class DispositionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Disposition

    campaign = factory.SubFactory(CampaignFactory)
    result = "Согласен оформить"
    meaning = Meaning.SUCCESS.value


class ReasonFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DispositionReason

    campaign = factory.SubFactory(CampaignFactory)
    text = "Не было с собой документа"
