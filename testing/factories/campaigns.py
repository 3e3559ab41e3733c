"""Campaigns, their dispositions, tasks and communications, in the states that tests start from."""

from datetime import UTC, datetime, time, timedelta

from factory.declarations import LazyFunction, SelfAttribute, Sequence, SubFactory, Trait
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
from common import clock
from testing.factories.security import OperatorFactory

# a Wednesday noon in Moscow, when a campaign of the factory may call
NOON = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


class CampaignFactory(DjangoModelFactory[Campaign]):
    """An active campaign with so high a limit that every due task is handed over."""

    class Meta:
        model = Campaign

    name = Sequence(lambda number: f"Кампания {number}")
    active = True
    weekday_from = time(9)
    weekday_till = time(20)
    weekend_from = time(10)
    weekend_till = time(18)
    min_in_flight = 100


class TaskFactory(DjangoModelFactory[CampaignTask]):
    """A NEW task that is due at `NOON`. The simulator answers a phone that ends with 00."""

    class Meta:
        model = CampaignTask

    class Params:
        handed_over = Trait(task_state=TaskState.IN_PROGRESS, handed_over_at=NOON)
        handed_over_now = Trait(
            task_state=TaskState.IN_PROGRESS,
            task_time=LazyFunction(clock.now),
            handed_over_at=LazyFunction(clock.now),
        )
        called = Trait(
            task_state=TaskState.DONE, outcome=TaskOutcome.CALLED, attempts=1, handed_over_at=NOON
        )

    campaign = SubFactory(CampaignFactory)
    phone = Sequence(lambda number: f"7913{number:05d}00")
    client_info = LazyFunction(lambda: {"application_number": "34697463"})
    task_time = NOON - timedelta(minutes=1)
    source_key = Sequence(lambda number: f"application:{number}")


class CommunicationFactory(DjangoModelFactory[Communication]):
    """A conversation that began at `NOON` and is still going on."""

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
