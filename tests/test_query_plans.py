"""Finished rows cost nothing: what sweeps and pages ask all day is answered from indexes.

The tables hold many finished rows and a few open ones; EXPLAIN tells what PostgreSQL would read.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.arm import changes
from apps.arm import selectors as arm_selectors
from apps.arm import services as arm
from apps.arm.periods.recording import record_states
from apps.arm.types import Bucket
from apps.campaigns import selectors, services
from apps.campaigns.metrics import EngineCollector
from apps.campaigns.models import Campaign
from apps.campaigns.types import CallEventKind
from apps.telephony import services as telephony
from apps.telephony.events.event_intake import take_page
from apps.telephony.mightycall.transport import CallNews, EventPage, TelephonyEvent
from apps.telephony.models import MightyCallActiveOperator, MightyCallTask
from apps.telephony.queue import call_queue
from apps.telephony.queue.dialer import MightyCallDialer
from apps.telephony.sessions import unconfirmed
from apps.telephony.sessions.operator_sessions import MightyCallSessions
from apps.telephony.sessions.unconfirmed import OperatorJob, Outcome
from apps.telephony.states import QueueTaskState
from testing.factories.campaigns import NOON, CampaignFactory, CommunicationFactory, TaskFactory
from testing.factories.security import OperatorFactory
from testing.factories.telephony import request_of
from testing.query_plans import tables_scanned

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("core_alone")]

FINISHED = 20_000  # enough that a whole table costs more than any index
BIG_TABLES = {
    "tm$campaign_tasks",
    "tm$communications",
    "tm$calls",
    "tm$client_cards",
    "tm$state_periods",
    "tm$call_orders",
    "tm$mightycall_tasks",
    "tm$mightycall_events",
    "tm$mightycall_active_operators",
}
FINISHED_TASKS = """
INSERT INTO "tm$campaign_tasks"
    (campaign_id, phone, client_info, task_time, task_state, outcome, source_key)
SELECT %s, '7' || (9000000000 + n), '{}', now(), 'DONE', 'CALLED', 'application:' || n
FROM generate_series(1, %s) AS n
"""
FINISHED_TALKS = """
INSERT INTO "tm$communications"
    (campaign_task_id, operator_id, phone, state, started_at, ended_at, result_details)
SELECT id, %s, phone, 'FIXED', wtime, wtime, '{}'
FROM "tm$campaign_tasks" WHERE task_state = 'DONE'
"""
THEIR_ORDERS = """
INSERT INTO "tm$call_orders"
    (task_id, campaign_id, phone, state, handed_over_at, ended_at, ending, is_attempt)
SELECT id, campaign_id, phone, 'CLOSED', wtime, wtime, 'CONVERSATION', true
FROM "tm$campaign_tasks" WHERE task_state = 'DONE'
"""
THEIR_CALLS = """
INSERT INTO "tm$calls" (call_key, order_id, communication_id, ended_at, system_disposition)
SELECT 'old:' || talk.id, call_order.id, talk.id, talk.ended_at, 'CONNECTED'
FROM "tm$communications" AS talk
JOIN "tm$call_orders" AS call_order ON call_order.task_id = talk.campaign_task_id
"""
THEIR_REQUESTS = """
INSERT INTO "tm$mightycall_tasks"
    (task_type, task_state, order_id, campaign_task_id, campaign_id, phone, answer, ended_at)
SELECT kind, 'DONE', id, task_id, campaign_id, phone, 'Queued', wtime
FROM "tm$call_orders", unnest(ARRAY['ADD', 'DELETE']) AS kind
WHERE state = 'CLOSED'
"""
THEIR_EVENTS = """
INSERT INTO "tm$mightycall_events" (event_id, kind)
SELECT 'old-' || id, 'CallEnded' FROM "tm$call_orders"
"""
# many more than there are operators, so that a whole table costs more than any index
ON_LINE = """
WITH made AS (
    INSERT INTO "tm$operators"
        (login, password, locked, role, first_name, last_name)
    SELECT 'plan-' || n, '', false, 'OPERATOR', '', ''
    FROM generate_series(1, %s) AS n
    RETURNING id
)
INSERT INTO "tm$mightycall_active_operators"
    (operator_id, session_id, desired_revision, confirmed_revision)
SELECT id, 's-' || id, 1, 1 FROM made
"""
THEIR_CARDS = """
INSERT INTO "tm$client_cards" (communication_id, card) SELECT id, '{}' FROM "tm$communications"
"""
# each a minute long, the last one open
THEIR_PERIODS = """
INSERT INTO "tm$state_periods" (operator_id, state, began_at, ended_at)
SELECT %(operator)s, 'READY', %(now)s - n * interval '1 minute',
    CASE WHEN n > 0 THEN %(now)s - (n - 1) * interval '1 minute' END
FROM generate_series(0, %(periods)s) AS n
"""


@pytest.fixture
def operator_id() -> int:
    """Of an operator with a long history, an open conversation, and open tasks around them."""
    operator = OperatorFactory.create()
    campaign: Campaign = CampaignFactory.create()
    with connection.cursor() as cursor:
        cursor.execute(FINISHED_TASKS, [campaign.pk, FINISHED])
        cursor.execute(FINISHED_TALKS, [operator.pk])
        cursor.execute(THEIR_ORDERS)
        # triggers keep the plan that this session made for empty tables until then
        for table in ("tm$campaign_tasks", "tm$communications", "tm$call_orders"):
            cursor.execute(f'ANALYZE "{table}"')
        cursor.execute(THEIR_CALLS)
        cursor.execute(THEIR_CARDS)
        cursor.execute(THEIR_REQUESTS)
        cursor.execute(THEIR_EVENTS)
        cursor.execute(ON_LINE, [FINISHED])
        cursor.execute(THEIR_PERIODS, {"operator": operator.pk, "now": NOON, "periods": FINISHED})
    CommunicationFactory.create(operator=operator, campaign_task__campaign=campaign)
    TaskFactory.create_batch(3, campaign=campaign)
    handed_over = TaskFactory.create_batch(3, campaign=campaign, handed_over=True)
    MightyCallDialer().add_calls([request_of(task) for task in handed_over])
    TaskFactory.create_batch(3, campaign=campaign, called=True, redial_at=NOON)
    with connection.cursor() as cursor:
        for table in BIG_TABLES:
            cursor.execute(f'ANALYZE "{table}"')
    return int(operator.pk)


NEWS = CallNews(CallEventKind.DIALING, "call", "1", NOON)
EVENTS = (
    TelephonyEvent("new", "CallDialing", call=NEWS),
    TelephonyEvent("closed", "SessionClosed", closed_session_id="s-1"),
)
PAGE = EventPage(EVENTS, "c", has_more=False)
QUESTIONS: dict[str, Callable[[int], object]] = {
    "hand-over": lambda _: services.hand_over_due_tasks(NOON),
    "wake redials": lambda _: services.wake_redials(NOON),
    "withdraw paused": lambda _: services.withdraw_paused_orders(),
    "withdraw lost": lambda _: services.withdraw_lost_orders(NOON + timedelta(days=2)),
    "draft overdue": lambda _: services.draft_overdue(NOON),
    "prepare missing cards": lambda _: arm.prepare_missing_cards(NOON),
    "live communication": selectors.live_communication,
    "cards for rework": selectors.unfinished_communications,
    "history of a phone": lambda _: selectors.history_of("79000000001", 2**40),
    "last called": lambda _: selectors.last_called_at(["79000000001"]),
    "refused": lambda _: selectors.refused_phones(["79000000001"]),
    "story of a phone": lambda _: selectors.story_of(phone="79000000001"),
    "never again": lambda _: services.never_call_again("79000000001", "просил"),
    "metrics": lambda _: list(EngineCollector().collect()),
    "changes of a page": lambda operator_id: changes.changes_in_tables([operator_id]),
    "what an operator does": lambda operator_id: record_states([operator_id], NOON),
    "what everybody does": lambda _: arm.sweep_states(NOON),
    "time in states of a day": lambda _: arm_selectors.time_in_states(
        NOON - timedelta(days=1), NOON, bucket=Bucket.HOUR, now=NOON
    ),
    "own time in states": lambda operator_id: arm_selectors.time_in_states(
        NOON - timedelta(hours=9), NOON, bucket=Bucket.DAY, now=NOON, operator_ids=[operator_id]
    ),
    "requests to send": lambda _: call_queue.take_new(sender=0),
    "requests without an answer": lambda _: call_queue.take_unsettled(0, NOON),
    "is the sender stalled": lambda _: call_queue.is_stalled(0),
    "requests that were cancelled": lambda _: call_queue.cancelled_orders(requests()),
    "cancellations of unsent requests": lambda _: call_queue.unsent_orders(requests()),
    "answers of requests": lambda _: call_queue.settle(
        requests(), {row.pk: "Queued" for row in requests()}, NOON
    ),
    "odd answers": lambda _: call_queue.postpone_odd(requests(), NOON),
    "postponed requests": lambda _: call_queue.postpone(requests(), NOON),
    "ends of calls": lambda _: call_queue.mark_ended([row.order_id for row in requests()], NOON),
    "cancelled calls": lambda _: MightyCallDialer().cancel_calls(
        [row.order_id for row in requests()]
    ),
    "calls without an end": lambda _: telephony.reconcile_calls(NOON),
    "events": lambda _: take_page(PAGE),
    "old events": lambda _: telephony.forget_old_events(NOON),
    "rejected events": lambda _: telephony.retry_rejected_events(NOON),
    "presence to send": lambda _: unconfirmed.take_jobs(NOON, without=[1], limit=32),
    "is there presence to send": lambda _: unconfirmed.exist(NOON, without=[1]),
    "presence that was confirmed": lambda _: unconfirmed.write_outcomes(
        [(OperatorJob(1, row=MightyCallActiveOperator.objects.first()), Outcome())], NOON
    ),
    "status of an operator": lambda one: MightyCallSessions().presences_of([one]),
    "a break": lambda one: MightyCallSessions().set_presence(one, ready=False),
    "the end of a wrap-up": lambda one: MightyCallSessions().end_wrap_ups([one]),
    "a log-out": lambda one: MightyCallSessions().close_session(one),
}


def requests() -> list[MightyCallTask]:
    return list(MightyCallTask.objects.filter(task_state=QueueTaskState.NEW).order_by("-pk")[:3])


def test_no_big_table_is_read_from_end_to_end(operator_id: int) -> None:
    """One test for all questions: to fill the tables takes longer than to ask them all."""
    scanned = {question: scans_of(question, operator_id) for question in QUESTIONS}

    assert {question: found for question, found in scanned.items() if found} == {}


def scans_of(question: str, operator_id: int) -> set[str]:
    """The big tables that the question reads from end to end, each with the statement. What it
    changes is undone.
    """
    with transaction.atomic():
        with CaptureQueriesContext(connection) as asked:
            QUESTIONS[question](operator_id)
        found = {
            f"{table}: {query['sql']}"
            for query in asked.captured_queries
            if query["sql"].lstrip().startswith(("SELECT", "UPDATE", "DELETE"))
            for table in tables_scanned(query["sql"], BIG_TABLES)
        }
        transaction.set_rollback(True)
    return found
