"""Hands due tasks to telephony, as many as operators can use [source 2.6.3]."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.campaigns.attention import handled, known_keys, set_aside, waiting_keys
from apps.campaigns.engine.calling_hours import Hours, Week, Window, open_window
from apps.campaigns.engine.do_not_call import ON_DO_NOT_CALL_LIST
from apps.campaigns.engine.orders import place_orders
from apps.campaigns.engine.transitions import Move, apply_move, lock_tasks
from apps.campaigns.ledger import record_decisions
from apps.campaigns.models import CallOrder, Campaign, CampaignTask, DoNotCallEntry
from apps.campaigns.ports import call_guard, dialer
from apps.campaigns.states import (
    AttentionKind,
    OrderState,
    TaskOutcome,
    TaskPriority,
    TaskState,
)
from apps.campaigns.types import DecisionVerdict, DialRequest, DueTask, NewDecision, Step
from common.locks import LockSpace, try_lock

logger = logging.getLogger(__name__)

ORDERS_PER_OPERATOR = 3  # enough that nobody waits, few enough that a pause takes effect soon
TASKS_AT_ONCE = 1_000  # one round of locks and inserts; larger gained nothing
IN_FLIGHT = (OrderState.QUEUED, OrderState.WITHDRAWING, OrderState.CALLING)
UNANSWERED_GUARD_WAITS = timedelta(minutes=5)

HANDED_OVER = gettext_noop("handed to telephony")
GUARD_UNANSWERED = gettext_noop(
    "the check before the call could not be made; it is asked again later"
)

# A client with an open order, in any campaign, is engaged: their tasks are passed over.
# Each priority is a range of the index: tasks that are not due are never read.
DUE_TASKS = """
SELECT due.id, due.phone, due.source_key
FROM unnest(%(priorities)s::smallint[]) AS level (priority)
CROSS JOIN LATERAL (
    SELECT id, phone, source_key, task_time FROM "tm$campaign_tasks" AS task
    WHERE campaign_id = %(campaign)s AND task_state = 'NEW' AND task.priority = level.priority
      AND task_time <= %(now)s AND NOT id = ANY(%(aside)s)
      AND NOT EXISTS (
        SELECT FROM "tm$call_orders" AS call_order
        WHERE call_order.phone = task.phone AND NOT (call_order.state = 'CLOSED')
      )
    ORDER BY task_time, id LIMIT %(limit)s
) AS due
ORDER BY level.priority DESC, due.task_time, due.id LIMIT %(limit)s
"""
WAIT_UNTIL = """
UPDATE "tm$campaign_tasks" SET task_time = %s
WHERE id = ANY(%s) AND task_state = 'NEW' AND task_time < %s
"""


@dataclass(frozen=True, slots=True)
class _Forbidden:
    """A task that must not be called, with the step that says so and its reason in words."""

    task: DueTask
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
    one at a time. A campaign or a task that raises an unexpected error is set aside with it and
    holds up no other.
    """
    aside = known_keys(AttentionKind.CAMPAIGN)
    waiting = waiting_keys(AttentionKind.CAMPAIGN, now) if aside else set()
    handed_over = 0
    for campaign in Campaign.objects.filter(active=True).order_by("-priority", "pk"):
        if str(campaign.pk) in waiting:
            continue
        try:
            handed_over += _sweep(campaign, now)
        except Exception as error:  # noqa: BLE001 - the barrier of one campaign
            set_aside(AttentionKind.CAMPAIGN, campaign.pk, error, now)
        else:
            if str(campaign.pk) in aside:
                handled(AttentionKind.CAMPAIGN, [campaign.pk])
    return handed_over


def _sweep(campaign: Campaign, now: datetime) -> int:
    window = open_window(week_of(campaign), now)
    if window is None:
        return 0
    with try_lock(LockSpace.HAND_OVER, campaign.pk) as won:
        if not won:
            return 0
        handed_over = 0
        while tasks := _due_tasks(campaign, now):
            allowed = _allowed(tasks, now)
            placed = _hand_over(allowed, campaign, window, now)
            _forget_errors(allowed)
            handed_over += placed
            if placed == 0 and len(allowed) == len(tasks):
                break  # all of them are in somebody else's hands: the next sweep looks again
        return handed_over


def _forget_errors(tasks: Sequence[DueTask]) -> None:
    """Tasks that were set aside and went well at last need no attention any more."""
    if known_keys(AttentionKind.CAMPAIGN_TASK):
        handled(AttentionKind.CAMPAIGN_TASK, [task.task_id for task in tasks])


def _due_tasks(campaign: Campaign, now: datetime) -> list[DueTask]:
    room = _room(campaign)
    if room <= 0:
        return []
    aside = [int(key) for key in waiting_keys(AttentionKind.CAMPAIGN_TASK, now)]
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {
            "priorities": TaskPriority.values,
            "campaign": campaign.pk,
            "now": now,
            "aside": aside,
            "limit": min(room, TASKS_AT_ONCE),
        }
        cursor.execute(DUE_TASKS, asked)
        return [
            DueTask(task_id=task_id, campaign_id=campaign.pk, phone=phone, source_key=source_key)
            for task_id, phone, source_key in cursor.fetchall()
        ]


def _room(campaign: Campaign) -> int:
    """How many more orders the campaign may have in flight: in telephony's queue, or being called.

    All campaigns share the operators: those of higher priority are swept first and take the
    places; each has at least its own minimum.
    """
    in_flight = CallOrder.objects.filter(state__in=IN_FLIGHT)
    counts = dict(in_flight.order_by().values_list("campaign_id").annotate(orders=Count("pk")))
    shared = ORDERS_PER_OPERATOR * dialer().operators_on_line() - sum(counts.values())
    own: int = campaign.min_in_flight - counts.get(campaign.pk, 0)
    return max(shared, own)


def _allowed(tasks: Sequence[DueTask], now: datetime) -> list[DueTask]:
    """The tasks that every check lets through; the others end or wait, and the ledger says why."""
    forbidden = _on_do_not_call_list(tasks)
    checked = _without(tasks, {one.task.task_id for one in forbidden})
    answers = _guard_answers(checked, now)
    forbidden += [
        _Forbidden(task, Step.GUARD, reason)
        for task in checked
        if (reason := answers.get(task.task_id)) is not None
    ]
    _forbid(forbidden)
    unanswered = [t for t in checked if t.task_id in answers and answers[t.task_id] is None]
    _wait_for_guard(unanswered, now)
    return _without(checked, set(answers))


def _guard_answers(tasks: Sequence[DueTask], now: datetime) -> Mapping[int, str | None]:
    """What the domain's guard says; a task that makes it raise is set aside, unanswered."""
    try:
        return call_guard().forbidden(tasks)
    except Exception as error:  # noqa: BLE001 - the barrier of one task
        if len(tasks) == 1:
            (sick,) = tasks
            set_aside(AttentionKind.CAMPAIGN_TASK, sick.task_id, error, now)
            return {sick.task_id: None}
    middle = len(tasks) // 2
    return {**_guard_answers(tasks[:middle], now), **_guard_answers(tasks[middle:], now)}


def _without(tasks: Sequence[DueTask], task_ids: set[int]) -> list[DueTask]:
    return [task for task in tasks if task.task_id not in task_ids]


def _on_do_not_call_list(tasks: Sequence[DueTask]) -> list[_Forbidden]:
    listed = set(
        DoNotCallEntry.objects.filter(phone__in=[task.phone for task in tasks]).values_list(
            "phone", flat=True
        )
    )
    return [
        _Forbidden(task, Step.DO_NOT_CALL, ON_DO_NOT_CALL_LIST)
        for task in tasks
        if task.phone in listed
    ]


@transaction.atomic
def _forbid(forbidden: Sequence[_Forbidden]) -> None:
    lock_tasks(one.task.task_id for one in forbidden)  # all at once, not reason by reason
    for reason in sorted({one.reason for one in forbidden}):
        alike = [one for one in forbidden if one.reason == reason]
        move = Move(TaskState.NEW, TaskState.DONE, reason[:255], TaskOutcome.FORBIDDEN)
        moved = set(apply_move([one.task.task_id for one in alike], move))
        record_decisions(
            _decision(one.task, one.step, DecisionVerdict.STOPPED, reason)
            for one in alike
            if one.task.task_id in moved
        )


@transaction.atomic
def _wait_for_guard(tasks: Sequence[DueTask], now: datetime) -> None:
    if not tasks:
        return
    lock_tasks(task.task_id for task in tasks)
    until = now + UNANSWERED_GUARD_WAITS
    with connection.cursor() as cursor:
        cursor.execute(WAIT_UNTIL, [until, [task.task_id for task in tasks], until])
    record_decisions(
        _decision(task, Step.GUARD, DecisionVerdict.WAITING, GUARD_UNANSWERED) for task in tasks
    )


@transaction.atomic
def _hand_over(tasks: Sequence[DueTask], campaign: Campaign, window: Window, now: datetime) -> int:
    """Place an order for each task that is still new and whose client is still not engaged."""
    by_id = {task.task_id: task for task in tasks}
    still_new = CampaignTask.objects.select_for_update(skip_locked=True).filter(
        pk__in=by_id, task_state=TaskState.NEW
    )
    locked = set(still_new.order_by("pk").values_list("pk", flat=True))
    in_turn = [task.task_id for task in tasks if task.task_id in locked]
    orders = place_orders(in_turn, now, window.closes)
    apply_move(orders, Move(TaskState.NEW, TaskState.IN_PROGRESS, HANDED_OVER))
    dialer().add_calls(
        [
            DialRequest(
                order_id=order_id,
                task_id=task_id,
                campaign_id=campaign.pk,
                phone=by_id[task_id].phone,
                priority=campaign.priority,
                expires_at=window.closes,
            )
            for task_id in in_turn
            if (order_id := orders.get(task_id)) is not None
        ]
    )
    return len(orders)


def _decision(task: DueTask, step: Step, verdict: DecisionVerdict, reason: str) -> NewDecision:
    return NewDecision(
        step=step,
        verdict=verdict,
        rule=step,
        reason=_(reason),
        phone=task.phone,
        source_key=task.source_key,
        campaign_id=task.campaign_id,
        task_id=task.task_id,
    )
