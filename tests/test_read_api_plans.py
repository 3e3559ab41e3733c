"""The read API reads a bounded number of rows of a big table, whatever is filtered by.

The tables are filled; each combination of filters is asked for, and EXPLAIN ANALYZE counts the
rows that PostgreSQL looked at.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.read_api import pages
from apps.read_api.pages import Place
from apps.read_api.rest.resources import RESOURCES, Resource
from testing.factories.campaigns import NOON, CampaignFactory
from testing.factories.security import OperatorFactory

pytestmark = pytest.mark.django_db

ROWS = 20_000
WINDOW = 100
LIMIT = 10
FEW = 2  # filters of one combination
NOW = NOON
# every second row was written at one moment, as those of a large file are
MOMENTS = """
CREATE TEMP TABLE moments ON COMMIT DROP AS
SELECT n, %(now)s::timestamptz - (n %% 2) * n * interval '1 second' AS at
FROM generate_series(1, %(rows)s) AS n
"""
FILLED = {
    "applications": """
INSERT INTO "tm$applications" (stream, file_id, line_number, application_number, created_at,
    changed_at, application_status, client_type, phone, wtime)
SELECT 'MOBILE_LOANS', 1, n, n::text, now(), now(), 'registered', 'pioneer',
    '7' || (9000000000 + n / 3), at
FROM moments""",
    "tasks": """
INSERT INTO "tm$campaign_tasks" (campaign_id, phone, client_info, task_time, task_state, outcome,
    source_key, wtime)
SELECT %(campaign)s, '7' || (9000000000 + n / 3), '{}', now(), 'DONE', 'NOT_REACHED',
    'application:' || n / 3, at
FROM moments""",
    "orders": """
INSERT INTO "tm$call_orders" (task_id, campaign_id, phone, state, handed_over_at, ended_at, ending)
SELECT id, campaign_id, phone, 'CLOSED', wtime, wtime, 'NOT_REACHED'
FROM "tm$campaign_tasks" WHERE campaign_id = %(campaign)s""",
    "communications": """
INSERT INTO "tm$communications" (campaign_task_id, operator_id, phone, state, started_at, ended_at,
    result_details)
SELECT id, %(operator)s, phone, 'DRAFT', wtime, wtime, '{}'
FROM "tm$campaign_tasks" WHERE campaign_id = %(campaign)s""",
    "calls": """
INSERT INTO "tm$calls" (call_key, order_id, operator_id, ended_at, system_disposition, wtime)
SELECT id::text, id, %(operator)s, ended_at, 'BUSY', handed_over_at
FROM "tm$call_orders" WHERE campaign_id = %(campaign)s""",
    "decisions": """
INSERT INTO "tm$decisions" (step, verdict, rule, reason, phone, source_key, wtime)
SELECT 'FILTER', 'STOPPED', 'AGE', '', '7' || (9000000000 + n / 3), 'application:' || n / 3, at
FROM moments""",
}
# values that lead to few rows, and values that no row has, so that each is looked at in vain
VALUES = {
    **dict.fromkeys(("createdFrom", "startedFrom"), (NOW - timedelta(hours=4)).isoformat()),
    **dict.fromkeys(("createdTo", "startedTo"), (NOW - timedelta(hours=1)).isoformat()),
    "phone": "79000000007",
    "applicationNumber": "7",
    "sourceKey": "application:7",
    "communicationId": "7",
    "taskId": "7",
    "campaignId": "7",
    "operatorId": "7",
    "stream": "NO_LOANS",
    "applicationStatus": "scored",
    "loanStatus": "repaid",
    "clientType": "repeater",
    "step": "GUARD",
    "verdict": "PASSED",
    "rule": "NO_RULE",
}
OF_ONE = {
    "tasks": {"state": "NEW", "outcome": "CALLED"},
    "communications": {"state": "FIXED"},
    "calls": {"outcome": "CONNECTED"},
}
TABLES = {
    "tm$applications",
    "tm$campaign_tasks",
    "tm$call_orders",
    "tm$communications",
    "tm$calls",
    "tm$decisions",
}
BIG = [resource for resource in RESOURCES if resource.name in FILLED]
# The window is read twice, once to find its end, and each row may have one of another table.
MOST_ROWS_READ = 4 * WINDOW


@pytest.fixture
def filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "WINDOW_ROWS", WINDOW)
    ids: dict[str, Any] = {
        "now": NOW,
        "rows": ROWS,
        "campaign": CampaignFactory.create().pk,
        "operator": OperatorFactory.create().pk,
    }
    with connection.cursor() as cursor:
        for statement in (MOMENTS, *FILLED.values()):
            cursor.execute(statement, ids)
            for table in TABLES:  # triggers keep a plan for empty tables until then
                cursor.execute(f'ANALYZE "{table}"')


def test_no_combination_of_filters_reads_more_than_a_window(filled: None) -> None:
    """One test for all: to fill the tables takes longer than to ask everything."""
    too_many = {}
    for resource in BIG:
        for parameters, newest_first, place in questions(resource):
            read = rows_read(resource, parameters, newest_first, place)
            if read > MOST_ROWS_READ:
                too_many[f"{resource.name} {parameters} {newest_first} {place}"] = read

    assert too_many == {}


def questions(resource: Resource) -> Iterator[tuple[dict[str, str], bool, Place | None]]:
    """Every combination of filters; those of one or two in both orders and from several places."""
    values = VALUES | OF_ONE.get(resource.name, {})
    offered = {name: values[name] for name in resource.filters.base_filters}
    middle = resource.rows().order_by("id").values_list("id", flat=True)[ROWS // 2]
    # among the rows of one moment, and among the others
    places = (None, Place(NOW, middle), Place(NOW - timedelta(hours=2), middle))
    every = [(newest_first, place) for newest_first in (True, False) for place in places]
    for length in range(len(offered) + 1):
        for names in combinations(offered, length):
            for newest_first, place in every if length <= FEW else every[1:2]:
                yield {name: offered[name] for name in names}, newest_first, place


def rows_read(
    resource: Resource, parameters: dict[str, str], newest_first: bool, place: Place | None
) -> int:
    """How many rows of big tables all statements of the page looked at."""
    filters = resource.filters(parameters, resource.rows())
    assert filters.is_valid(), filters.errors
    connection.queries_log.clear()  # it keeps the first 9,000 statements alone
    with CaptureQueriesContext(connection) as asked:
        filters.page(LIMIT, newest_first=newest_first, after=place)
    statements = [one["sql"] for one in asked.captured_queries if '"tm$' in one["sql"]]
    assert statements
    # within the transaction of the test, whose settings are the page's now
    return sum(rows_of(plan_of(sql)) for sql in statements)


def plan_of(sql: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + sql.replace("%", "%%"))
        plan: dict[str, Any] = cursor.fetchone()[0][0]["Plan"]
    return plan


def rows_of(plan: dict[str, Any]) -> int:
    """The rows of big tables that the plan, or a part of it, looked at."""
    read = 0
    if plan.get("Relation Name") in TABLES:
        looked_at = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        read = round(looked_at * plan["Actual Loops"])
    return read + sum(rows_of(part) for part in plan.get("Plans", []))
