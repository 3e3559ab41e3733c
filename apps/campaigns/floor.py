"""Counts the work of this moment and of today, for the page of senior operators.

What is open comes from partial indexes, what happened today from indexes by time: the cost follows
the day, not the years before it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from apps.campaigns.engine.calling_hours import next_window, open_window
from apps.campaigns.engine.hand_over import week_of
from apps.campaigns.models import Call, Campaign, CampaignTask, Communication
from apps.campaigns.states import CommunicationState, TaskState
from apps.campaigns.types import (
    Callbacks,
    CampaignAtWork,
    ConversationNow,
    Meaning,
)

SOON = timedelta(hours=1)
# a redial is woken by a sweep within seconds: later than this, something is wrong
OVERDUE = timedelta(minutes=5)
COUNTS = ("due", "later", "in_telephony", "redials", "calls", "reached", "successes")


def campaigns_at_work(now: datetime, today: datetime) -> list[CampaignAtWork]:
    """Every campaign, active ones first, by priority. ``today`` is when the day began."""
    waiting = _by_campaign(
        CampaignTask.objects.filter(task_state=TaskState.NEW),
        "campaign_id",
        due=Count("pk", filter=Q(task_time__lte=now)),
        later=Count("pk", filter=Q(task_time__gt=now)),
    )
    in_telephony = _by_campaign(
        CampaignTask.objects.filter(task_state=TaskState.IN_PROGRESS),
        "campaign_id",
        in_telephony=Count("pk"),
    )
    redials = _by_campaign(
        CampaignTask.objects.filter(redial_at__isnull=False), "campaign_id", redials=Count("pk")
    )
    calls = _by_campaign(
        Call.objects.filter(wtime__gte=today),
        "order__campaign_id",
        calls=Count("pk"),
        reached=Count("pk", filter=Q(connected_at__isnull=False)),
    )
    successes = _by_campaign(
        Communication.objects.filter(wtime__gte=today, disposition__meaning=Meaning.SUCCESS),
        "disposition__campaign_id",
        successes=Count("pk"),
    )
    found = (waiting, in_telephony, redials, calls, successes)
    return [
        _at_work(campaign, _merged(campaign.pk, found), now)
        for campaign in Campaign.objects.order_by("-active", "-priority", "pk")
    ]


def _at_work(campaign: Campaign, counts: Mapping[str, int], now: datetime) -> CampaignAtWork:
    week = week_of(campaign)
    window = open_window(week, now)
    following = None if window else next_window(week, now)
    return CampaignAtWork(
        id=campaign.pk,
        name=campaign.name,
        active=campaign.active,
        closes_at=window.closes if window else None,
        opens_at=following.opens if following else None,
        **{name: counts.get(name, 0) for name in COUNTS},
    )


def _by_campaign(
    rows: QuerySet[Any, Any], campaign: str, **counts: Count
) -> dict[int, dict[str, int]]:
    found = rows.order_by().values(campaign).annotate(**counts)
    return {row.pop(campaign): row for row in found}


def _merged(campaign_id: int, found: Iterable[dict[int, dict[str, int]]]) -> dict[str, int]:
    merged: dict[str, int] = {}
    for counts in found:
        merged |= counts.get(campaign_id, {})
    return merged


def conversations_now() -> list[ConversationNow]:
    """Conversations that go on or whose result is awaited, the longest first."""
    rows = Communication.objects.filter(
        Q(state=CommunicationState.NEW) | Q(ended_at__isnull=True)
    ).select_related("campaign_task__campaign")
    return [
        ConversationNow(
            operator_id=row.operator_id,
            communication_id=row.pk,
            campaign_name=row.campaign_task.campaign.name,
            phone=row.phone,
            started_at=row.started_at,
            ended_at=row.ended_at,
        )
        for row in rows.order_by("started_at", "pk")
    ]


def callbacks_at(now: datetime) -> Callbacks:
    """How many redials fall due within an hour, and how many should have been woken already."""
    counts = CampaignTask.objects.filter(redial_at__lte=now + SOON).aggregate(
        soon=Count("pk", filter=Q(redial_at__gt=now - OVERDUE)),
        overdue=Count("pk", filter=Q(redial_at__lte=now - OVERDUE)),
    )
    return Callbacks(**counts)
