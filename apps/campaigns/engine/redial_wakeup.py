"""Makes DONE tasks NEW again when their redial falls due."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from apps.campaigns.engine.candidates import lock_campaigns
from apps.campaigns.engine.transitions import Move, apply_move, lock_tasks
from apps.campaigns.models import CampaignTask
from apps.campaigns.states import TaskState

WOKEN_AT_ONCE = 1_000

# A newer unfinished task of the client has taken this one's place: its redial is dropped.
DROP_REPLACED = """
UPDATE "tm$campaign_tasks" AS done SET redial_at = NULL
WHERE done.id = ANY(%s) AND EXISTS (
    SELECT FROM "tm$campaign_tasks" AS newer
    WHERE newer.campaign_id = done.campaign_id AND newer.phone = done.phone
      AND newer.task_state IN ('NEW', 'IN_PROGRESS')
)
"""
# Two redials of one client that fall due together are one call: the latest task makes it.
LATEST_OF_EACH_CLIENT = """
SELECT DISTINCT ON (phone) id FROM "tm$campaign_tasks"
WHERE id = ANY(%s) AND redial_at IS NOT NULL
ORDER BY phone, id DESC
"""


def wake_redials(now: datetime) -> int:
    """Make tasks NEW whose redial falls due. Returns how many."""
    due = CampaignTask.objects.filter(redial_at__lte=now)
    campaigns = due.order_by("campaign_id").values_list("campaign_id", flat=True).distinct()
    return sum(_wake(campaign_id, now) for campaign_id in list(campaigns))


@transaction.atomic
def _wake(campaign_id: int, now: datetime) -> int:
    lock_campaigns([campaign_id])
    due = list(
        CampaignTask.objects.filter(campaign_id=campaign_id, redial_at__lte=now)
        .order_by("redial_at", "pk")
        .values_list("pk", flat=True)[:WOKEN_AT_ONCE]
    )
    due = lock_tasks(due, redial_at__lte=now)
    with connection.cursor() as cursor:
        cursor.execute(DROP_REPLACED, [due])
        cursor.execute(LATEST_OF_EACH_CLIENT, [due])
        latest = [task_id for (task_id,) in cursor.fetchall()]
    CampaignTask.objects.filter(pk__in=set(due) - set(latest)).update(redial_at=None)
    move = Move(TaskState.DONE, TaskState.NEW, why=gettext_noop("the redial fell due"))
    return len(apply_move(latest, move, task_time=now, redial_at=None))
