"""Withdraws orders from telephony: those of a paused campaign, and those it never reported."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_noop

from apps.campaigns.engine.transitions import Move, apply_move
from apps.campaigns.models import Call, CampaignTask, Communication
from apps.campaigns.ports import dialer
from apps.campaigns.states import TaskState

logger = logging.getLogger(__name__)

LOST_AFTER = timedelta(hours=24)  # every order expires with its window, within a day
WITHDRAWN_AT_ONCE = 1_000


def withdraw_paused_tasks(now: datetime) -> int:
    """Make the tasks of paused campaigns NEW again and cancel their orders. Returns how many.

    A call that is being made, or a conversation that goes on, is never interrupted.
    """
    calls = Call.objects.filter(campaign_task=OuterRef("pk"), ended_at__isnull=True)
    paused = CampaignTask.objects.filter(
        ~Exists(calls), task_state=TaskState.IN_PROGRESS, campaign__active=False
    )
    return _withdraw(paused, gettext_noop("the campaign was paused"), now)


def recover_lost_tasks(now: datetime) -> int:
    """Make tasks NEW again whose call telephony never reported, and cancel their orders.

    Returns how many.
    """
    talks = Communication.objects.filter(campaign_task=OuterRef("pk"), ended_at__isnull=True)
    lost = CampaignTask.objects.filter(
        ~Exists(talks), task_state=TaskState.IN_PROGRESS, handed_over_at__lt=now - LOST_AFTER
    )
    recovered = _withdraw(lost, gettext_noop("telephony never reported the call"), now)
    if recovered:
        logger.warning("telephony never reported %d tasks, they are called again", recovered)
    return recovered


@transaction.atomic
def _withdraw(tasks: QuerySet[CampaignTask], why: str, now: datetime) -> int:
    move = Move(TaskState.IN_PROGRESS, TaskState.NEW, why=why)
    task_ids = tasks.order_by("pk").values_list("pk", flat=True)[:WITHDRAWN_AT_ONCE]
    won = apply_move(list(task_ids), move, task_time=now, handed_over_at=None)
    if won:
        dialer().cancel_calls(won)
    return len(won)
