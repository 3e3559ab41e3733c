from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.campaigns import services
from apps.campaigns.models import (
    AttentionItem,
    CallOrder,
    CampaignTask,
    Decision,
    DoNotCallEntry,
    TaskTransition,
)
from apps.campaigns.states import (
    AttentionKind,
    CommunicationState,
    OrderState,
    TaskOutcome,
    TaskState,
)
from testing.factories.campaigns import (
    NOON,
    CampaignFactory,
    CommunicationFactory,
    OrderFactory,
    TaskFactory,
)
from testing.fakes import FakeDialer, FakeGuard
from testing.rivals import PATIENCE_SECONDS, Rivals

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_due_task_goes_to_telephony_and_its_order_ends_with_the_window(
    dialer: FakeDialer,
) -> None:
    task = TaskFactory.create()

    handed_over = services.hand_over_due_tasks(NOON)

    task.refresh_from_db()
    assert handed_over == 1
    order = task.orders.get()
    assert (task.task_state, order.state) == (TaskState.IN_PROGRESS, OrderState.QUEUED)
    assert (order.handed_over_at, order.phone) == (NOON, task.phone)
    assert [request.order_id for request in dialer.added] == [order.pk]
    assert dialer.added[0].expires_at == NOON + timedelta(hours=8)  # 20:00 in Moscow


def test_nobody_is_called_at_night(dialer: FakeDialer) -> None:
    task = TaskFactory.create()
    night = NOON + timedelta(hours=12)

    assert services.hand_over_due_tasks(night) == 0
    task.refresh_from_db()
    assert (task.task_state, dialer.added) == (TaskState.NEW, [])


def test_a_paused_campaign_calls_nobody(dialer: FakeDialer) -> None:
    TaskFactory.create(campaign__active=False)

    assert services.hand_over_due_tasks(NOON) == 0
    assert dialer.added == []


def test_a_task_is_not_called_before_its_time(dialer: FakeDialer) -> None:
    TaskFactory.create(task_time=NOON + timedelta(seconds=1))

    assert services.hand_over_due_tasks(NOON) == 0


def test_no_more_tasks_are_handed_over_than_operators_can_use(dialer: FakeDialer) -> None:
    campaign = CampaignFactory.create(min_in_flight=1)
    TaskFactory.create_batch(10, campaign=campaign)
    dialer.on_line = 2

    assert services.hand_over_due_tasks(NOON) == 6
    assert services.hand_over_due_tasks(NOON) == 0


def test_the_more_urgent_campaign_and_the_earlier_task_come_first(dialer: FakeDialer) -> None:
    calm = TaskFactory.create(campaign__priority=1)
    urgent = CampaignFactory.create(priority=5)
    later = TaskFactory.create(campaign=urgent, task_time=NOON - timedelta(minutes=1))
    earlier = TaskFactory.create(campaign=urgent, task_time=NOON - timedelta(minutes=9))

    services.hand_over_due_tasks(NOON)

    assert [request.task_id for request in dialer.added] == [earlier.pk, later.pk, calm.pk]


def test_a_phone_on_the_do_not_call_list_is_never_handed_over(dialer: FakeDialer) -> None:
    task = TaskFactory.create()
    DoNotCallEntry.objects.create(phone=task.phone, reason="просил не звонить")

    services.hand_over_due_tasks(NOON)

    task.refresh_from_db()
    assert (task.task_state, task.outcome) == (TaskState.DONE, TaskOutcome.FORBIDDEN)
    assert dialer.added == []
    assert Decision.objects.get().task_id == task.pk


def test_a_client_whom_the_domain_refuses_is_not_called(
    dialer: FakeDialer, guard: FakeGuard
) -> None:
    task = TaskFactory.create()
    guard.answers[task.phone] = "в черном списке"

    services.hand_over_due_tasks(NOON)

    task.refresh_from_db()
    assert (task.outcome, dialer.added) == (TaskOutcome.FORBIDDEN, [])
    assert Decision.objects.get().reason == "в черном списке"


def test_a_long_reason_of_the_domain_is_cut_and_each_client_keeps_the_own(
    dialer: FakeDialer, guard: FakeGuard
) -> None:
    first, second = TaskFactory.create_batch(2, campaign=CampaignFactory.create())
    guard.answers = {first.phone: "я" * 300, second.phone: "в черном списке"}

    services.hand_over_due_tasks(NOON)

    told = dict(TaskTransition.objects.values_list("task_id", "why"))
    assert told == {first.pk: "я" * 255, second.pk: "в черном списке"}


def test_a_check_that_could_not_be_made_is_not_passed(dialer: FakeDialer, guard: FakeGuard) -> None:
    task = TaskFactory.create()
    guard.answers[task.phone] = None

    services.hand_over_due_tasks(NOON)

    task.refresh_from_db()
    assert (task.task_state, dialer.added) == (TaskState.NEW, [])
    assert task.task_time > NOON


@pytest.mark.parametrize("saved", CommunicationState)
def test_a_client_in_a_conversation_is_not_called_by_another_campaign(
    dialer: FakeDialer, saved: CommunicationState
) -> None:
    communication = CommunicationFactory.create(state=saved)
    task = TaskFactory.create(phone=communication.phone)

    services.hand_over_due_tasks(NOON)

    task.refresh_from_db()
    assert (task.task_state, dialer.added) == (TaskState.NEW, [])


def test_a_sweep_does_not_wait_for_tasks_that_others_hold(
    dialer: FakeDialer, rivals: Rivals
) -> None:
    held = TaskFactory.create_batch(3, campaign=CampaignFactory.create())

    with transaction.atomic():
        list(CampaignTask.objects.select_for_update())
        sweep = rivals.start(lambda: services.hand_over_due_tasks(NOON))
        assert sweep.result(PATIENCE_SECONDS) == 0

    assert dialer.added == []
    assert services.hand_over_due_tasks(NOON) == len(held)


def test_rival_sweeps_hand_each_task_over_once(dialer: FakeDialer, rivals: Rivals) -> None:
    TaskFactory.create_batch(60, campaign=CampaignFactory.create())

    sweeps = [rivals.start(lambda: services.hand_over_due_tasks(NOON)) for _ in range(4)]

    assert sum(sweep.result(PATIENCE_SECONDS) for sweep in sweeps) == 60
    assert len(dialer.added) == 60
    assert len({request.task_id for request in dialer.added}) == 60


def test_a_client_with_an_open_order_is_passed_over_by_every_campaign(dialer: FakeDialer) -> None:
    engaged = TaskFactory.create(handed_over=True)
    other = TaskFactory.create(phone=engaged.phone)
    free = TaskFactory.create()

    assert services.hand_over_due_tasks(NOON) == 1

    assert [request.task_id for request in dialer.added] == [free.pk]
    other.refresh_from_db()
    assert (other.task_state, other.task_time) == (TaskState.NEW, NOON - timedelta(minutes=1))


def test_one_phone_in_two_campaigns_is_handed_over_once(dialer: FakeDialer, rivals: Rivals) -> None:
    for number in range(20):
        for campaign in CampaignFactory.create_batch(2):
            TaskFactory.create(campaign=campaign, phone=f"7913000{number:04d}")

    sweeps = [rivals.start(lambda: services.hand_over_due_tasks(NOON)) for _ in range(4)]

    assert sum(sweep.result(PATIENCE_SECONDS) for sweep in sweeps) == 20
    assert len({request.phone for request in dialer.added}) == len(dialer.added) == 20


def test_the_database_itself_refuses_a_second_open_order_of_a_phone() -> None:
    order = OrderFactory.create()

    with pytest.raises(IntegrityError, match="one_open_order_per_phone"):
        OrderFactory.create(phone=order.phone)


def test_campaigns_share_the_operators_by_priority(dialer: FakeDialer) -> None:
    urgent = CampaignFactory.create(priority=5, min_in_flight=1)
    calm = CampaignFactory.create(priority=1, min_in_flight=1)
    for campaign in (calm, urgent):
        TaskFactory.create_batch(10, campaign=campaign)
    dialer.on_line = 2

    services.hand_over_due_tasks(NOON)

    counts = Counter(request.campaign_id for request in dialer.added)
    assert counts == {urgent.pk: 6, calm.pk: 1}


def test_a_task_that_makes_the_guard_raise_holds_up_no_other(
    dialer: FakeDialer, guard: FakeGuard
) -> None:
    campaign = CampaignFactory.create()
    sick, *healthy = TaskFactory.create_batch(5, campaign=campaign)
    guard.raises = {sick.phone}

    assert services.hand_over_due_tasks(NOON) == 4

    assert {request.task_id for request in dialer.added} == {task.pk for task in healthy}
    item = AttentionItem.objects.get()
    assert (item.kind, item.key, item.tries) == (AttentionKind.CAMPAIGN_TASK, str(sick.pk), 1)
    assert sick.phone not in item.error


def test_a_task_that_was_set_aside_is_handed_over_once_the_cause_is_gone(
    dialer: FakeDialer, guard: FakeGuard
) -> None:
    sick = TaskFactory.create()
    guard.raises = {sick.phone}
    services.hand_over_due_tasks(NOON)
    guard.raises = set()
    later = NOON + timedelta(minutes=6)

    services.release(AttentionItem.objects.values_list("pk", flat=True), later)

    assert services.hand_over_due_tasks(later) == 1
    assert not AttentionItem.objects.exists()


def test_a_campaign_that_was_set_aside_holds_up_none_of_lower_priority(dialer: FakeDialer) -> None:
    sick, healthy = CampaignFactory.create(priority=5), CampaignFactory.create(priority=1)
    tasks = [TaskFactory.create(campaign=campaign) for campaign in (sick, healthy)]
    services.set_aside(AttentionKind.CAMPAIGN, sick.pk, ValueError(), NOON)

    assert services.hand_over_due_tasks(NOON) == 1
    assert [request.task_id for request in dialer.added] == [tasks[1].pk]

    later = NOON + timedelta(minutes=1)
    assert services.hand_over_due_tasks(later) == 1
    assert not AttentionItem.objects.exists()


def test_a_paused_campaign_withdraws_its_orders_but_interrupts_no_call(dialer: FakeDialer) -> None:
    campaign = CampaignFactory.create(active=False)
    waiting, ringing = (OrderFactory.create(task__campaign=campaign) for _ in range(2))
    CallOrder.objects.filter(pk=ringing.pk).update(state=OrderState.CALLING)
    elsewhere = OrderFactory.create()

    assert services.withdraw_paused_orders() == 1

    states = dict(CallOrder.objects.values_list("pk", "state"))
    assert states == {
        waiting.pk: OrderState.WITHDRAWING,
        ringing.pk: OrderState.CALLING,
        elsewhere.pk: OrderState.QUEUED,
    }
    assert dialer.cancelled == [waiting.pk]
    assert not CampaignTask.objects.filter(task_state=TaskState.NEW).exists()


def test_an_order_that_telephony_never_reported_is_withdrawn(dialer: FakeDialer) -> None:
    lost = OrderFactory.create(handed_over_at=NOON - timedelta(hours=25))
    OrderFactory.create(handed_over_at=NOON - timedelta(hours=1))

    assert services.withdraw_lost_orders(NOON) == 1

    assert dialer.cancelled == [lost.pk]
