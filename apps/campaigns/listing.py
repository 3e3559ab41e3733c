"""The columns of campaigns, tasks, calls, communications and decisions that others may list.

Each function returns all rows of its table, for the caller to filter, order and cut. A column that
is not named here is not read. ``wtime`` is the moment at which a row was written; communications
are listed by ``started_at``.

Calls and communications can be filtered by ``campaign_id``, a column of another table. It is looked
up for each row that is looked at: a join would let PostgreSQL begin with all rows of the campaign.
"""

from django.db.models import OuterRef, QuerySet, Subquery

from apps.campaigns.models import (
    Call,
    CallOrder,
    Campaign,
    CampaignTask,
    Communication,
    Decision,
)


def list_campaigns() -> QuerySet[Campaign]:
    return Campaign.objects.only(
        "wtime", "name", "domain", "active", "priority", "time_zone", "max_attempts"
    )


def list_tasks() -> QuerySet[CampaignTask]:
    """Without ``client_info``: the engine does not know what stands in it."""
    return CampaignTask.objects.only(
        "wtime",
        "phone",
        "campaign_id",
        "task_time",
        "task_state",
        "outcome",
        "attempts",
        "redial_at",
        "source_key",
        "subject_key",
    )


def list_calls() -> QuerySet[Call]:
    """With the call's order, which has its phone, its task and its campaign."""
    order = CallOrder.objects.filter(pk=OuterRef("order_id"))
    calls = Call.objects.alias(campaign_id=Subquery(order.values("campaign_id")))
    return calls.select_related("order").only(
        "wtime",
        "operator_id",
        "communication_id",
        "dialled_at",
        "ringing_at",
        "connected_at",
        "ended_at",
        "system_disposition",
        "hung_up_by",
        "order__phone",
        "order__task_id",
        "order__campaign_id",
    )


def list_communications() -> QuerySet[Communication]:
    """With the task, which has the campaign, and the disposition that was chosen."""
    task = CampaignTask.objects.filter(pk=OuterRef("campaign_task_id"))
    talks = Communication.objects.alias(campaign_id=Subquery(task.values("campaign_id")))
    return talks.select_related("campaign_task", "disposition").only(
        "started_at",
        "ended_at",
        "fixed_at",
        "state",
        "phone",
        "operator_id",
        "result_details",
        "campaign_task__campaign_id",
        "disposition__meaning",
    )


def list_decisions() -> QuerySet[Decision]:
    return Decision.objects.only(
        "wtime",
        "step",
        "verdict",
        "rule",
        "reason",
        "phone",
        "source_key",
        "campaign_id",
        "task_id",
        "settings_version",
    )
