"""The search and the page of a client read a bounded number of rows of a big table, whatever is
searched for.

The tables are filled; each question is asked, and EXPLAIN ANALYZE counts the rows that PostgreSQL
looked at. Millions of rows then take as long as these: a second is far away.
"""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.filters.known_clients import MOST_OF_A_NAME, add_clients_of
from apps.filters.models import JudgementBatch
from apps.supervision.client import client_page
from apps.supervision.search import PAGE_ROWS, SHOWN, Kind, Part, page_part, search
from apps.supervision.search_terms import terms_of
from testing.factories.campaigns import NOON, CampaignFactory
from testing.factories.security import OperatorFactory
from testing.query_plans import rows_read

pytestmark = pytest.mark.django_db

ROWS = 40_000
# as a phone, each last four digits have four clients; a fifth of all have the same last name
APPLICATIONS = """
INSERT INTO "tm$applications" (stream, file_id, line_number, application_number, created_at,
    changed_at, application_status, client_type, phone, last_name, first_name)
SELECT 'MOBILE_LOANS', 1, n, (100000000 + n)::text, now(), now(), 'registered', 'pioneer',
    '7' || (9000000000 + n), CASE n %% 5 WHEN 0 THEN 'Иванов' ELSE 'Фамилия' || n END, 'Имя' || n
FROM generate_series(1, %(rows)s) AS n
"""
# the ids are far from the numbers that are searched for, wherever the sequences stand
TASKS = """
INSERT INTO "tm$campaign_tasks" (id, campaign_id, phone, client_info, task_time, task_state,
    outcome, source_key)
SELECT 900000000 + id, %(campaign)s, phone, '{}', now(), 'DONE', 'CALLED', 'application:' || id
FROM "tm$applications"
"""
TALKS = """
INSERT INTO "tm$communications" (id, campaign_task_id, operator_id, phone, state, started_at,
    ended_at, result_details)
SELECT id, id, %(operator)s, phone, 'DRAFT', wtime, wtime, '{}' FROM "tm$campaign_tasks"
"""
ORDERS = """
INSERT INTO "tm$call_orders" (task_id, campaign_id, phone, state, handed_over_at, ended_at, ending)
SELECT id, campaign_id, phone, 'CLOSED', wtime, wtime, 'CONVERSATION' FROM "tm$campaign_tasks"
"""
DECISIONS = """
INSERT INTO "tm$decisions" (step, verdict, rule, reason, phone, source_key)
SELECT 'FILTER', 'PASSED', 'AGE', '', phone, source_key FROM "tm$campaign_tasks"
"""
LISTED = """
INSERT INTO "tm$do_not_call" (phone, reason, dropped_redials)
SELECT phone, '', '{}' FROM "tm$campaign_tasks"
"""
TABLES = (
    *("tm$applications", "tm$known_clients", "tm$campaign_tasks", "tm$communications"),
    *("tm$call_orders", "tm$calls", "tm$decisions", "tm$do_not_call"),
)
PHONE = "79000017755"
# of the widest name, which a fifth of the rows has, five are looked at for each that is taken
FEW = 6 * MOST_OF_A_NAME
QUESTIONS = {
    "a phone": PHONE,
    "a phone that nobody has": "79990000000",
    "a number": "100017755",
    "a number of a row": "17",
    "four digits": "7755",
    "nine digits": "000017755",
    "digits that nobody has": "9999",
    "a name": "Фамилия17757",
    "a name with the first name": "Фамилия17757 Имя17757",
    "a name of thousands": "Иванов",
    "a letter": "Ф",
    "a name that nobody has": "Хожаназаров",
}


@pytest.fixture(autouse=True)
def filled() -> None:
    values = {
        "rows": ROWS,
        "campaign": CampaignFactory.create().pk,
        "operator": OperatorFactory.create().pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(APPLICATIONS, values)
        cursor.execute('SELECT min(id), max(id) FROM "tm$applications"')
        first_id, last_id = cursor.fetchone()
        add_clients_of(JudgementBatch(file_id=1, first_id=first_id, last_id=last_id))
        for statement in (TASKS, TALKS, ORDERS, DECISIONS, LISTED):
            cursor.execute(statement, values)
            for table in TABLES:  # triggers keep a plan for empty tables until then
                cursor.execute(f'ANALYZE "{table}"')


def test_no_search_and_no_page_of_a_client_reads_many_rows() -> None:
    """One test for all questions: to fill the tables takes longer than to ask them all."""
    asked: dict[str, Callable[[], object]] = {
        "the page of a client": partial(client_page, first_client(), NOON)
    }
    for name, text in QUESTIONS.items():
        terms = terms_of(text)
        asked[name] = partial(search, terms, list(Kind), Part(SHOWN))
        for kind in Kind:
            asked[f"{name}, a page of {kind}"] = partial(search, terms, [kind], page_part(2))

    read = {name: most_rows_read(question) for name, question in asked.items()}

    assert {name: rows for name, rows in read.items() if rows > FEW} == {}


def test_what_is_searched_for_is_found() -> None:
    answers = {
        name: search(terms_of(text), list(Kind), Part(SHOWN)) for name, text in QUESTIONS.items()
    }
    found = {
        name: {one.kind.value: len(one.rows) for one in answer.found}
        for name, answer in answers.items()
    }

    everything = dict.fromkeys((kind.value for kind in Kind), 1)
    assert found["a phone"] == found["a number"] == found["nine digits"] == everything
    assert found["four digits"] == dict.fromkeys(everything, ROWS // 10_000)
    assert found["a name"] == found["a name with the first name"] == everything
    assert found["a name of thousands"] == {"clients": SHOWN}
    assert found["a name that nobody has"] == {}
    assert PAGE_ROWS > SHOWN


def first_client() -> int:
    (found, *_) = search(terms_of(PHONE), [Kind.CLIENTS], Part(SHOWN)).found
    return int(found.rows[0].id)


def most_rows_read(question: Callable[[], object]) -> int:
    """The most rows that one statement of the question looks at in one table."""
    with CaptureQueriesContext(connection) as asked:
        question()
    statements = [query["sql"] for query in asked.captured_queries]
    return max(rows_read(sql, TABLES) for sql in statements if sql.startswith("SELECT"))
