"""Finished rows cost nothing: what sweeps and pages ask all day is answered from indexes.

The tables hold many finished rows and a few open ones; EXPLAIN tells what PostgreSQL would read.
"""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.arm import services as arm
from apps.campaigns import selectors, services
from apps.campaigns.metrics import EngineCollector
from apps.campaigns.models import Campaign
from testing.factories.campaigns import NOON, CampaignFactory, CommunicationFactory, TaskFactory
from testing.factories.security import OperatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("core_alone")]

FINISHED = 20_000  # enough that a whole table costs more than any index
BIG_TABLES = {
    "tm$campaign_tasks",
    "tm$communications",
    "tm$calls",
    "tm$client_cards",
    "tm$call_orders",
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
THEIR_CARDS = """
INSERT INTO "tm$client_cards" (communication_id, card) SELECT id, '{}' FROM "tm$communications"
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
        cursor.execute(THEIR_CALLS)
        cursor.execute(THEIR_CARDS)
    CommunicationFactory.create(operator=operator, campaign_task__campaign=campaign)
    TaskFactory.create_batch(3, campaign=campaign)
    TaskFactory.create_batch(3, campaign=campaign, handed_over=True)
    TaskFactory.create_batch(3, campaign=campaign, called=True, redial_at=NOON)
    with connection.cursor() as cursor:
        for table in BIG_TABLES:
            cursor.execute(f'ANALYZE "{table}"')
    return int(operator.pk)


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
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_big_table_is_read_from_end_to_end(question: str, operator_id: int) -> None:
    with CaptureQueriesContext(connection) as asked:
        QUESTIONS[question](operator_id)

    scanned = {
        f"{table}: {query['sql']}"
        for query in asked.captured_queries
        if query["sql"].lstrip().startswith(("SELECT", "UPDATE", "DELETE"))
        for table in tables_scanned(plan_of(query["sql"]))
    }

    assert scanned == set()


def plan_of(sql: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql.replace("%", "%%"))
        found = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def tables_scanned(plan: dict[str, Any]) -> Iterator[str]:
    """The big tables of which the plan, or a part of it, reads every row."""
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in BIG_TABLES:
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from tables_scanned(part)
