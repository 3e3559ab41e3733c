"""The scheduled handler: due tasks go to telephony, as many as operators can use (2.6.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.campaigns.engine.calling_hours import Hours, Week, open_window
from apps.campaigns.engine.transitions import Move, apply_move, wait_until
from apps.campaigns.ledger import record_decisions
from apps.campaigns.models import Campaign, CampaignTask, DoNotCallEntry
from apps.campaigns.ports import call_guard, dialer
from apps.campaigns.states import TaskOutcome, TaskState
from apps.campaigns.types import CallOrder, DecisionVerdict, NewDecision, Step
from common.locks import LockSpace, try_lock

TASKS_PER_OPERATOR = 3  # enough that nobody waits, few enough that a pause takes effect soon
ORDERS_AT_ONCE = 1_000  # one round of locks and inserts; larger gained nothing
UNANSWERED_GUARD_WAITS = timedelta(minutes=5)
CONVERSATION_WAITS = timedelta(minutes=5)

ON_DO_NOT_CALL_LIST = gettext_noop("the phone is on the do-not-call list")
GUARD_UNANSWERED = gettext_noop(
    "the check before the call could not be made; it is asked again later"
)

TALKING_PHONES = """
SELECT DISTINCT phone FROM "tm$communications"
WHERE (state = 'NEW' OR ended_at IS NULL) AND phone = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class _Forbidden:
    order: CallOrder
    step: Step
    reason: str


def week_of(campaign: Campaign) -> Week:
    """The campaign's calling hours as the pure rules take them."""
    return Week(
        weekdays=Hours(campaign.weekday_from, campaign.weekday_till),
        weekends=Hours(campaign.weekend_from, campaign.weekend_till),
        zone=ZoneInfo(campaign.time_zone),
    )


def hand_over_due_tasks(now: datetime) -> int:
    """Hand due tasks of every active campaign to telephony; returns how many.

    Campaigns of higher priority come first. Many workers may run it at once: a campaign is swept by
    one at a time.
    """
    campaigns = Campaign.objects.filter(active=True).order_by("-priority", "pk")
    return sum(_sweep(campaign, now) for campaign in campaigns)


def _sweep(campaign: Campaign, now: datetime) -> int:
    with try_lock(LockSpace.HAND_OVER, campaign.pk) as won:
        if not won:
            return 0
        handed_over = 0
        while orders := _due_orders(campaign, now):
            handed_over += _hand_over(_allowed(orders, now), now)
        return handed_over


def _due_orders(campaign: Campaign, now: datetime) -> list[CallOrder]:
    window = open_window(week_of(campaign), now)
    room = _room(campaign)
    if window is None or room <= 0:
        return []
    due = (
        CampaignTask.objects.filter(campaign=campaign, task_state=TaskState.NEW, task_time__lte=now)
        .order_by("task_time", "pk")
        .values_list("pk", "phone", "source_key")[: min(room, ORDERS_AT_ONCE)]
    )
    return [
        CallOrder(
            task_id=task_id,
            campaign_id=campaign.pk,
            phone=phone,
            priority=campaign.priority,
            source_key=source_key,
            expires_at=window.closes,
        )
        for task_id, phone, source_key in due
    ]


def _room(campaign: Campaign) -> int:
    ceiling = max(campaign.min_in_flight, TASKS_PER_OPERATOR * dialer().operators_on_line())
    in_flight = CampaignTask.objects.filter(
        campaign=campaign, task_state=TaskState.IN_PROGRESS
    ).count()
    return ceiling - in_flight


def _allowed(orders: Sequence[CallOrder], now: datetime) -> list[CallOrder]:
    """The orders that every check lets through; the others are ended or wait, and the ledger says
    why."""
    forbidden = _on_do_not_call_list(orders)
    checked = _without(orders, {one.order.task_id for one in forbidden})
    talking = _talking(checked)
    wait_until(talking, now + CONVERSATION_WAITS)
    checked = _without(checked, talking)
    answers = call_guard().forbidden(checked)
    forbidden += [
        _Forbidden(order, Step.GUARD, reason)
        for order in checked
        if (reason := answers.get(order.task_id)) is not None
    ]
    _forbid(forbidden)
    unanswered = [o for o in checked if o.task_id in answers and answers[o.task_id] is None]
    _wait_for_guard(unanswered, now)
    return _without(checked, set(answers))


def _without(orders: Sequence[CallOrder], task_ids: set[int]) -> list[CallOrder]:
    return [order for order in orders if order.task_id not in task_ids]


def _on_do_not_call_list(orders: Sequence[CallOrder]) -> list[_Forbidden]:
    listed = set(
        DoNotCallEntry.objects.filter(phone__in=[order.phone for order in orders]).values_list(
            "phone", flat=True
        )
    )
    return [
        _Forbidden(order, Step.DO_NOT_CALL, ON_DO_NOT_CALL_LIST)
        for order in orders
        if order.phone in listed
    ]


def _talking(orders: Sequence[CallOrder]) -> set[int]:
    """Tasks whose client an operator of any campaign is talking to."""
    with connection.cursor() as cursor:
        cursor.execute(TALKING_PHONES, [[order.phone for order in orders]])
        phones = {phone for (phone,) in cursor.fetchall()}
    return {order.task_id for order in orders if order.phone in phones}


@transaction.atomic
def _forbid(forbidden: Sequence[_Forbidden]) -> None:
    for reason in sorted({one.reason for one in forbidden}):
        because = [one for one in forbidden if one.reason == reason]
        move = Move(TaskState.NEW, TaskState.DONE, reason[:255], TaskOutcome.FORBIDDEN)
        won = set(apply_move([one.order.task_id for one in because], move))
        record_decisions(
            _decision(r.order, r.step, DecisionVerdict.STOPPED, reason)
            for r in because
            if r.order.task_id in won
        )


@transaction.atomic
def _wait_for_guard(orders: Sequence[CallOrder], now: datetime) -> None:
    if orders:
        wait_until([order.task_id for order in orders], now + UNANSWERED_GUARD_WAITS)
        record_decisions(
            _decision(order, Step.GUARD, DecisionVerdict.WAITING, GUARD_UNANSWERED)
            for order in orders
        )


@transaction.atomic
def _hand_over(orders: Sequence[CallOrder], now: datetime) -> int:
    move = Move(TaskState.NEW, TaskState.IN_PROGRESS, gettext_noop("handed to telephony"))
    won = set(apply_move([order.task_id for order in orders], move, handed_over_at=now))
    handed_over = [order for order in orders if order.task_id in won]
    if handed_over:
        dialer().add_calls(handed_over)
    return len(handed_over)


def _decision(order: CallOrder, step: Step, verdict: DecisionVerdict, reason: str) -> NewDecision:
    return NewDecision(
        step=step,
        verdict=verdict,
        rule=step,
        reason=_(reason),
        phone=order.phone,
        source_key=order.source_key,
        campaign_id=order.campaign_id,
        task_id=order.task_id,
    )
