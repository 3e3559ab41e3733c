"""Tasks of applications that have changed, and orders of paused campaigns."""

from datetime import timedelta

import pytest

from apps.campaigns import services
from apps.campaigns.models import CampaignTask, Decision
from apps.campaigns.states import TaskOutcome
from apps.campaigns.types import Withdrawal
from testing.factories.campaigns import NOON, OrderFactory, TaskFactory
from testing.fakes import FakeDialer

pytestmark = pytest.mark.django_db


def outdated(task: CampaignTask, reason: str) -> Withdrawal:
    return Withdrawal(
        campaign_id=task.campaign_id,
        subject_key=task.subject_key,
        changed_at=NOON,
        reason=reason,
    )


def test_each_outdated_task_ends_for_the_reason_of_its_own_withdrawal() -> None:
    tasks = TaskFactory.create_batch(3)
    other = TaskFactory.create()

    ended = services.withdraw_outdated_tasks([outdated(one, f"reason {one.pk}") for one in tasks])

    assert ended == 3
    told = dict(Decision.objects.values_list("task_id", "reason"))
    assert told == {one.pk: f"reason {one.pk}" for one in tasks}
    campaigns = dict(Decision.objects.values_list("task_id", "campaign_id"))
    assert campaigns == {one.pk: one.campaign_id for one in tasks}
    outcomes = dict(CampaignTask.objects.values_list("pk", "outcome"))
    assert outcomes == {**{one.pk: TaskOutcome.WITHDRAWN for one in tasks}, other.pk: None}


def test_without_withdrawals_nothing_ends() -> None:
    TaskFactory.create()

    assert services.withdraw_outdated_tasks([]) == 0
    assert not Decision.objects.exists()


def test_an_outdated_task_that_waits_for_its_redial_is_called_no_more() -> None:
    task = TaskFactory.create(called=True, redial_at=NOON + timedelta(hours=1))

    assert services.withdraw_outdated_tasks([outdated(task, "changed")]) == 1

    task.refresh_from_db()
    assert (task.outcome, task.redial_at) == (TaskOutcome.WITHDRAWN, None)


def test_an_order_counts_as_unreported_after_a_day(dialer: FakeDialer) -> None:
    day = timedelta(hours=24)
    lost = OrderFactory.create(handed_over_at=NOON - day - timedelta(seconds=1))
    OrderFactory.create(handed_over_at=NOON - day)

    assert services.withdraw_lost_orders(NOON) == 1
    assert dialer.cancelled == [lost.pk]
