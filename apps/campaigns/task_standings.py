"""Looks up which clients have an open task, and how the tasks of given sources stand."""

from collections.abc import Sequence

from django.db.models import Q

from apps.campaigns.models import CampaignTask, Communication, DeferredCandidate
from apps.campaigns.states import UNFINISHED, CommunicationState
from apps.campaigns.types import TaskStanding


def phones_with_open_tasks(campaign_id: int, phones: Sequence[str]) -> set[str]:
    """Which of these clients the campaign is going to call already: their task is unfinished or
    waits for a redial, or a candidate waits for the end of their call."""
    is_open = Q(task_state__in=UNFINISHED) | Q(redial_at__isnull=False)
    tasks = CampaignTask.objects.filter(is_open, campaign_id=campaign_id, phone__in=phones)
    deferred = DeferredCandidate.objects.filter(campaign_id=campaign_id, phone__in=phones)
    return {*tasks.values_list("phone", flat=True), *deferred.values_list("phone", flat=True)}


def task_standings(campaign_id: int, source_keys: Sequence[str]) -> dict[str, TaskStanding]:
    """Source key → how the latest task that was made from it in this campaign stands; absent where
    there is none. Two queries for any number of keys."""
    rows = CampaignTask.objects.filter(source_key__in=source_keys, campaign_id=campaign_id)
    tasks = {task.source_key: task for task in rows.defer("client_info").order_by("pk")}
    talks = Communication.objects.filter(campaign_task__in=[task.pk for task in tasks.values()])
    latest = {talk.campaign_task_id: talk for talk in talks.order_by("started_at", "pk")}
    return {key: _standing(task, latest.get(task.pk)) for key, task in tasks.items()}


def _standing(task: CampaignTask, talk: Communication | None) -> TaskStanding:
    is_saved = talk is not None and talk.state == CommunicationState.FIXED
    details = talk.result_details if talk is not None and is_saved else {}
    is_open = task.task_state in UNFINISHED
    return TaskStanding(
        state=str(task.get_task_state_display() if is_open else task.get_outcome_display()),
        attempts=task.attempts,
        call_again_at=task.task_time if is_open else task.redial_at,
        talked_at=talk.started_at if talk else None,
        result=details.get("result", ""),
        reason=details.get("reason", ""),
        comment=details.get("comment", ""),
    )
