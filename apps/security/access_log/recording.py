"""Writes records of the access log."""

from typing import Any

from django.db import connection, transaction

from apps.security.types import Access, Visitor

INSERT = """
INSERT INTO "tm$access_log" (operator_id, role, address, action, subject, subject_id)
SELECT who.id, operator.role, %(address)s::inet, %(action)s, %(subject)s, subject_id
FROM (VALUES ({who}::bigint)) AS who (id)
LEFT JOIN "tm$operators" AS operator ON operator.id = who.id
CROSS JOIN unnest(%(subject_ids)s::bigint[]) AS subject_id
"""
BY_NUMBER = INSERT.format(who="%(operator_id)s")
# known or not, a login takes the same statement: nobody learns from the time which one exists
BY_LOGIN = INSERT.format(who='(SELECT id FROM "tm$operators" WHERE login = %(login)s)')


def record_access(by: Visitor, action: Access, subject: str = "", *subject_ids: int) -> None:
    """Record that somebody saw something; one record for each of ``subject_ids``, or one without.

    Call it before the answer is given, and outside of any transaction: when it returns, the record
    is committed, and when it raises, nothing may be shown. ``subject`` is a model's label in lower
    case ("campaigns.communication"). Raises RuntimeError within a transaction.
    """
    with transaction.atomic(durable=True):
        record_change(by, action, subject, *subject_ids)


def record_change(by: Visitor | None, action: Access, subject: str = "", *subject_ids: int) -> None:
    """As ``record_access``, in the caller's transaction: that of the change that is recorded.
    ``by`` is None where a program or a command made it."""
    who = {"operator_id": by.operator_id if by else None, "address": by.address if by else None}
    _insert(BY_NUMBER, who, action, subject, subject_ids)


def record_failed_log_in(login: str, address: str | None, subject: str) -> None:
    """Record a failed log-in, with the operator who has this login, if any. The text that was
    typed is not kept: people type passwords there."""
    with transaction.atomic(durable=True):
        who = {"login": login.replace("\0", ""), "address": address}
        _insert(BY_LOGIN, who, Access.LOG_IN_FAILED, subject, ())


def _insert(
    statement: str,
    who: dict[str, Any],
    action: Access,
    subject: str,
    subject_ids: tuple[int, ...],
) -> None:
    numbers: list[int | None] = [*subject_ids] or [None]
    values = {
        **who,
        "address": who["address"] or None,
        "action": action.value,
        "subject": subject,
        "subject_ids": numbers,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
