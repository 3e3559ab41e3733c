"""Hands due tasks over to telephony, as many as the operators can take [source 2.6.3]."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.campaigns.engine.calling_hours import Hours, Week, open_window
from apps.campaigns.engine.transitions import Move, apply_move, postpone
from apps.campaigns.ledger import record_decisions
from apps.campaigns.models import Campaign, CampaignTask, DoNotCallEntry
from apps.campaigns.ports import call_guard, dialer
from apps.campaigns.states import TaskOutcome, TaskState
from apps.campaigns.types import CallOrder, DecisionVerdict, NewDecision, Step
from common.locks import LockSpace, try_lock

TASKS_PER_OPERATOR = 3  # enough that no operator waits; few, so that a pause takes effect soon
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _ForbiddenCall:
    """An order that must not be made, and which check says so."""

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
    """Hand due tasks of every active campaign over to telephony. Returns how many.

    Campaigns of higher priority come first. Several workers may run it at once: each campaign is
    handled by one of them, and the others skip it.
    """
    campaigns = Campaign.objects.filter(active=True).order_by("-priority", "pk")
    return sum(_hand_over_campaign(campaign, now) for campaign in campaigns)


def _hand_over_campaign(campaign: Campaign, now: datetime) -> int:
    with try_lock(LockSpace.HAND_OVER, campaign.pk) as won:
        if not won:
            return 0
        handed_over = 0
        while orders := _due_orders(campaign, now):
            handed_over += _hand_over(_allowed(orders, now), now)
        return handed_over


def _due_orders(campaign: Campaign, now: datetime) -> list[CallOrder]:
    window = open_window(week_of(campaign), now)
    capacity = _free_capacity(campaign)
    if window is None or capacity <= 0:
        return []
    due = (
        CampaignTask.objects.filter(campaign=campaign, task_state=TaskState.NEW, task_time__lte=now)
        .order_by("task_time", "pk")
        .values_list("pk", "phone", "source_key")[: min(capacity, ORDERS_AT_ONCE)]
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


def _free_capacity(campaign: Campaign) -> int:
    """How many more tasks of the campaign telephony may have; negative when it has too many."""
    ceiling = max(campaign.min_in_flight, TASKS_PER_OPERATOR * dialer().operators_on_line())
    in_flight = CampaignTask.objects.filter(
        campaign=campaign, task_state=TaskState.IN_PROGRESS
    ).count()
    return ceiling - in_flight


def _allowed(orders: Sequence[CallOrder], now: datetime) -> list[CallOrder]:
    """The orders that pass every check.

    A task that the do-not-call list or the guard forbids ends. A task is postponed when its client
    is talking now, or when the guard could not be asked. The ledger gets a row for each of these,
    except for the clients who are talking.
    """
    listed = _on_do_not_call_list(orders)
    remaining = _without(orders, {call.order.task_id for call in listed})
    talking = _talking(remaining)
    postpone(talking, now + CONVERSATION_WAITS)
    remaining = _without(remaining, talking)
    answers = call_guard().forbidden(remaining)
    _end(listed + _forbidden_by_guard(remaining, answers))
    unanswered = {task_id for task_id, reason in answers.items() if reason is None}
    _retry_guard_later([order for order in remaining if order.task_id in unanswered], now)
    return _without(remaining, set(answers))


def _without(orders: Sequence[CallOrder], task_ids: set[int]) -> list[CallOrder]:
    return [order for order in orders if order.task_id not in task_ids]


def _on_do_not_call_list(orders: Sequence[CallOrder]) -> list[_ForbiddenCall]:
    phones = [order.phone for order in orders]
    listed = set(DoNotCallEntry.objects.filter(phone__in=phones).values_list("phone", flat=True))
    return [
        _ForbiddenCall(order=order, step=Step.DO_NOT_CALL, reason=ON_DO_NOT_CALL_LIST)
        for order in orders
        if order.phone in listed
    ]


def _forbidden_by_guard(
    orders: Sequence[CallOrder], answers: Mapping[int, str | None]
) -> list[_ForbiddenCall]:
    return [
        _ForbiddenCall(order=order, step=Step.GUARD, reason=reason)
        for order in orders
        if (reason := answers.get(order.task_id)) is not None
    ]


def _talking(orders: Sequence[CallOrder]) -> set[int]:
    """Tasks whose client is talking with an operator, in any campaign."""
    with connection.cursor() as cursor:
        cursor.execute(TALKING_PHONES, [[order.phone for order in orders]])
        phones = {phone for (phone,) in cursor.fetchall()}
    return {order.task_id for order in orders if order.phone in phones}


@transaction.atomic
def _end(forbidden: Sequence[_ForbiddenCall]) -> None:
    """Make the tasks DONE as forbidden, with a row of the ledger for each that was still NEW."""
    for reason in sorted({call.reason for call in forbidden}):
        calls = [call for call in forbidden if call.reason == reason]
        move = Move(TaskState.NEW, TaskState.DONE, why=reason[:255], outcome=TaskOutcome.FORBIDDEN)
        won = set(apply_move([call.order.task_id for call in calls], move))
        record_decisions(
            _decision(call.order, call.step, DecisionVerdict.STOPPED, reason)
            for call in calls
            if call.order.task_id in won
        )


@transaction.atomic
def _retry_guard_later(orders: Sequence[CallOrder], now: datetime) -> None:
    """Postpone the tasks, with a row of the ledger for each."""
    if orders:
        postpone([order.task_id for order in orders], now + UNANSWERED_GUARD_WAITS)
        record_decisions(
            _decision(order, Step.GUARD, DecisionVerdict.WAITING, GUARD_UNANSWERED)
            for order in orders
        )


@transaction.atomic
def _hand_over(orders: Sequence[CallOrder], now: datetime) -> int:
    move = Move(TaskState.NEW, TaskState.IN_PROGRESS, why=gettext_noop("handed to telephony"))
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
