"""The engine's port to telephony: call orders become rows of MightyCall's queue
[source 2.6.6.4].
"""

from collections.abc import Sequence

from django.db.models import Max

from apps.campaigns.types import CallOrder
from apps.telephony.models import MightyCallActiveOperator, MightyCallTask
from apps.telephony.queue.call_queue import CANCELLED_UNSENT
from apps.telephony.states import QueueTaskState, QueueTaskType
from common import clock
from common.announce import announce

SEND_QUEUE = "apps.telephony.tasks.send_queue"
ROWS_AT_ONCE = 1_000  # one INSERT; larger gained nothing


class MightyCallDialer:
    """Implements ``campaigns.ports.Dialer``. Every method runs in the caller's transaction, with
    the same number of queries for one order and for a thousand.
    """

    def add_calls(self, orders: Sequence[CallOrder]) -> None:
        """Write an ADD for each order, except where the campaign task has one that is still NEW."""
        rows = [
            MightyCallTask(
                task_type=QueueTaskType.ADD,
                campaign_task_id=order.task_id,
                campaign_id=order.campaign_id,
                phone=order.phone,
                priority=order.priority,
                expires_at=order.expires_at,
            )
            for order in orders
        ]
        _write(rows)

    def cancel_calls(self, task_ids: Sequence[int]) -> None:
        """Cancel the ADDs that are still NEW. Write a DELETE for the last ADD of each other task,
        unless its call has ended.
        """
        _cancel_unsent(task_ids)
        sent = MightyCallTask.objects.filter(
            pk__in=MightyCallTask.objects.filter(
                task_type=QueueTaskType.ADD, campaign_task__in=task_ids
            )
            .values("campaign_task")
            .annotate(last=Max("pk"))
            .values("last"),
            ended_at__isnull=True,
        )
        rows = [
            MightyCallTask(
                task_type=QueueTaskType.DELETE,
                campaign_task_id=add.campaign_task_id,
                campaign_id=add.campaign_id,
                phone=add.phone,
                priority=add.priority,
                undoes=add,
            )
            for add in sent
        ]
        _write(rows)

    def operators_on_line(self) -> int:
        """Return how many operators have an open session in MightyCall."""
        return MightyCallActiveOperator.objects.exclude(session_id="").count()


def _cancel_unsent(task_ids: Sequence[int]) -> None:
    """If a sender takes such a row at this moment, the update waits for its commit. The row is not
    NEW then, and stays as it is.
    """
    MightyCallTask.objects.filter(
        task_type=QueueTaskType.ADD, task_state=QueueTaskState.NEW, campaign_task__in=task_ids
    ).update(task_state=QueueTaskState.DONE, answer=CANCELLED_UNSENT, ended_at=clock.now())


def _write(rows: Sequence[MightyCallTask]) -> None:
    if rows:
        MightyCallTask.objects.bulk_create(rows, ROWS_AT_ONCE, ignore_conflicts=True)
        announce(SEND_QUEUE)
