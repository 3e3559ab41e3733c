"""What the database itself refuses, whoever writes: raw SQL around every check of ours."""

from dataclasses import dataclass

import pytest
from django.apps import apps as django_apps
from django.db import IntegrityError, connection, transaction

from apps.campaigns.models import RedialRule
from apps.campaigns.types import SystemDisposition
from apps.telephony.models import MightyCallTask
from apps.telephony.states import QueueTaskType
from testing.factories.campaigns import CommunicationFactory, DispositionFactory, TaskFactory

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Violation:
    """A change of one of the rows below that must not be, and who refuses it."""

    constraint: str
    table: str
    change: str


def known(constraint: str, table: str, column: str) -> Violation:
    return Violation(constraint, table, f"{column} = 'UNHEARD_OF'")


VIOLATIONS = [
    known("campaign_domain_is_known", "tm$campaigns", "domain"),
    known("campaign_time_zone_is_known", "tm$campaigns", "time_zone"),
    Violation("campaign_allows_an_attempt", "tm$campaigns", "max_attempts = 0"),
    Violation("weekday_window_opens_before_it_closes", "tm$campaigns", "weekday_till = '08:00'"),
    Violation("weekend_window_opens_before_it_closes", "tm$campaigns", "weekend_from = '19:00'"),
    known("task_type_is_known", "tm$campaign_tasks", "task_type"),
    Violation(
        "task_state_is_known", "tm$campaign_tasks", "task_state = 'UNHEARD_OF', outcome = NULL"
    ),
    known("task_outcome_is_known", "tm$campaign_tasks", "outcome"),
    Violation("only_done_tasks_have_an_outcome", "tm$campaign_tasks", "outcome = NULL"),
    Violation(
        "only_done_tasks_wait_for_redial",
        "tm$campaign_tasks",
        "task_state = 'NEW', outcome = NULL, redial_at = now()",
    ),
    known("communication_state_is_known", "tm$communications", "state"),
    Violation(
        "communication_ends_after_it_starts",
        "tm$communications",
        "ended_at = started_at - interval '1 second'",
    ),
    Violation(
        "only_fixed_communications_have_a_disposition",
        "tm$communications",
        'disposition_id = (SELECT id FROM "tm$dispositions")',
    ),
    known("call_outcome_is_known", "tm$calls", "system_disposition"),
    Violation("ended_calls_have_an_outcome", "tm$calls", "ended_at = now()"),
    known("disposition_meaning_is_known", "tm$dispositions", "meaning"),
    Violation("redial_has_a_block_time", "tm$dispositions", "meaning = 'REDIAL'"),
    known("redial_outcome_is_known", "tm$redial_rules", "system_disposition"),
    known("mightycall_task_type_is_known", "tm$mightycall_tasks", "task_type"),
    known("mightycall_task_state_is_known", "tm$mightycall_tasks", "task_state"),
    known("operator_role_is_known", "tm$operators", "role"),
]
# a row like one that is there already: column for column, under another number
COPY_ROW = """
INSERT INTO "{table}" ({columns}) SELECT {columns} FROM "{table}" ORDER BY id DESC LIMIT 1
"""
CHECKED_COLUMNS = """
SELECT class.relname, attribute.attname
FROM pg_constraint AS one
JOIN pg_class AS class ON class.oid = one.conrelid
JOIN pg_attribute AS attribute ON attrelid = conrelid AND attnum = ANY(conkey)
WHERE one.contype = 'c'
"""
TWINS = [
    ("one_open_task_per_client", "tm$campaign_tasks"),
    ("one_live_communication_per_operator", "tm$communications"),
    ("one_new_mightycall_task_of_a_type", "tm$mightycall_tasks"),
    ("one_disposition_per_result", "tm$dispositions"),
    ("one_redial_rule_per_outcome", "tm$redial_rules"),
]


@pytest.fixture(autouse=True)
def one_row_of_each() -> None:
    """A called task with a conversation, and an open one that is in MightyCall's queue."""
    talk = CommunicationFactory.create()
    campaign = talk.campaign_task.campaign
    DispositionFactory.create(campaign=campaign)
    RedialRule.objects.create(
        campaign=campaign, system_disposition=SystemDisposition.BUSY, delay_minutes=5
    )
    waiting = TaskFactory.create(campaign=campaign, handed_over=True)
    MightyCallTask.objects.create(
        task_type=QueueTaskType.ADD,
        order=waiting.orders.get(),
        campaign_task=waiting,
        campaign_id=campaign.pk,
        phone="7",
    )


@pytest.mark.parametrize("wrong", VIOLATIONS, ids=lambda wrong: wrong.constraint)
def test_the_database_refuses_a_value_that_cannot_be(wrong: Violation) -> None:
    only = " WHERE task_state = 'DONE'" if wrong.table == "tm$campaign_tasks" else ""

    with pytest.raises(IntegrityError, match=wrong.constraint), transaction.atomic():
        execute(f'UPDATE "{wrong.table}" SET {wrong.change}{only}')  # noqa: S608


@pytest.mark.parametrize(("constraint", "table"), TWINS)
def test_the_database_refuses_a_second_row_where_there_may_be_one(
    constraint: str, table: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        execute(COPY_ROW.format(table=table, columns=", ".join(columns_of(table))))


def test_every_enumeration_is_kept_by_the_database() -> None:
    """A column whose model names its values has a CHECK that names it (specification, schema)."""
    with connection.cursor() as cursor:
        cursor.execute(CHECKED_COLUMNS)
        checked = set(cursor.fetchall())
    enumerations = {
        (model._meta.db_table, field.column)
        for model in django_apps.get_models()
        if model._meta.db_table.startswith("tm$")
        for field in model._meta.concrete_fields
        if field.choices
    }

    assert enumerations - checked == set()


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def columns_of(table: str) -> list[str]:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
    return [column.name for column in described if column.name not in {"id", "wtime", "utime"}]
