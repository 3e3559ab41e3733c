"""What MightyCall has not confirmed of operators' sessions: read as jobs, written as outcomes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from apps.telephony.mightycall.request_pool import Failure
from apps.telephony.models import (
    UNCONFIRMED,
    MightyCallActiveOperator,
    MightyCallEndedSession,
    MightyCallOperator,
)

# MightyCall closes a session without an operator by itself [source 2.6.6.2]
IDLE_SESSION_ENDS_AFTER = timedelta(minutes=15)

# committed before the request, whose answer may never come; not for a row that a log-out deleted
NOTE_OPENING = """
UPDATE "tm$mightycall_active_operators" SET open_requested = true WHERE id = ANY(%s) RETURNING id
"""
# not over what an event or a new log-in has written meanwhile
WRITE = """
UPDATE "tm$mightycall_active_operators" AS row
SET session_id = done.session_id, confirmed_revision = done.revision,
    last_error = done.last_error, next_try_at = done.next_try_at
FROM unnest(
    %s::bigint[], %s::text[], %s::text[], %s::integer[], %s::text[], %s::timestamptz[]
) AS done (id, old_session_id, session_id, revision, last_error, next_try_at)
WHERE row.id = done.id AND row.session_id = done.old_session_id
"""


@dataclass(frozen=True, slots=True)
class OperatorJob:
    """What MightyCall has to be told of one operator: sessions that are over, then the present one.

    ``row`` has the operator's extension as ``login``. It is None where the operator is not on line,
    or MightyCall knows the present state.
    """

    operator_id: int
    ended: Sequence[MightyCallEndedSession] = ()
    row: Any = None


@dataclass(slots=True)
class Outcome:
    """What came of a job.

    ``session_id`` is None where it was not asked for, "" where the session is gone; ``revision`` is
    the one that MightyCall has confirmed; ``closed`` has the keys of ended sessions.
    """

    closed: list[int] = field(default_factory=list)
    session_id: str | None = None
    revision: int | None = None
    failure: Failure | None = None
    last_error: str = ""
    next_try_at: datetime | None = None


def exist(now: datetime, without: Collection[int]) -> bool:
    """Return True if there is something to send, except for the operators ``without``."""
    ended = MightyCallEndedSession.objects.exclude(operator__in=without)
    # ordered, because without an order the planner reads the table until it finds a row
    found = _waiting(now, without).order_by("pk").values_list("pk")[:1]
    return bool(found) or ended.exists()


def take_jobs(now: datetime, without: Collection[int], limit: int) -> list[OperatorJob]:
    """Return the jobs of at most ``limit`` operators, without these. Notes which sessions will be
    opened. Call it in no transaction.
    """
    rows = _with_opening_noted(list(_waiting(now, without).order_by("pk")[:limit]))
    on_line = {row.operator_id: row for row in rows}
    ended = _ended_of(on_line, without, limit)
    operator_ids = [*on_line, *(ended.keys() - on_line.keys())]
    return [
        OperatorJob(pk, tuple(ended.get(pk, ())), on_line.get(pk)) for pk in operator_ids[:limit]
    ]


def write_outcomes(done: Sequence[tuple[OperatorJob, Outcome]], now: datetime) -> None:
    """Write what MightyCall answered. A session that is over is forgotten when it is closed, or so
    old that MightyCall has closed it by itself.
    """
    closed = [pk for _, outcome in done for pk in outcome.closed]
    idle = Q(wtime__lt=now - IDLE_SESSION_ENDS_AFTER)
    written = [(job.row, outcome) for job, outcome in done if job.row is not None]
    columns = [
        [row.pk for row, _ in written],
        [row.session_id for row, _ in written],
        [_session_after(row, outcome) for row, outcome in written],
        [_revision_after(row, outcome) for row, outcome in written],
        [outcome.last_error for _, outcome in written],
        [outcome.next_try_at for _, outcome in written],
    ]
    with transaction.atomic():
        MightyCallEndedSession.objects.filter(Q(pk__in=closed) | idle).delete()
        with connection.cursor() as cursor:
            cursor.execute(WRITE, columns)


def _session_after(row: MightyCallActiveOperator, outcome: Outcome) -> str:
    return row.session_id if outcome.session_id is None else outcome.session_id


def _revision_after(row: MightyCallActiveOperator, outcome: Outcome) -> int:
    """A new session knows nothing of what an earlier one was told."""
    if outcome.revision is not None:
        return outcome.revision
    return row.confirmed_revision if _session_after(row, outcome) == row.session_id else 0


def _waiting(now: datetime, without: Collection[int]) -> QuerySet[MightyCallActiveOperator]:
    """Rows of operators with an account whose retry is due, each with its ``login``."""
    accounts = MightyCallOperator.objects.filter(operator=OuterRef("operator"))
    is_due = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now)
    return (
        MightyCallActiveOperator.objects.annotate(login=Subquery(accounts.values("login")))
        .filter(UNCONFIRMED, is_due, login__isnull=False)
        .exclude(operator__in=without)
    )


def _with_opening_noted(rows: Sequence[Any]) -> list[Any]:
    """Note which of the rows have no session yet: it will be opened. Return the rows that a log-out
    has not deleted meanwhile.
    """
    unopened = [row.pk for row in rows if not row.session_id]
    if not unopened:
        return list(rows)
    with connection.cursor() as cursor:
        cursor.execute(NOTE_OPENING, [unopened])
        noted = {pk for (pk,) in cursor.fetchall()}
    return [row for row in rows if row.session_id or row.pk in noted]


def _ended_of(
    on_line: Collection[int], without: Collection[int], limit: int
) -> dict[int, list[MightyCallEndedSession]]:
    """Return the ended sessions of these operators, and the oldest of all, by operator."""
    everybody = MightyCallEndedSession.objects.exclude(operator__in=without).order_by("pk")
    found = {row.pk: row for row in everybody[:limit]}
    if on_line:
        found |= {row.pk: row for row in everybody.filter(operator__in=on_line)}
    by_operator: dict[int, list[MightyCallEndedSession]] = {}
    for row in found.values():
        by_operator.setdefault(row.operator_id, []).append(row)
    return by_operator
