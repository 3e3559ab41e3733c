"""What a saved result asks for: no further call, a redial, a callback, or never again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_noop

from apps.campaigns.engine.do_not_call import never_call_again
from apps.campaigns.engine.orders import withdraw_orders
from apps.campaigns.engine.redial import FollowUp, after_redial_result
from apps.campaigns.engine.transitions import Move, TracedMove, move_in_memory
from apps.campaigns.models import CallOrder, CampaignTask, Communication, Disposition
from apps.campaigns.states import LIVE_ORDER_STATES, OrderState, TaskOutcome, TaskState
from apps.campaigns.types import Meaning
from common.clock import parse_moment

RESULT_ENDS_TASK = gettext_noop("the result of the conversation decides")
# outcomes that no result of an earlier conversation changes
SETTLED_ELSEWHERE = frozenset(
    {
        TaskOutcome.SUPERSEDED,
        TaskOutcome.FORBIDDEN,
        TaskOutcome.WITHDRAWN,
        TaskOutcome.CANCELLED,
    }
)

# A newer task has taken the place of the one that was talked about: the block holds for it too,
# and so does what the client was promised.
POSTPONE_NEWER = """
UPDATE "tm$campaign_tasks" AS newer
SET task_time = asked.until, callback_at = asked.callback_at,
    callback_operator_id = asked.callback_operator_id
FROM unnest(%s::bigint[], %s::text[], %s::bigint[],
        %s::timestamptz[], %s::timestamptz[], %s::bigint[])
    AS asked (campaign_id, phone, task_id, until, callback_at, callback_operator_id)
WHERE newer.campaign_id = asked.campaign_id AND newer.phone = asked.phone
  AND newer.id <> asked.task_id AND newer.task_state = 'NEW' AND newer.task_time < asked.until
"""
WITH_NEWER = """
SELECT asked.task_id FROM unnest(%s::bigint[], %s::text[], %s::bigint[])
    AS asked (campaign_id, phone, task_id)
JOIN "tm$campaign_tasks" AS newer
    ON newer.campaign_id = asked.campaign_id AND newer.phone = asked.phone
WHERE newer.id <> asked.task_id AND newer.task_state IN ('NEW', 'IN_PROGRESS')
"""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation that has ended and has its result, with its task; both rows are locked."""

    communication: Communication
    task: CampaignTask
    order_id: int
    blocked_from: datetime  # the end of the call, or the moment of saving where that is later


@dataclass(slots=True)
class Settled:
    """What settling changed: tasks in memory and their moves, and what else is to be written."""

    moves: list[TracedMove] = field(default_factory=list)
    never_again: list[Communication] = field(default_factory=list)
    # tasks that do not follow the result: a later call goes on, or something else ended them
    left: set[int] = field(default_factory=set)


def settle(conversations: Sequence[Conversation]) -> Settled:
    """Do with the tasks what the results ask for.

    The tasks are changed in memory: the caller writes them with their moves, and after that calls
    ``end_calls_for_ever``. A result clears every redial that waits for its task, also one that has
    made the task new, or has brought it to telephony's queue again; only a later call that goes on
    is left to its own result. Whoever asked never to be called again is listed in any case.
    """
    settled = Settled()
    tasks = [one.task for one in conversations]
    replaced, later = _tasks_with_a_newer_one(tasks), _later_orders(conversations)
    blocks: list[tuple[CampaignTask, FollowUp]] = []
    for one in conversations:
        disposition = one.communication.disposition
        if disposition is None:
            continue
        if disposition.meaning == Meaning.NEVER_AGAIN:
            settled.never_again.append(one.communication)
            continue
        if _is_called_again(later.get(one.task.pk, ())):
            settled.left.add(one.task.pk)
            continue
        follow_up = _follow_up(one, disposition)
        if one.task.pk in replaced:
            if follow_up.redial_at is not None:
                blocks.append((one.task, follow_up))
            follow_up = FollowUp(TaskOutcome.CALLED)
        settled.moves += _apply(one.task, follow_up)
        if one.task.outcome in SETTLED_ELSEWHERE:
            settled.left.add(one.task.pk)
    withdraw_orders([order.pk for orders in later.values() for order in orders])
    _postpone_newer(blocks)
    return settled


def end_calls_for_ever(settled: Settled) -> None:
    """Put the clients who asked never to be called again on the do-not-call list."""
    for communication in settled.never_again:
        reason = communication.disposition.result if communication.disposition else ""
        never_call_again(communication.phone, reason, communication.pk)


def _follow_up(one: Conversation, disposition: Disposition) -> FollowUp:
    if one.task.withdrawal_reason:
        return FollowUp(TaskOutcome.WITHDRAWN)
    match disposition.meaning:
        case Meaning.CALLBACK:
            at = _callback_at(one.communication.result_details)
            return FollowUp(TaskOutcome.CALLED, at, promised_by=one.communication.operator_id)
        case Meaning.REDIAL:
            return after_redial_result(
                disposition.block_minutes,
                one.task.attempts,
                one.task.campaign.max_attempts,
                one.blocked_from,
            )
        case _:
            return FollowUp(TaskOutcome.CALLED)


def _callback_at(details: dict[str, Any]) -> datetime:
    return parse_moment(details["callback_at"])


def _apply(task: CampaignTask, follow_up: FollowUp) -> list[TracedMove]:
    if task.task_state == TaskState.DONE and task.outcome in SETTLED_ELSEWHERE:
        task.redial_at = None
        return []
    task.redial_at, task.callback_operator_id = follow_up.redial_at, follow_up.promised_by
    task.callback_at = follow_up.redial_at if follow_up.promised_by is not None else None
    if task.task_state == TaskState.DONE:
        task.outcome = follow_up.outcome
        return []
    move = Move(TaskState(task.task_state), TaskState.DONE, RESULT_ENDS_TASK, follow_up.outcome)
    return [move_in_memory(task, move)]


def _later_orders(conversations: Sequence[Conversation]) -> dict[int, list[CallOrder]]:
    """Open orders of each task that a redial placed before this result was known."""
    found: dict[int, list[CallOrder]] = {}
    own = {one.task.pk: one.order_id for one in conversations}
    for order in CallOrder.objects.filter(task__in=own).exclude(state=OrderState.CLOSED):
        if order.pk > own[order.task_id]:
            found.setdefault(order.task_id, []).append(order)
    return found


def _is_called_again(later: Sequence[CallOrder]) -> bool:
    return any(order.state in LIVE_ORDER_STATES for order in later)


def _tasks_with_a_newer_one(tasks: Sequence[CampaignTask]) -> set[int]:
    if not tasks:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(WITH_NEWER, _columns(tasks))
        return {task_id for (task_id,) in cursor.fetchall()}


def _postpone_newer(blocks: Sequence[tuple[CampaignTask, FollowUp]]) -> None:
    if not blocks:
        return
    columns: list[Any] = [
        *_columns([task for task, _ in blocks]),
        [follow_up.redial_at for _, follow_up in blocks],
        [follow_up.redial_at if follow_up.promised_by else None for _, follow_up in blocks],
        [follow_up.promised_by for _, follow_up in blocks],
    ]
    with connection.cursor() as cursor:
        cursor.execute(POSTPONE_NEWER, columns)


def _columns(tasks: Sequence[CampaignTask]) -> list[list[int] | list[str]]:
    return [
        [task.campaign_id for task in tasks],
        [task.phone for task in tasks],
        [task.pk for task in tasks],
    ]
