"""The rows that a batch of call events speaks of: locked, read and written in bulk.

Rows are locked operator, task, order, call, communication, each kind in the order of its keys, as
everywhere in the engine: two batches, a saved result and a sweep never deadlock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Max, Model, Q

from apps.campaigns.engine.follow_ups import Conversation, end_calls_for_ever, settle
from apps.campaigns.engine.orders import withdraw_orders
from apps.campaigns.engine.redial import Limits
from apps.campaigns.engine.transitions import (
    TASK_FIELDS,
    TracedMove,
    lock_tasks_of_clients,
    write_tasks,
)
from apps.campaigns.ledger import record_decisions
from apps.campaigns.models import Call, CallOrder, CampaignTask, Communication, RedialRule
from apps.campaigns.states import CommunicationState, OrderState
from apps.campaigns.types import (
    CallEffects,
    CallEvent,
    Meaning,
    NewDecision,
    SystemDisposition,
)
from apps.security import services as security
from common.bulk_update import update_rows

ORDER_FIELDS = ("state", "ended_at", "ending", "is_attempt")
CALL_FIELDS = (
    "communication_id",
    "operator_id",
    "dialled_at",
    "ringing_at",
    "connected_at",
    "ended_at",
    "system_disposition",
    "hung_up_by",
    "cause",
    "recording",
)
COMMUNICATION_FIELDS = ("state", "ended_at")
ASKING_FOR_A_CALL = (Meaning.REDIAL, Meaning.CALLBACK)

Row = TypeVar("Row", bound=Model)


@dataclass(slots=True)
class LockedRows:
    """The locked rows of a batch, and what its events have changed so far."""

    tasks: dict[int, CampaignTask]
    orders: dict[int, CallOrder]
    calls: dict[str, Call]
    communications: dict[int, Communication]
    # the communication in state NEW that each operator is in
    live_of_operator: dict[int, Communication]
    # task id → its latest order, the only one whose events move the task
    latest_orders: dict[int, int]
    # open orders of the clients concerned, also those that no event of the batch speaks of
    open_orders: list[CallOrder]
    limits: dict[int, Limits]  # by campaign
    # tasks whose last saved result was final: no later call that reaches nobody brings a redial
    finally_answered: set[int]
    before: dict[str, dict[Any, tuple[Any, ...]]] = field(default_factory=dict)
    moves: list[TracedMove] = field(default_factory=list)
    to_withdraw: list[int] = field(default_factory=list)
    started: list[Call] = field(default_factory=list)
    ended: list[Call] = field(default_factory=list)
    drafted_operator_ids: set[int] = field(default_factory=set)
    decisions: list[NewDecision] = field(default_factory=list)

    def call_of(self, event: CallEvent) -> Call:
        """The call that the event speaks of, a new one where it is the first to do so.

        Raises ValueError where telephony reports the call of another order.
        """
        call = self.calls.get(event.call_key)
        if call is None:
            order = self.orders[event.order_id]
            call = self.calls[event.call_key] = Call(call_key=event.call_key, order=order)
        if call.order_id != event.order_id:
            raise ValueError(f"call of order {call.order_id} reported for {event.order_id}")
        return call

    def task_of(self, order: CallOrder) -> CampaignTask:
        return self.tasks[order.task_id]

    def is_latest(self, order: CallOrder) -> bool:
        """Whether the order is its task's latest: only then its events move the task."""
        return self.latest_orders[order.task_id] == order.pk

    def open_order_of(self, phone: str) -> CallOrder | None:
        """The open order of the client; None: the client is not engaged."""
        of_batch = (order for order in self.orders.values() if order.phone == phone)
        elsewhere = (o for o in self.open_orders if o.phone == phone and o.pk not in self.orders)
        found = (order for order in of_batch if order.state != OrderState.CLOSED)
        return next(found, None) or next(elsewhere, None)

    def order_of(self, communication: Communication) -> CallOrder | None:
        """The order whose call this communication is; None where there was no call."""
        for call in self.calls.values():
            if call.communication is communication:
                return call.order
        return None


def lock_rows(events: Sequence[CallEvent]) -> LockedRows:
    """Lock and read what the events speak of. Runs in the caller's transaction."""
    operator_ids = {event.operator_id for event in events if event.operator_id is not None}
    # an operator's conversations start one after the other, whichever feeds report them
    security.select_for_update(operator_ids)
    order_ids = {event.order_id for event in events}
    live = Communication.objects.filter(operator__in=operator_ids, state=CommunicationState.NEW)
    live_ids = set(live.values_list("pk", flat=True))
    order_ids |= set(
        Call.objects.filter(communication__in=live_ids).values_list("order_id", flat=True)
    )
    of_orders = CallOrder.objects.filter(pk__in=order_ids).values_list("task_id", "phone")
    task_ids = {task_id for task_id, _ in of_orders}
    task_ids |= set(live.values_list("campaign_task_id", flat=True))
    lock_tasks_of_clients({phone for _, phone in of_orders}, task_ids)
    tasks = {
        t.pk: t for t in CampaignTask.objects.filter(pk__in=task_ids).select_related("campaign")
    }
    locked = CallOrder.objects.select_for_update().filter(pk__in=order_ids).order_by("pk")
    orders = {order.pk: order for order in locked}
    calls = _locked_calls(events, live_ids, orders)
    communications = _locked_communications(calls.values(), live_ids)
    for call in calls.values():
        if call.communication_id is not None:
            call.communication = communications[call.communication_id]
    rows = LockedRows(
        tasks=tasks,
        orders=orders,
        calls=calls,
        communications=communications,
        live_of_operator={
            row.operator_id: row
            for row in communications.values()
            if row.state == CommunicationState.NEW
        },
        latest_orders=_latest_orders(task_ids),
        open_orders=_open_orders(orders.values()),
        limits=_limits({task.campaign for task in tasks.values()}),
        finally_answered=_finally_answered(task_ids),
    )
    rows.before = _snapshot(rows)
    return rows


def _finally_answered(task_ids: set[int]) -> set[int]:
    saved = Communication.objects.filter(campaign_task__in=task_ids, state=CommunicationState.FIXED)
    last = saved.order_by("campaign_task_id", "-fixed_at", "-pk").distinct("campaign_task_id")
    return {
        task_id
        for task_id, meaning in last.values_list("campaign_task_id", "disposition__meaning")
        if meaning not in ASKING_FOR_A_CALL
    }


def _locked_calls(
    events: Sequence[CallEvent], live_ids: set[int], orders: dict[int, CallOrder]
) -> dict[str, Call]:
    keys = {event.call_key for event in events if event.call_key}
    going_on = Q(order__in=orders, ended_at__isnull=True)
    wanted = Q(call_key__in=keys) | Q(communication__in=live_ids) | going_on
    found = Call.objects.select_for_update().filter(wanted).order_by("pk")
    calls = {call.call_key: call for call in found}
    for call in calls.values():
        if call.order_id in orders:
            call.order = orders[call.order_id]
    return calls


def _locked_communications(calls: Iterable[Call], live_ids: set[int]) -> dict[int, Communication]:
    wanted = live_ids | {call.communication_id for call in calls if call.communication_id}
    rows = Communication.objects.select_for_update(of=("self",)).select_related("disposition")
    return {row.pk: row for row in rows.filter(pk__in=wanted).order_by("pk")}


def _latest_orders(task_ids: set[int]) -> dict[int, int]:
    latest = CallOrder.objects.filter(task__in=task_ids).values("task_id")
    return {row["task_id"]: row["last"] for row in latest.annotate(last=Max("pk"))}


def _open_orders(orders: Iterable[CallOrder]) -> list[CallOrder]:
    phones = {order.phone for order in orders}
    return list(CallOrder.objects.filter(phone__in=phones).exclude(state=OrderState.CLOSED))


def _limits(campaigns: Iterable[Any]) -> dict[int, Limits]:
    by_id = {campaign.pk: campaign for campaign in campaigns}
    delays: dict[int, dict[SystemDisposition, int]] = {pk: {} for pk in by_id}
    rules = RedialRule.objects.filter(campaign__in=by_id)
    for campaign_id, disposition, minutes in rules.values_list(
        "campaign_id", "system_disposition", "delay_minutes"
    ):
        delays[campaign_id][SystemDisposition(disposition)] = minutes
    return {pk: Limits(delays[pk], campaign.max_attempts) for pk, campaign in by_id.items()}


def _values(row: Model, fields: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in fields)


def _snapshot(rows: LockedRows) -> dict[str, dict[Any, tuple[Any, ...]]]:
    return {
        "tasks": {pk: _values(row, TASK_FIELDS) for pk, row in rows.tasks.items()},
        "orders": {pk: _values(row, ORDER_FIELDS) for pk, row in rows.orders.items()},
        "calls": {row.pk: _values(row, CALL_FIELDS) for row in rows.calls.values()},
        "communications": {
            pk: _values(row, COMMUNICATION_FIELDS) for pk, row in rows.communications.items()
        },
    }


def _changed(
    rows: Iterable[Row], fields: Sequence[str], before: dict[Any, tuple[Any, ...]]
) -> list[Row]:
    return [row for row in rows if _values(row, fields) != before.get(row.pk)]


def write_rows(rows: LockedRows) -> CallEffects:
    """Write what has changed and return what that means for operators."""
    before = rows.before
    _write_conversations(rows)
    _write_orders(rows)
    withdraw_orders(rows.to_withdraw)
    settled = settle(_conversations_with_result(rows))
    tasks = _changed(rows.tasks.values(), TASK_FIELDS, before["tasks"])
    write_tasks(tasks, [*rows.moves, *settled.moves])
    end_calls_for_ever(settled)
    if rows.decisions:
        record_decisions(rows.decisions)
    started = [call.communication for call in rows.started if call.communication]
    ended = {call.communication.operator_id for call in rows.ended if call.communication}
    return CallEffects(
        operator_ids=frozenset(ended | {communication.operator_id for communication in started}),
        started_communication_ids=tuple(communication.pk for communication in started),
        ended_operator_ids=frozenset(ended),
        drafted_operator_ids=frozenset(rows.drafted_operator_ids),
    )


def _write_orders(rows: LockedRows) -> None:
    """Closed ones first: a phone has one open order at a time, also within a statement."""
    changed = _changed(rows.orders.values(), ORDER_FIELDS, rows.before["orders"])
    update_rows([one for one in changed if one.state == OrderState.CLOSED], ORDER_FIELDS)
    update_rows([one for one in changed if one.state != OrderState.CLOSED], ORDER_FIELDS)


def _write_conversations(rows: LockedRows) -> None:
    """Drafts first: an operator has one communication in state NEW at a time."""
    known = rows.communications.values()
    changed = _changed(known, COMMUNICATION_FIELDS, rows.before["communications"])
    update_rows(changed, COMMUNICATION_FIELDS)
    Communication.objects.bulk_create(
        call.communication for call in rows.started if call.communication
    )
    for call in rows.started:
        call.communication = call.communication  # takes over the key that it has now
    Call.objects.bulk_create(call for call in rows.calls.values() if call.pk is None)
    kept = [call for call in rows.calls.values() if call.pk in rows.before["calls"]]
    update_rows(_changed(kept, CALL_FIELDS, rows.before["calls"]), CALL_FIELDS)


def _conversations_with_result(rows: LockedRows) -> list[Conversation]:
    """Conversations that have just ended and whose result was saved while they went on."""
    ended = [(call, call.communication) for call in rows.ended if call.communication]
    return [
        Conversation(
            communication=communication,
            task=rows.tasks[call.order.task_id],
            order_id=call.order_id,
            blocked_from=communication.ended_at or communication.started_at,
        )
        for call, communication in ended
        if communication.state == CommunicationState.FIXED
    ]
