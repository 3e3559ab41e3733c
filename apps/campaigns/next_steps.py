"""Tells when a client is called next, in each campaign that still has a task for them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from apps.campaigns.engine.calling_hours import next_window, open_window
from apps.campaigns.engine.hand_over import week_of
from apps.campaigns.models import Campaign, CampaignTask
from apps.campaigns.states import UNFINISHED, TaskState
from apps.campaigns.types import NextCall, NextStep
from common.clock import MOSCOW


def next_steps(now: datetime, *, source_key: str = "", phone: str = "") -> list[NextStep]:
    """What comes next for an application (``source_key``) or a phone, soonest first; empty when
    nobody will call. One of the two is given."""
    about = Q(source_key=source_key) if source_key else Q(phone=phone)
    rows = CampaignTask.objects.filter(about).filter(
        Q(task_state__in=UNFINISHED) | Q(redial_at__isnull=False)
    )
    related = rows.select_related("campaign", "callback_operator").order_by("pk")
    steps = [_step(task, now) for task in related]
    return sorted(steps, key=lambda step: (step.at is None, step.at or now))


def _step(task: CampaignTask, now: datetime) -> NextStep:
    kind = _kind(task)
    is_held = kind in (NextCall.GOING_ON, NextCall.PAUSED)
    at = None if is_held else _allowed_at(task.campaign, task.redial_at or task.task_time, now)
    return NextStep(
        task_id=task.pk,
        campaign=task.campaign.name,
        kind=kind,
        at=at,
        local_at=_local(at, task.campaign.time_zone) if at else "",
        attempt=task.attempts + 1,
        max_attempts=task.campaign.max_attempts,
        operator=task.callback_operator.get_full_name() if task.callback_operator else "",
    )


def _local(at: datetime, zone: str) -> str:
    """The moment in the campaign's zone, the only one that is known of the client; empty where the
    clocks are Moscow's."""
    there = at.astimezone(ZoneInfo(zone))
    is_moscow = there.utcoffset() == at.astimezone(MOSCOW).utcoffset()
    return "" if is_moscow else f"{there:%d.%m %H:%M}"


def _kind(task: CampaignTask) -> NextCall:
    if task.task_state == TaskState.IN_PROGRESS:
        return NextCall.GOING_ON
    if not task.campaign.active:
        return NextCall.PAUSED
    if task.callback_at is not None:
        return NextCall.CALLBACK
    return NextCall.REDIAL if task.attempts else NextCall.FIRST


def _allowed_at(campaign: Campaign, wanted: datetime, now: datetime) -> datetime | None:
    """The first moment from the wanted one on at which the campaign may call."""
    at, week = max(wanted, now), week_of(campaign)
    if open_window(week, at):
        return at
    window = next_window(week, at)
    return window.opens if window else None
