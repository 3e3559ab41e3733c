from datetime import timedelta

import pytest

from apps.campaigns import services
from apps.campaigns.models import Call, CampaignTask, Decision, DoNotCallEntry
from apps.campaigns.states import CommunicationState, TaskOutcome, TaskState
from testing.factories.campaigns import NOON, CampaignFactory, CommunicationFactory, TaskFactory
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
    assert (task.task_state, task.handed_over_at) == (TaskState.IN_PROGRESS, NOON)
    assert [order.task_id for order in dialer.added] == [task.pk]
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

    assert [order.task_id for order in dialer.added] == [earlier.pk, later.pk, calm.pk]


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


def test_rival_sweeps_hand_each_task_over_once(dialer: FakeDialer, rivals: Rivals) -> None:
    TaskFactory.create_batch(60, campaign=CampaignFactory.create())

    sweeps = [rivals.start(lambda: services.hand_over_due_tasks(NOON)) for _ in range(4)]

    assert sum(sweep.result(PATIENCE_SECONDS) for sweep in sweeps) == 60
    assert len(dialer.added) == 60
    assert len({order.task_id for order in dialer.added}) == 60


def test_a_paused_campaign_withdraws_its_tasks_but_interrupts_no_call(dialer: FakeDialer) -> None:
    campaign = CampaignFactory.create(active=False)
    waiting, ringing = TaskFactory.create_batch(2, campaign=campaign, handed_over=True)
    Call.objects.create(call_key="call-1", campaign_task=ringing, dialled_at=NOON)
    elsewhere = TaskFactory.create(handed_over=True)

    assert services.withdraw_paused_tasks(NOON) == 1

    states = dict(CampaignTask.objects.values_list("pk", "task_state"))
    assert states == {
        waiting.pk: TaskState.NEW,
        ringing.pk: TaskState.IN_PROGRESS,
        elsewhere.pk: TaskState.IN_PROGRESS,
    }
    assert dialer.cancelled == [waiting.pk]


def test_a_task_whose_call_telephony_never_reported_becomes_new_again(dialer: FakeDialer) -> None:
    lost = TaskFactory.create(handed_over=True, handed_over_at=NOON - timedelta(hours=25))
    fresh = TaskFactory.create(handed_over=True, handed_over_at=NOON - timedelta(hours=1))

    assert services.recover_lost_tasks(NOON) == 1

    states = dict(CampaignTask.objects.values_list("pk", "task_state"))
    assert states == {lost.pk: TaskState.NEW, fresh.pk: TaskState.IN_PROGRESS}
    assert dialer.cancelled == [lost.pk]
