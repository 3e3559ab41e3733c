"""Finds tasks, conversations and entries of the do-not-call list by phones or by their own number.

Each function returns the newest first, ``limit`` of them after ``skip``, and reads no more.
"""

from collections.abc import Collection

from django.db.models import QuerySet

from apps.campaigns.models import CampaignTask, Communication, DoNotCallEntry
from apps.campaigns.states import CommunicationState
from apps.campaigns.types import FoundConversation, FoundDoNotCall, FoundTask
from common.phones import masked


def find_tasks(phones: Collection[str], limit: int, skip: int = 0) -> list[FoundTask]:
    rows = CampaignTask.objects.filter(phone__in=phones).order_by("-pk")
    return _tasks(rows[skip : skip + limit])


def find_task(number: int) -> list[FoundTask]:
    """The task with this number, or nothing."""
    return _tasks(CampaignTask.objects.filter(pk=number))


def find_conversations(
    phones: Collection[str], limit: int, skip: int = 0
) -> list[FoundConversation]:
    rows = Communication.objects.filter(phone__in=phones).order_by("-started_at", "-pk")
    return _conversations(rows[skip : skip + limit])


def find_conversation(number: int) -> list[FoundConversation]:
    """The conversation with this number, or nothing."""
    return _conversations(Communication.objects.filter(pk=number))


def find_do_not_call(phones: Collection[str], limit: int, skip: int = 0) -> list[FoundDoNotCall]:
    rows = DoNotCallEntry.objects.filter(phone__in=phones).order_by("-pk")
    return [
        FoundDoNotCall(id=row.pk, phone=masked(row.phone), reason=row.reason, since=row.wtime)
        for row in rows[skip : skip + limit]
    ]


def _tasks(rows: QuerySet[CampaignTask]) -> list[FoundTask]:
    return [
        FoundTask(
            id=row.pk,
            phone=masked(row.phone),
            campaign=row.campaign.name,
            state=row.get_task_state_display(),
            outcome=str(row.get_outcome_display() or ""),
            at=row.redial_at or row.task_time,
        )
        for row in rows.select_related("campaign")
    ]


def _conversations(rows: QuerySet[Communication]) -> list[FoundConversation]:
    related = rows.select_related("campaign_task__campaign", "operator")
    return [
        FoundConversation(
            id=row.pk,
            phone=masked(row.phone),
            campaign=row.campaign_task.campaign.name,
            operator=row.operator.get_full_name(),
            result=row.result_details.get("result", "") if _is_saved(row) else "",
            started_at=row.started_at,
        )
        for row in related
    ]


def _is_saved(row: Communication) -> bool:
    return row.state == CommunicationState.FIXED
