"""Counts what the engine has to do and is doing.

Every number comes from a partial index of unfinished rows, so counting stays fast however many
finished rows there are.
"""

from django.db.models import Count

from apps.campaigns.models import Call, CampaignTask, Communication, DeferredCandidate
from apps.campaigns.ports import dialer
from apps.campaigns.states import UNFINISHED, CommunicationState
from apps.campaigns.types import UnfinishedTasks, Workload


def workload() -> Workload:
    """The numbers of this moment, counted in the tables and asked of telephony."""
    awaited = Communication.objects.filter(state=CommunicationState.NEW, ended_at__isnull=False)
    return Workload(
        unfinished_tasks=_unfinished_tasks(),
        redials_waiting=CampaignTask.objects.filter(redial_at__isnull=False).count(),
        deferred_candidates=DeferredCandidate.objects.count(),
        calls_going_on=Call.objects.filter(ended_at__isnull=True).count(),
        results_awaited=awaited.count(),
        operators_on_line=dialer().operators_on_line(),
    )


def _unfinished_tasks() -> tuple[UnfinishedTasks, ...]:
    rows = (
        CampaignTask.objects.filter(task_state__in=UNFINISHED)
        .values("campaign_id", "task_state")
        .annotate(tasks=Count("pk"))
    )
    return tuple(
        UnfinishedTasks(campaign_id=row["campaign_id"], state=row["task_state"], tasks=row["tasks"])
        for row in rows
    )
