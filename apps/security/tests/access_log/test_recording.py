"""What the access log has a record of: who, from where, what, and never personal data."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from pytest_django import Settings

from apps.security import services
from apps.security.models import AccessRecord, Operator
from apps.security.types import Access, Role, Visitor
from testing.factories.security import PASSWORD, OperatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
API = "/api/security/v1/"


def post(client: Client, name: str, **body: Any) -> dict[str, Any]:
    answer = client.post(
        f"{API}{name}", body, content_type="application/json", REMOTE_ADDR="192.0.2.7"
    )
    data: dict[str, Any] = answer.json()
    return data


@contextmanager
def broken_log() -> Iterator[None]:
    """During the block the access log takes no record."""
    execute('ALTER TABLE "tm$access_log" ADD CONSTRAINT broken CHECK (id < 0) NOT VALID')
    try:
        yield
    finally:
        execute('ALTER TABLE "tm$access_log" DROP CONSTRAINT broken')


def recorded(*fields: str) -> list[tuple[Any, ...]]:
    return list(AccessRecord.objects.order_by("id").values_list(*fields))


def test_a_record_says_who_in_which_role_from_where_and_what() -> None:
    operator = OperatorFactory.create()

    services.record_access(
        Visitor(operator.pk, "2001:db8::7"), Access.CARD_OPENED, "campaigns.communication", 5
    )

    assert recorded("operator_id", "role", "address", "action", "subject", "subject_id") == [
        (operator.pk, Role.OPERATOR, "2001:db8::7", "CARD_OPENED", "campaigns.communication", 5)
    ]


def test_the_record_of_a_reading_is_never_left_to_a_transaction_that_may_roll_back(
    transactional_db: None,
) -> None:
    visitor = Visitor(OperatorFactory.create().pk, None)

    with transaction.atomic(), pytest.raises(RuntimeError):
        services.record_access(visitor, Access.SEARCHED, "filters.application")

    assert recorded("id") == []


def test_a_record_outlives_its_operator() -> None:
    operator = OperatorFactory.create()
    services.record_access(Visitor(operator.pk, None), Access.SEARCHED)

    Operator.objects.filter(pk=operator.pk).delete()

    assert recorded("operator_id", "role") == [(operator.pk, Role.OPERATOR)]


def test_logging_in_and_out_is_recorded_with_the_address(client: Client) -> None:
    operator = OperatorFactory.create()

    token = post(client, "login", login=operator.login, password=PASSWORD)["data"]["token"]
    post(client, "logout", token=token)
    post(client, "logout", token=token)  # no live token any more: nobody logs out

    assert recorded("operator_id", "address", "action", "subject") == [
        (operator.pk, "192.0.2.7", "LOGGED_IN", "api"),
        (operator.pk, "192.0.2.7", "LOGGED_OUT", "api"),
    ]


def test_failed_log_ins_are_recorded_without_what_was_typed(
    client: Client, settings: Settings
) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    known, locked = OperatorFactory.create(), OperatorFactory.create(locked=True)

    post(client, "login", login=known.login, password="wrong")
    post(client, "login", login=locked.login, password=PASSWORD)
    for _ in range(4):  # the last one is not even tried
        post(client, "login", login="a-password-typed-into-the-wrong-field", password="")

    actions = recorded("operator_id", "action")
    assert actions[:2] == [(known.pk, "LOG_IN_FAILED"), (locked.pk, "LOG_IN_FAILED")]
    assert actions[2:] == [(None, "LOG_IN_FAILED")] * 4
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(log::text, '') FROM \"tm$access_log\" AS log")
        assert "typed" not in cursor.fetchone()[0]


def test_without_its_record_nobody_logs_in(client: Client, transactional_db: None) -> None:
    operator = OperatorFactory.create()
    client.raise_request_exception = False

    with broken_log():
        answer = client.post(
            f"{API}login",
            {"login": operator.login, "password": PASSWORD},
            content_type="application/json",
        )

    assert answer.status_code == 500
    assert not operator.auths.exists()


def test_a_lock_and_its_end_are_recorded_with_whoever_did_it() -> None:
    senior, operator = OperatorFactory.create(), OperatorFactory.create()
    visitor = Visitor(senior.pk, "192.0.2.8")

    services.lock_operators([operator.pk], visitor)
    services.unlock_operators([operator.pk], visitor)

    assert recorded("operator_id", "action", "subject", "subject_id") == [
        (senior.pk, "LOCKED", "security.operator", operator.pk),
        (senior.pk, "UNLOCKED", "security.operator", operator.pk),
    ]


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        'UPDATE "tm$access_log" SET operator_id = 0',
        "UPDATE \"tm$access_log\" SET wtime = now() - interval '1 day'",
        "UPDATE \"tm$access_log\" SET position = 9, seal = repeat('0', 64), address = NULL",
        'UPDATE "tm$access_log" SET position = NULL, seal = NULL',
        'DELETE FROM "tm$access_log"',
        'TRUNCATE "tm$access_log"',
        'TRUNCATE "tm$access_log" CASCADE',
    ],
)
def test_the_database_itself_keeps_every_record(change: str, sealed: bool) -> None:
    services.record_access(Visitor(OperatorFactory.create().pk, "192.0.2.7"), Access.SEARCHED)
    if sealed:
        services.seal_access_log()
    before = recorded("operator_id", "wtime", "address", "position", "seal")

    execute('ALTER TABLE "tm$access_log" ENABLE TRIGGER access_log_stays_whole')

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        execute(change)

    assert recorded("operator_id", "wtime", "address", "position", "seal") == before


def test_a_sealed_record_is_not_sealed_again() -> None:
    services.record_access(Visitor(OperatorFactory.create().pk, None), Access.SEARCHED)
    services.seal_access_log()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        execute('UPDATE "tm$access_log" SET position = 2')


def test_nobody_writes_a_record_into_the_past_or_into_the_chain() -> None:
    execute(
        """INSERT INTO "tm$access_log" (action, wtime, position, seal)
        VALUES ('SEARCHED', '2001-01-01', 7, repeat('0', 64))"""
    )

    record = AccessRecord.objects.get()
    assert (record.wtime.year > 2001, record.position, record.seal) == (True, None, None)


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
