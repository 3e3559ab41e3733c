"""Campaigns, their dispositions, tasks and communications, in the states that tests start from."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from factory.declarations import (
    LazyFunction,
    RelatedFactory,
    SelfAttribute,
    Sequence,
    SubFactory,
    Trait,
)
from factory.django import DjangoModelFactory
from factory.helpers import post_generation

from apps.campaigns.models import (
    Call,
    CallOrder,
    Campaign,
    CampaignTask,
    Communication,
    Disposition,
    DispositionReason,
)
from apps.campaigns.states import (
    CommunicationState,
    OrderEnding,
    OrderState,
    TaskOutcome,
    TaskState,
)
from apps.campaigns.types import Meaning, SystemDisposition
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


class OrderFactory(DjangoModelFactory[CallOrder]):
    """An order that was handed to telephony at `NOON` and waits in its queue."""

    class Meta:
        model = CallOrder

    class Params:
        closed = Trait(
            state=OrderState.CLOSED, ending=OrderEnding.NOT_REACHED, ended_at=NOON, is_attempt=True
        )

    task: Any = SubFactory("testing.factories.campaigns.TaskFactory", task_state="IN_PROGRESS")
    campaign = SelfAttribute("task.campaign")
    phone = SelfAttribute("task.phone")
    handed_over_at = NOON


class TaskFactory(DjangoModelFactory[CampaignTask]):
    """A NEW task that is due at `NOON`. The simulator answers a phone that ends with 00."""

    class Meta:
        model = CampaignTask
        skip_postgeneration_save = True

    class Params:
        handed_over = Trait(
            task_state=TaskState.IN_PROGRESS, order=RelatedFactory(OrderFactory, "task")
        )
        handed_over_now = Trait(
            task_state=TaskState.IN_PROGRESS,
            task_time=LazyFunction(clock.now),
            order=RelatedFactory(OrderFactory, "task", handed_over_at=LazyFunction(clock.now)),
        )
        called = Trait(
            task_state=TaskState.DONE,
            outcome=TaskOutcome.CALLED,
            attempts=1,
            order=RelatedFactory(OrderFactory, "task", closed=True),
        )

    campaign = SubFactory(CampaignFactory)
    phone = Sequence(lambda number: f"7913{number:05d}00")
    client_info = LazyFunction(lambda: {"application_number": "34697463"})
    task_time = NOON - timedelta(minutes=1)
    source_key = Sequence(lambda number: f"application:{number}")
    subject_key = Sequence(lambda number: f"MOBILE_LOANS/{number}")
    subject_changed_at = NOON - timedelta(days=1)


class CommunicationFactory(DjangoModelFactory[Communication]):
    """A conversation that began at `NOON` and is still going on, with its call and its order."""

    class Meta:
        model = Communication
        skip_postgeneration_save = True

    class Params:
        ended = Trait(ended_at=NOON + timedelta(minutes=1))
        draft = Trait(state=CommunicationState.DRAFT, ended_at=NOON + timedelta(minutes=1))

    campaign_task = SubFactory(TaskFactory, called=True)
    operator = SubFactory(OperatorFactory)
    phone = SelfAttribute("campaign_task.phone")
    started_at = NOON

    @post_generation  # type: ignore[untyped-decorator]
    def call(self: Communication, create: bool, extracted: object, **_values: object) -> None:
        """The call of the task's order, whose state is the conversation's."""
        if not create:
            return
        order = self.campaign_task.orders.order_by("-pk").first() or OrderFactory.create(
            task=self.campaign_task, closed=True
        )
        order.state, order.ending, order.ended_at = _order_state(self)
        order.is_attempt = self.ended_at is not None
        order.save()
        Call.objects.create(
            order=order,
            call_key=f"call-of-{self.pk}",
            communication=self,
            operator=self.operator,
            connected_at=self.started_at,
            ended_at=self.ended_at,
            system_disposition=SystemDisposition.CONNECTED if self.ended_at else None,
        )


def _order_state(
    communication: Communication,
) -> tuple[OrderState, OrderEnding | None, datetime | None]:
    if communication.ended_at is None:
        return OrderState.CALLING, None, None
    if communication.state == CommunicationState.NEW:
        return OrderState.RESULT_DUE, None, None
    return OrderState.CLOSED, OrderEnding.CONVERSATION, communication.ended_at


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
