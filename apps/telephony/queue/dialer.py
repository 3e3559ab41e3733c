"""The engine's port to telephony: requests become rows of MightyCall's queue [source 2.6.6.4]."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from apps.campaigns.types import DialRequest
from apps.telephony.models import MightyCallActiveOperator, MightyCallTask
from apps.telephony.queue.call_queue import CANCELLED_UNSENT
from apps.telephony.states import QueueTaskState, QueueTaskType
from common import clock
from common.announce import announce

SEND_QUEUE = "apps.telephony.tasks.send_queue"

ADD = """
INSERT INTO "tm$mightycall_tasks"
    (task_type, order_id, campaign_task_id, campaign_id, phone, priority, expires_at)
SELECT 'ADD', * FROM unnest(
    %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::smallint[], %s::timestamptz[]
)
ON CONFLICT DO NOTHING
"""
DELETE = """
INSERT INTO "tm$mightycall_tasks"
    (task_type, order_id, campaign_task_id, campaign_id, phone, priority)
SELECT 'DELETE', added.order_id, added.campaign_task_id, added.campaign_id, added.phone,
    added.priority
FROM "tm$mightycall_tasks" AS added
WHERE added.order_id = ANY(%s) AND added.task_type = 'ADD'
ORDER BY added.id
ON CONFLICT DO NOTHING
"""


class MightyCallDialer:
    """Implements ``campaigns.ports.Dialer``.

    Everything happens in the caller's transaction, in as many statements for a thousand calls as
    for one.
    """

    def add_calls(self, requests: Sequence[DialRequest]) -> None:
        """Write an ADD for each request; an order that has one already is passed over."""
        if not requests:
            return
        columns: list[list[Any]] = [
            [request.order_id for request in requests],
            [request.task_id for request in requests],
            [request.campaign_id for request in requests],
            [request.phone for request in requests],
            [request.priority for request in requests],
            [request.expires_at for request in requests],
        ]
        with connection.cursor() as cursor:
            cursor.execute(ADD, columns)
        announce(SEND_QUEUE)

    def cancel_calls(self, order_ids: Sequence[int]) -> None:
        """Write a DELETE for each order; an ADD that was never sent never will be.

        The sender tells the engine when an order is removed, also where there was nothing to send.
        """
        if not order_ids:
            return
        _cancel_unsent(order_ids)
        with connection.cursor() as cursor:
            cursor.execute(DELETE, [list(order_ids)])
        announce(SEND_QUEUE)

    def operators_on_line(self) -> int:
        """How many operators have an open session in MightyCall and are not on a break."""
        return MightyCallActiveOperator.objects.filter(ready=True).exclude(session_id="").count()


def _cancel_unsent(order_ids: Sequence[int]) -> None:
    """A sender that takes such a row now makes this wait, and then it is sent and no longer NEW."""
    MightyCallTask.objects.filter(
        task_type=QueueTaskType.ADD, task_state=QueueTaskState.NEW, order__in=order_ids
    ).update(task_state=QueueTaskState.DONE, answer=CANCELLED_UNSENT, ended_at=clock.now())
