"""Cancels, puts off, reorders and puts back tasks as a person in the back office asks.

Tasks are taken a thousand at a time, each thousand in a transaction of its own: a call that starts
meanwhile waits for a moment only. Rows are locked campaign, task, order, as everywhere. Whatever
``preview`` says of a task is said by the same rules that the change then goes by.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from apps.campaigns.engine.candidates import lock_campaigns
from apps.campaigns.engine.orders import withdraw_orders_of
from apps.campaigns.engine.restoring import not_restorable
from apps.campaigns.engine.transitions import Move, apply_move, lock_tasks
from apps.campaigns.ledger import record_decisions
from apps.campaigns.models import CallOrder, CampaignTask
from apps.campaigns.states import (
    LIVE_ORDER_STATES,
    UNFINISHED,
    OrderState,
    TaskOutcome,
    TaskPriority,
    TaskState,
)
from apps.campaigns.types import (
    AskedBy,
    ChangedTasks,
    DecisionVerdict,
    LeftBecause,
    NewDecision,
    Step,
)
from common.announce import announce
from common.clock import moscow_minute

TASKS_AT_ONCE = 1_000  # locked at a time: a call event waits for less than a second

# rules of the ledger
CANCELLED, POSTPONED, PUT_BACK = "CANCELLED", "POSTPONED", "PUT_BACK"

Left = dict[int, LeftBecause]


def cancel_tasks(task_ids: Sequence[int], by: AskedBy) -> ChangedTasks:
    """End these tasks: nobody calls their clients in these campaigns, also not at a callback that
    was promised. What waits in telephony's queue is withdrawn from it.

    A call that goes on, or whose result is awaited, is not cut: its task is left.
    """
    return _in_batches(task_ids, lambda batch: _cancel(batch, by))


def postpone_tasks(task_ids: Sequence[int], until: datetime, by: AskedBy) -> ChangedTasks:
    """Call these clients at ``until`` and not before; a promised callback moves with its task.

    ``until`` is after now. What waits in telephony's queue is withdrawn, and comes back then.
    """
    return _in_batches(task_ids, lambda batch: _postpone(batch, until, by))


def prioritise_tasks(task_ids: Sequence[int], priority: TaskPriority, by: AskedBy) -> ChangedTasks:
    """Hand these tasks to telephony before, or after, the others of their campaigns. What is in
    telephony's queue already keeps its place there."""
    return _in_batches(task_ids, lambda batch: _prioritise(batch, priority, by))


def give_callbacks(task_ids: Sequence[int], operator_id: int, by: AskedBy) -> ChangedTasks:
    """Make this operator the one who owes these callbacks."""
    return _in_batches(task_ids, lambda batch: _give(batch, operator_id, by))


def put_back_tasks(task_ids: Sequence[int], by: AskedBy, now: datetime) -> ChangedTasks:
    """Make tasks NEW that a person had cancelled, at the time that they had, or at once.

    Left is whose application has changed since, who asked not to be called, and whoever has no
    attempts left.
    """
    return _in_batches(task_ids, lambda batch: _put_back(batch, by, now))


def preview(rule: Callable[[Sequence[int]], Left], task_ids: Sequence[int]) -> ChangedTasks:
    """What a change by this rule would do now: ``not_open``, ``not_owed`` or ``not_restorable``.
    Changes and locks nothing."""
    return _in_batches(task_ids, lambda batch: _sorted(batch, rule(batch)))


def not_open(task_ids: Sequence[int]) -> Left:
    """Those of these tasks that cannot be cancelled or put off, each with the reason."""
    over = CampaignTask.objects.filter(
        pk__in=task_ids, task_state=TaskState.DONE, redial_at__isnull=True
    )
    in_a_call = CallOrder.objects.filter(task__in=task_ids, state__in=LIVE_ORDER_STATES)
    left = dict.fromkeys(over.values_list("pk", flat=True), LeftBecause.OVER)
    live = in_a_call.values_list("task_id", flat=True)
    return left | dict.fromkeys(live, LeftBecause.IN_A_CALL)


def not_owed(task_ids: Sequence[int]) -> Left:
    """Those of these tasks in which no callback is owed, each with the reason."""
    none = CampaignTask.objects.filter(pk__in=task_ids, callback_at__isnull=True)
    promised_none = dict.fromkeys(none.values_list("pk", flat=True), LeftBecause.NO_CALLBACK)
    return promised_none | not_open(task_ids)


def _in_batches(
    task_ids: Sequence[int], change: Callable[[list[int]], ChangedTasks]
) -> ChangedTasks:
    changed = ChangedTasks()
    for batch in _batches(sorted(set(task_ids))):
        changed.add(change(batch))
    return changed


def _batches(task_ids: Sequence[int]) -> Iterator[list[int]]:
    ids = iter(task_ids)
    while batch := list(islice(ids, TASKS_AT_ONCE)):
        yield batch


def _sorted(task_ids: Sequence[int], left: Mapping[int, LeftBecause]) -> ChangedTasks:
    changed = [task_id for task_id in task_ids if task_id not in left]
    queued = CallOrder.objects.filter(task__in=changed, state=OrderState.QUEUED)
    found = ChangedTasks(changed=changed, withdrawn=queued.count())
    found.leave(left)
    return found


@transaction.atomic
def _cancel(task_ids: list[int], by: AskedBy) -> ChangedTasks:
    locked = lock_tasks(task_ids)
    found = _sorted(locked, not_open(locked))
    for state in UNFINISHED:
        moved = apply_move(found.changed, _move(state, TaskState.DONE, by.why, by))
        withdraw_orders_of(moved)
    # the time is kept, so that a task that is put back has it again
    waiting = _waiting_for_redial(found.changed)
    done = _move(TaskState.DONE, TaskState.DONE, by.why, by)
    apply_move(waiting, done, task_time=F("redial_at"), redial_at=None)
    _record(found.changed, CANCELLED, DecisionVerdict.STOPPED, by.why)
    return found


def _waiting_for_redial(task_ids: Sequence[int]) -> list[int]:
    waiting = CampaignTask.objects.filter(pk__in=task_ids, redial_at__isnull=False)
    return list(waiting.values_list("pk", flat=True))


@transaction.atomic
def _postpone(task_ids: list[int], until: datetime, by: AskedBy) -> ChangedTasks:
    locked = lock_tasks(task_ids)
    found = _sorted(locked, not_open(locked))
    why = _("put off until %(moment)s (Moscow): %(why)s") % {
        "moment": moscow_minute(until),
        "why": by.why,
    }
    open_tasks = CampaignTask.objects.filter(pk__in=found.changed)
    open_tasks.filter(callback_at__isnull=False).update(callback_at=until)
    _retrace(open_tasks, why, by, task_time=until)
    waiting = open_tasks.filter(redial_at__isnull=False)
    waiting.update(redial_at=until)
    withdraw_orders_of(found.changed)
    _record(found.changed, POSTPONED, DecisionVerdict.WAITING, why)
    return found


@transaction.atomic
def _prioritise(task_ids: list[int], priority: TaskPriority, by: AskedBy) -> ChangedTasks:
    locked = lock_tasks(task_ids)
    found = _sorted(locked, not_open(locked))
    found.withdrawn = 0
    why = _("priority: %(priority)s. %(why)s") % {"priority": priority.label, "why": by.why}
    _retrace(CampaignTask.objects.filter(pk__in=found.changed), why, by, priority=priority)
    return found


@transaction.atomic
def _give(task_ids: list[int], operator_id: int, by: AskedBy) -> ChangedTasks:
    locked = lock_tasks(task_ids)
    found = _sorted(locked, not_owed(locked))
    found.withdrawn = 0
    why = _("the callback was given to another operator: %(why)s") % {"why": by.why}
    tasks = CampaignTask.objects.filter(pk__in=found.changed)
    _retrace(tasks, why, by, callback_operator_id=operator_id)
    return found


@transaction.atomic
def _put_back(task_ids: list[int], by: AskedBy, now: datetime) -> ChangedTasks:
    tasks = CampaignTask.objects.filter(pk__in=task_ids)
    lock_campaigns(tasks.values_list("campaign_id", flat=True))
    locked = lock_tasks(task_ids)
    found = _sorted(locked, not_restorable(locked))
    # at its own time, but never in the past: the oldest start is called first
    move = Move(TaskState.DONE, TaskState.NEW, by.why, operator_id=by.operator_id)
    apply_move(found.changed, move, task_time=Greatest(F("task_time"), Value(now)))
    _record(found.changed, PUT_BACK, DecisionVerdict.PASSED, by.why)
    announce("apps.campaigns.tasks.hand_over")
    return found


def _retrace(tasks: QuerySet[CampaignTask], why: str, by: AskedBy, **values: object) -> None:
    """Change these values of tasks that stay in their state, with a trace of it."""
    for state, outcome in tasks.order_by().values_list("task_state", "outcome").distinct():
        alike = tasks.filter(Q(outcome=outcome) if outcome else Q(outcome__isnull=True))
        ids = list(alike.filter(task_state=state).values_list("pk", flat=True))
        here = TaskState(state)
        kept = TaskOutcome(outcome) if outcome else None
        apply_move(ids, Move(here, here, why[:255], kept, by.operator_id), **values)


def _move(origin: TaskState, target: TaskState, why: str, by: AskedBy) -> Move:
    return Move(origin, target, why, TaskOutcome.CANCELLED, by.operator_id)


def _record(task_ids: Sequence[int], rule: str, verdict: DecisionVerdict, reason: str) -> None:
    tasks = CampaignTask.objects.filter(pk__in=task_ids).order_by("pk")
    record_decisions(
        NewDecision(
            step=Step.BACK_OFFICE,
            verdict=verdict,
            rule=rule,
            reason=reason,
            phone=phone,
            source_key=source_key,
            campaign_id=campaign_id,
            task_id=task_id,
        )
        for task_id, phone, source_key, campaign_id in tasks.values_list(
            "pk", "phone", "source_key", "campaign_id"
        )
    )
