"""What is judged already costs nothing: the sweeps of the judging are answered from indexes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.campaigns import services as campaigns
from apps.campaigns.types import AttentionKind
from apps.filters import selectors
from apps.filters.judging import waiting
from apps.filters.judging.backlog import backlog
from apps.filters.judging.batches import judge_for_a_while
from apps.filters.judging.service_flow import QueueKey
from apps.filters.judging.service_lane import ask_services_for_a_while
from apps.filters.judging.snapshots import snapshots_of
from apps.filters.models import Application, Verdict
from testing.factories.filters import NOW, ApplicationFactory, CascadeFactory, batch_of
from testing.query_plans import tables_scanned

pytestmark = pytest.mark.django_db

JUDGED = 20_000  # enough that a whole table costs more than any index
BIG_TABLES = {
    "tm$applications",
    "tm$judgement_batches",
    "tm$verdicts",
    "tm$dry_runs",
    "tm$attention_items",
}
FILL = (
    """
    INSERT INTO "tm$applications" (stream, file_id, line_number, application_number, created_at,
        changed_at, application_status, client_type, phone)
    SELECT 'MOBILE_LOANS', 1, n, n::text, now(), now(), 'registered', 'pioneer',
        (79000000000 + n)::text
    FROM generate_series(1, %(judged)s) AS n
    """,
    """
    INSERT INTO "tm$verdicts" (application_id, campaign_id, state, settings_version)
    SELECT id, %(campaign)s, 'PASSED', 1 FROM "tm$applications"
    """,
    """
    INSERT INTO "tm$judgement_batches" (file_id, stream, first_id, last_id, judged_at)
    SELECT 1, 'MOBILE_LOANS', n, n, now() FROM generate_series(1, %(judged)s) AS n
    """,
    """
    INSERT INTO "tm$dry_runs" (campaign_id, purpose, state, settings, live_version, since, until,
        as_of, finished_at)
    SELECT %(campaign)s, 'DRY_RUN', 'DONE', '{}', 1, now(), now(), now(), now()
    FROM generate_series(1, %(judged)s)
    """,
    """
    INSERT INTO "tm$attention_items" (kind, key, error, next_try_at)
    SELECT 'CALL_EVENT', n::text, 'x', now() FROM generate_series(1, %(judged)s) AS n
    """,
)
QUEUE = QueueKey("abram", 1, "MOBILE_LOANS")
SHARD = waiting.Shard(0, 2)
QUESTIONS: dict[str, Callable[[], object]] = {
    "own filters": lambda: judge_for_a_while(lambda: NOW),
    "services": lambda: ask_services_for_a_while(lambda: NOW),
    "queues": waiting.queues,
    "due in our own queue": lambda: waiting.lock_own_due(QUEUE, NOW, 10),
    "due at a service": lambda: waiting.due_applications(QUEUE, NOW, SHARD, [1], 10),
    "due of applications": lambda: waiting.due_of_applications(some_ids(), NOW),
    "facts": lambda: waiting.facts_of(some_ids()),
    "other snapshots": lambda: snapshots_of(some_ids()),
    "hasten": lambda: waiting.hasten([(some_ids()[0], 1)], NOW),
    "backlog": backlog,
    "runs": selectors.unfinished_runs,
    "set aside": lambda: campaigns.waiting_keys(AttentionKind.VERDICT, NOW),
    "known": lambda: campaigns.known_keys(AttentionKind.VERDICT),
    "applications of a phone": lambda: list(Application.objects.filter(phone="79000000001")),
}


def some_ids() -> list[int]:
    return list(Application.objects.order_by("-pk").values_list("pk", flat=True)[:5])


@pytest.fixture
def judged() -> None:
    """Much that is judged, and a little that waits."""
    settings = {"data-streams": ["MOBILE_LOANS"], "filters-order": ["ML_DEVICE"]}
    cascade = CascadeFactory.create(settings=settings)
    with connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement, {"judged": JUDGED, "campaign": cascade.campaign_id})
    batch_of(ApplicationFactory.create())
    Verdict.objects.create(
        application=ApplicationFactory.create(),
        campaign_id=cascade.campaign_id,
        state="WAITING",
        settings_version=1,
        next_try_at=NOW + timedelta(days=1),
        waits_for="abram",
        stream="MOBILE_LOANS",
    )
    with connection.cursor() as cursor:
        for table in BIG_TABLES:
            cursor.execute(f'ANALYZE "{table}"')


@pytest.mark.usefixtures("judged")
def test_no_sweep_of_the_judging_reads_a_table_from_end_to_end() -> None:
    """One test for all questions: to fill the tables takes longer than to ask them all."""
    scanned = {question: scans_of(ask) for question, ask in QUESTIONS.items()}

    assert {question: found for question, found in scanned.items() if found} == {}


def scans_of(ask: Callable[[], object]) -> set[str]:
    """The tables that the question reads from end to end. What it changes is undone."""
    with transaction.atomic():
        with CaptureQueriesContext(connection) as asked:
            ask()
        found = {
            f"{table}: {query['sql']}"
            for query in asked.captured_queries
            if query["sql"].lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH"))
            for table in tables_scanned(query["sql"], BIG_TABLES)
        }
        transaction.set_rollback(True)
    return found
