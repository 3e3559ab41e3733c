"""Applies events, each once: its effects, its id and the feed's cursor are committed together."""

from collections.abc import Iterable, Sequence

from django.db import connection

from apps.arm.services import take_call_events
from apps.campaigns.types import CallEvent, CallEventKind
from apps.telephony.mightycall.transport import CallNews, TelephonyEvent
from apps.telephony.models import MightyCallActiveOperator, MightyCallOperator, MightyCallTask
from apps.telephony.queue.call_queue import mark_ended, order_id_of
from apps.telephony.sessions.operator_sessions import publish_presence
from apps.telephony.states import QueueTaskType
from common import clock

ENDS = frozenset({CallEventKind.ENDED, CallEventKind.EXPIRED, CallEventKind.WITHDRAWN})

# in the order of the ids, so that two feeds with the same events never deadlock
RECORD_EVENTS = """
INSERT INTO "tm$mightycall_events" (event_id, kind)
SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT (event_id) DO NOTHING RETURNING event_id
"""


def take_events(events: Sequence[TelephonyEvent]) -> None:
    """Apply the events that no feed has brought before. Runs in the caller's transaction, which
    also saves the cursor.

    Events of unknown kinds and of calls that we did not order are recorded and change nothing.
    """
    unseen = _record_unseen(events)
    ours = _ours(unseen)
    if ours:
        take_call_events(list(ours.values()))
    _mark_ended_calls(ours.values())
    _reset_closed_sessions({event.closed_session_id for event in unseen if event.closed_session_id})


def call_event(news: CallNews, order_id: int, operator_id: int | None) -> CallEvent:
    """Return the news in the types of the core."""
    ending = news.ending
    return CallEvent(
        kind=news.kind,
        call_key=news.call_key,
        order_id=order_id,
        at=news.at,
        operator_id=operator_id,
        system_disposition=ending.disposition if ending else None,
        hung_up_by=ending.hung_up_by if ending else None,
        cause=ending.cause if ending else "",
        recording=news.recording,
    )


def _record_unseen(events: Sequence[TelephonyEvent]) -> list[TelephonyEvent]:
    """Record the ids of the events. Return the events that were not recorded before, in order."""
    by_id = {event.id: event for event in events}
    ids = sorted(by_id)
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(RECORD_EVENTS, [ids, [by_id[event_id].kind for event_id in ids]])
        unseen = {event_id for (event_id,) in cursor.fetchall()}
    return [event for event_id, event in by_id.items() if event_id in unseen]


def _ours(events: Iterable[TelephonyEvent]) -> dict[str, CallEvent]:
    """Return the events of calls that this installation ordered, by event id."""
    news = [(event, event.call) for event in events if event.call is not None]
    if not news:
        return {}
    orders = _orders_of([call.external_id for _, call in news])
    operators = _operators_of({event.extension for event, _ in news if event.extension})
    return {
        event.id: call_event(call, orders[call.external_id], operators.get(event.extension))
        for event, call in news
        if call.external_id in orders
    }


def _orders_of(external_ids: Iterable[str]) -> dict[str, int]:
    """Return the call order of each external id that names an ADD of ours."""
    named = {name: found for name in external_ids if (found := order_id_of(name)) is not None}
    adds = MightyCallTask.objects.filter(order__in=set(named.values()), task_type=QueueTaskType.ADD)
    sent = set(adds.values_list("order_id", flat=True))
    return {name: order_id for name, order_id in named.items() if order_id in sent}


def _operators_of(extensions: Iterable[str]) -> dict[str, int]:
    accounts = MightyCallOperator.objects.filter(login__in=set(extensions))
    return dict(accounts.values_list("login", "operator_id"))


def _mark_ended_calls(events: Iterable[CallEvent]) -> None:
    ended = [event.order_id for event in events if event.kind in ENDS]
    if ended:
        mark_ended(ended, clock.now())


def _reset_closed_sessions(session_ids: set[str]) -> None:
    """Have a session that MightyCall closed opened again where its operator is on line here."""
    if not session_ids:
        return
    rows = MightyCallActiveOperator.objects.filter(session_id__in=session_ids)
    operator_ids = list(rows.values_list("operator_id", flat=True))
    rows.update(session_id="", confirmed_revision=0)
    publish_presence(operator_ids)
