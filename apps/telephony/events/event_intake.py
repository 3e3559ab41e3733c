"""Applies events, each once: its effects and its id are committed together.

A page is applied in slices, each in a transaction of its own. If a poller dies between two of them,
the page comes again, and what was applied is skipped by its ids. An event that cannot be applied is
kept with its error and stops nothing.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.db import connection, transaction

from apps.campaigns.types import CallEvent
from apps.telephony.barrier import apply_each
from apps.telephony.mightycall.transport import (
    CallNews,
    EventPage,
    TelephonyEvent,
    UnreadableEvent,
)
from apps.telephony.models import (
    MightyCallActiveOperator,
    MightyCallEvent,
    MightyCallOperator,
    MightyCallTask,
)
from apps.telephony.queue.call_queue import order_id_of
from apps.telephony.queue.call_reports import take_reports
from apps.telephony.queue.rejected_events import keep_rejected
from apps.telephony.sessions.operator_sessions import publish_presence
from apps.telephony.states import QueueTaskType
from common import clock

logger = logging.getLogger(__name__)

# The rows of a slice are locked until its commit, and an operator who saves the result of one of
# its calls waits for so long: some 50 ms. Larger slices gain little (`make bench`, telephony).
EVENTS_OF_A_SLICE = 100
# Of one page. If the service changes all its events, the log counts them and nobody reads them all.
UNREADABLE_SHOWN = 20

# in the order of the ids, so that two feeds with the same events never deadlock
RECORD_EVENTS = """
INSERT INTO "tm$mightycall_events" (event_id, kind)
SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT (event_id) DO NOTHING RETURNING event_id
"""


class _Report(NamedTuple):
    """An event, and what it says of a call that this installation ordered."""

    event: TelephonyEvent
    call: CallEvent | None


def take_page(page: EventPage) -> None:
    """Apply the events that no feed has brought before. Never call it in a transaction.

    Events of unknown kinds and of calls that we did not order are recorded and change nothing.
    Raises only when the database is lost.
    """
    now = clock.now()
    reports = _reports(_unseen(page.events))
    for start in range(0, len(reports), EVENTS_OF_A_SLICE):
        a_slice = reports[start : start + EVENTS_OF_A_SLICE]
        apply_each(a_slice, partial(_apply, now=now), partial(_reject, now=now))
    _keep_unreadable(page.unreadable, now)


def _unseen(events: Sequence[TelephonyEvent]) -> list[TelephonyEvent]:
    """Leave out what another feed has brought: of an operator's feed that is nearly everything."""
    if not events:
        return []
    ids = [event.id for event in events]
    seen = MightyCallEvent.objects.filter(event_id__in=ids)
    known = set(seen.values_list("event_id", flat=True))
    return [event for event in events if event.id not in known]


def _reports(events: Sequence[TelephonyEvent]) -> list[_Report]:
    news = [(event, event.call) for event in events if event.call is not None]
    orders = _orders_of([call.external_id for _, call in news])
    operators = _operators_of({event.extension for event, _ in news if event.extension})
    calls = {
        event.id: call_event(call, orders[call.external_id], operators.get(event.extension))
        for event, call in news
        if call.external_id in orders
    }
    return [_Report(event, calls.get(event.id)) for event in events]


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


def _apply(reports: Sequence[_Report], now: datetime) -> None:
    """Runs in a transaction."""
    unseen = _record_unseen(reports)
    take_reports([report.call for report in unseen if report.call is not None], now)
    closed = {report.event.closed_session_id for report in unseen}
    _reset_closed_sessions(closed - {""})


@transaction.atomic
def _reject(report: _Report, error: Exception, now: datetime) -> None:
    """The event counts as seen: what is kept of it is applied later, and no other copy of it."""
    if _record_unseen([report]):
        keep_rejected(report.event.id, report.call, error, now)


def _keep_unreadable(unreadable: Sequence[UnreadableEvent], now: datetime) -> None:
    for event in unreadable[:UNREADABLE_SHOWN]:
        keep_rejected(event.key, None, event.error, now)
    if len(unreadable) > UNREADABLE_SHOWN:
        logger.error("%d events of a page cannot be read", len(unreadable))


def _record_unseen(reports: Sequence[_Report]) -> list[_Report]:
    """Record the ids of the events. Return those that were not recorded before, in order."""
    by_id = {report.event.id: report for report in reports}
    ids = sorted(by_id)
    with connection.cursor() as cursor:
        cursor.execute(RECORD_EVENTS, [ids, [by_id[event_id].event.kind for event_id in ids]])
        unseen = {event_id for (event_id,) in cursor.fetchall()}
    return [report for event_id, report in by_id.items() if event_id in unseen]


def _orders_of(external_ids: Iterable[str]) -> dict[str, int]:
    """Return the call order of each external id that names an ADD of ours."""
    named = {name: found for name in external_ids if (found := order_id_of(name)) is not None}
    if not named:
        return {}
    adds = MightyCallTask.objects.filter(order__in=set(named.values()), task_type=QueueTaskType.ADD)
    sent = set(adds.values_list("order_id", flat=True))
    return {name: order_id for name, order_id in named.items() if order_id in sent}


def _operators_of(extensions: set[str]) -> dict[str, int]:
    if not extensions:
        return {}
    accounts = MightyCallOperator.objects.filter(login__in=extensions)
    return dict(accounts.values_list("login", "operator_id"))


def _reset_closed_sessions(session_ids: set[str]) -> None:
    """Have a session that MightyCall closed opened again where its operator is on line here."""
    if not session_ids:
        return
    rows = MightyCallActiveOperator.objects.filter(session_id__in=session_ids)
    operator_ids = list(rows.values_list("operator_id", flat=True))
    rows.update(session_id="", confirmed_revision=0)
    publish_presence(operator_ids)
