"""The engine's port to telephony: requests become rows of MightyCall's queue (section 2.6.6.4)."""

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
    """Implements ``campaigns.ports.Dialer``. Everything happens in the caller's transaction, a
    request or a thousand alike.
    """

    def add_calls(self, orders: Sequence[CallOrder]) -> None:
        """A row for each order; one that is still NEW for the same campaign task is not written
        twice.
        """
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
        """Requests that were never sent never will be; for the others a DELETE is written."""
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
        """Those with an open session in MightyCall."""
        return MightyCallActiveOperator.objects.exclude(session_id="").count()


def _cancel_unsent(task_ids: Sequence[int]) -> None:
    """A sender that takes such a row now makes this wait, and then it is sent and no longer NEW."""
    MightyCallTask.objects.filter(
        task_type=QueueTaskType.ADD, task_state=QueueTaskState.NEW, campaign_task__in=task_ids
    ).update(task_state=QueueTaskState.DONE, answer=CANCELLED_UNSENT, ended_at=clock.now())


def _write(rows: Sequence[MightyCallTask]) -> None:
    if rows:
        MightyCallTask.objects.bulk_create(rows, ROWS_AT_ONCE, ignore_conflicts=True)
        announce(SEND_QUEUE)
