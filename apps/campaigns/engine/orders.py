"""Call orders as rows: placed at the hand-over, withdrawn on request, one open for a phone."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import connection

from apps.campaigns.models import CallOrder
from apps.campaigns.ports import dialer
from apps.campaigns.states import OrderState

# An order of the same phone that is open, in any campaign, leaves the task where it is. Phones are
# taken in their order, so that two sweeps that meet the same clients never deadlock on the index.
PLACE = """
INSERT INTO "tm$call_orders" (task_id, campaign_id, phone, handed_over_at, expires_at)
SELECT task.id, task.campaign_id, task.phone, %s, %s
FROM "tm$campaign_tasks" AS task WHERE task.id = ANY(%s)
ORDER BY task.phone, task.id
ON CONFLICT (phone) WHERE NOT (state = 'CLOSED') DO NOTHING
RETURNING id, task_id
"""


def place_orders(task_ids: Sequence[int], now: datetime, expires_at: datetime) -> dict[int, int]:
    """Open an order for each of these tasks, whose rows the caller has locked.

    Returns the order's id by task id; a task whose client is engaged is absent.
    """
    with connection.cursor() as cursor:
        cursor.execute(PLACE, [now, expires_at, list(task_ids)])
        return {task_id: order_id for order_id, task_id in cursor.fetchall()}


def withdraw_orders_of(task_ids: Collection[int]) -> int:
    """Ask telephony to remove the orders of these tasks that are not dialled yet.

    Returns how many. A call that goes on is never cut. Runs in the caller's transaction, which has
    locked the tasks.
    """
    return withdraw_orders(CallOrder.objects.filter(task__in=task_ids).values_list("pk", flat=True))


def withdraw_orders(order_ids: Iterable[int]) -> int:
    """The same for these orders."""
    queued = list(
        CallOrder.objects.select_for_update()
        .filter(pk__in=list(order_ids), state=OrderState.QUEUED)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if queued:
        CallOrder.objects.filter(pk__in=queued).update(state=OrderState.WITHDRAWING)
        dialer().cancel_calls(queued)
    return len(queued)
