"""Promises that hold in the tables at every moment, as queries for the rows that break them.

Story tests ask them at their end, the model-based tests after each step, the load generator when it
stops. A promise that a constraint keeps is asked too: the query says it in words that a reader of a
failure understands, and a lost constraint is noticed.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db import connection

from common.clock import now

Rows = Sequence[tuple[Any, ...]]
# how tests and the load generator ask a database: a statement and its values
Query = Callable[..., Rows]

# a sweep drafts results every two seconds; under load it may be late by so much
DRAFT_GRACE = timedelta(seconds=30)
LOOK_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise by its name, and the query whose rows break it.

    ``timed``: the query has one parameter, before which a conversation must have ended for its
    result to be overdue.
    """

    name: str
    sql: str
    timed: bool = False


ENGINE = (
    Invariant(
        "no phone is in two open orders",
        """
        SELECT phone, array_agg(id) FROM "tm$call_orders" WHERE state <> 'CLOSED'
        GROUP BY phone HAVING count(*) > 1
        """,
    ),
    Invariant(
        "no client is in two calls at once",
        """
        SELECT call_order.phone, array_agg(call.id) FROM "tm$calls" AS call
        JOIN "tm$call_orders" AS call_order ON call_order.id = call.order_id
        WHERE call.ended_at IS NULL
          AND coalesce(call.dialled_at, call.ringing_at, call.connected_at) IS NOT NULL
        GROUP BY call_order.phone HAVING count(*) > 1
        """,
    ),
    Invariant(
        "an order is of its task's client and campaign",
        """
        SELECT call_order.id FROM "tm$call_orders" AS call_order
        JOIN "tm$campaign_tasks" AS task ON task.id = call_order.task_id
        WHERE (task.phone, task.campaign_id) <> (call_order.phone, call_order.campaign_id)
        """,
    ),
    Invariant(
        "every conversation is a call of an order of its task",
        """
        SELECT talk.id FROM "tm$communications" AS talk
        LEFT JOIN "tm$calls" AS call ON call.communication_id = talk.id
        LEFT JOIN "tm$call_orders" AS call_order ON call_order.id = call.order_id
        WHERE call_order.task_id IS DISTINCT FROM talk.campaign_task_id
           OR call_order.phone IS DISTINCT FROM talk.phone
        """,
    ),
    Invariant(
        "a task in progress has an open order",
        """
        SELECT task.id FROM "tm$campaign_tasks" AS task
        WHERE task.task_state = 'IN_PROGRESS' AND NOT EXISTS (
            SELECT FROM "tm$call_orders" AS call_order
            WHERE call_order.task_id = task.id AND call_order.state <> 'CLOSED'
        )
        """,
    ),
    Invariant(
        "an order waits in telephony's queue only for a task in progress",
        """
        SELECT call_order.id, task.task_state FROM "tm$call_orders" AS call_order
        JOIN "tm$campaign_tasks" AS task ON task.id = call_order.task_id
        WHERE call_order.state = 'QUEUED' AND task.task_state <> 'IN_PROGRESS'
        """,
    ),
    Invariant(
        "the open order of a task is its latest",
        """
        SELECT call_order.id FROM "tm$call_orders" AS call_order
        WHERE call_order.state IN ('QUEUED', 'WITHDRAWING') AND EXISTS (
            SELECT FROM "tm$call_orders" AS later
            WHERE later.task_id = call_order.task_id AND later.id > call_order.id
        )
        """,
    ),
    Invariant(
        "an order that is being called has a call that has not ended",
        """
        SELECT call_order.id FROM "tm$call_orders" AS call_order
        WHERE call_order.state = 'CALLING' AND NOT EXISTS (
            SELECT FROM "tm$calls" AS call
            WHERE call.order_id = call_order.id AND call.ended_at IS NULL
        )
        """,
    ),
    Invariant(
        "an order waits for a result only where a conversation has none",
        """
        SELECT call_order.id FROM "tm$call_orders" AS call_order
        WHERE call_order.state = 'RESULT_DUE' AND NOT EXISTS (
            SELECT FROM "tm$calls" AS call
            JOIN "tm$communications" AS talk ON talk.id = call.communication_id
            WHERE call.order_id = call_order.id AND talk.state = 'NEW'
              AND talk.ended_at IS NOT NULL
        )
        """,
    ),
    Invariant(
        "a closed order has an ending",
        """
        SELECT id FROM "tm$call_orders"
        WHERE state = 'CLOSED' AND (ending IS NULL OR ended_at IS NULL)
        """,
    ),
    Invariant(
        "the call of a closed order has ended",
        """
        SELECT call_order.id, call.id FROM "tm$call_orders" AS call_order
        JOIN "tm$calls" AS call ON call.order_id = call_order.id
        WHERE call_order.state = 'CLOSED' AND call.ended_at IS NULL
          AND coalesce(call.dialled_at, call.ringing_at, call.connected_at) IS NOT NULL
        """,
    ),
    Invariant(
        "a task's attempts are its orders that count",
        """
        SELECT task.id, task.attempts, count(call_order.id) FROM "tm$campaign_tasks" AS task
        LEFT JOIN "tm$call_orders" AS call_order
            ON call_order.task_id = task.id AND call_order.is_attempt
        GROUP BY task.id HAVING task.attempts <> count(call_order.id)
        """,
    ),
    Invariant(
        "nobody is called again after a final result",
        """
        WITH last_result AS (
            SELECT DISTINCT ON (talk.campaign_task_id) talk.campaign_task_id, disposition.meaning
            FROM "tm$communications" AS talk
            JOIN "tm$dispositions" AS disposition ON disposition.id = talk.disposition_id
            WHERE talk.state = 'FIXED' AND talk.ended_at IS NOT NULL
            ORDER BY talk.campaign_task_id, greatest(talk.fixed_at, talk.ended_at) DESC,
                talk.id DESC
        )
        SELECT task.id, task.task_state, task.redial_at, last_result.meaning
        FROM last_result JOIN "tm$campaign_tasks" AS task
            ON task.id = last_result.campaign_task_id
        WHERE last_result.meaning NOT IN ('REDIAL', 'CALLBACK')
          AND (task.redial_at IS NOT NULL OR task.task_state = 'NEW'
            OR EXISTS (
                SELECT FROM "tm$call_orders" AS call_order
                WHERE call_order.task_id = task.id AND call_order.state = 'QUEUED'
            ))
        """,
    ),
    Invariant(
        "whoever asked never to be called is on the do-not-call list",
        """
        SELECT talk.id FROM "tm$communications" AS talk
        JOIN "tm$dispositions" AS disposition ON disposition.id = talk.disposition_id
        WHERE talk.state = 'FIXED' AND disposition.meaning = 'NEVER_AGAIN' AND NOT EXISTS (
            SELECT FROM "tm$do_not_call" AS listed WHERE listed.phone = talk.phone
        )
        """,
    ),
    Invariant(
        "a corrected result has every earlier version",
        """
        SELECT talk.id, talk.result_version FROM "tm$communications" AS talk
        LEFT JOIN "tm$result_versions" AS earlier ON earlier.communication_id = talk.id
        GROUP BY talk.id HAVING count(earlier.id) <> talk.result_version - 1
            OR max(earlier.version) >= talk.result_version
        """,
    ),
    Invariant(
        "a client has one unfinished task in a campaign",
        """
        SELECT campaign_id, phone, array_agg(id) FROM "tm$campaign_tasks"
        WHERE task_state IN ('NEW', 'IN_PROGRESS')
        GROUP BY campaign_id, phone HAVING count(*) > 1
        """,
    ),
    Invariant(
        "a withdrawn task is never called again",
        """
        SELECT id FROM "tm$campaign_tasks" WHERE outcome IN ('SUPERSEDED', 'WITHDRAWN', 'CANCELLED')
          AND redial_at IS NOT NULL
        """,
    ),
    Invariant(
        "the moves of a task follow each other and lead to its state",
        """
        WITH moves AS (
            SELECT task_id, from_state, to_state,
                lag(to_state) OVER each_task AS came_from,
                lead(id) OVER each_task IS NULL AS is_last
            FROM "tm$task_transitions" WINDOW each_task AS (PARTITION BY task_id ORDER BY id)
        )
        SELECT task.id, moves.from_state, moves.to_state, task.task_state
        FROM moves JOIN "tm$campaign_tasks" AS task ON task.id = moves.task_id
        WHERE moves.came_from <> moves.from_state
           OR moves.is_last AND moves.to_state <> task.task_state
        """,
    ),
    Invariant(
        "a result that was not saved in time is a draft",
        """
        SELECT id, ended_at FROM "tm$communications" WHERE state = 'NEW' AND ended_at < %s
        """,
        timed=True,
    ),
)

WORKPLACE = (
    Invariant(
        "the periods of an operator follow each other without a gap, and the last one is open",
        """
        WITH periods AS (
            SELECT operator_id, began_at, ended_at,
                lead(began_at) OVER (PARTITION BY operator_id ORDER BY began_at) AS next_began_at
            FROM "tm$state_periods"
        )
        SELECT * FROM periods WHERE ended_at IS DISTINCT FROM next_began_at
        """,
    ),
)

TELEPHONY = (
    Invariant(
        "what is removed from telephony's queue was put there",
        """
        SELECT removal.id FROM "tm$mightycall_tasks" AS removal
        WHERE removal.task_type = 'DELETE' AND NOT EXISTS (
            SELECT FROM "tm$mightycall_tasks" AS added
            WHERE added.order_id = removal.order_id AND added.task_type = 'ADD'
        )
        """,
    ),
    Invariant(
        "every order was given to telephony, and every withdrawal",
        """
        SELECT call_order.id, call_order.state FROM "tm$call_orders" AS call_order
        WHERE NOT EXISTS (
            SELECT FROM "tm$mightycall_tasks" AS added
            WHERE added.order_id = call_order.id AND added.task_type = 'ADD'
        ) OR call_order.state = 'WITHDRAWING' AND NOT EXISTS (
            SELECT FROM "tm$mightycall_tasks" AS removal
            WHERE removal.order_id = call_order.id AND removal.task_type = 'DELETE'
        )
        """,
    ),
)

# An application that passed is called, waits for a call to end, or gave way to a newer version.
# What waited is dropped where the client asked never to be called, or the application changed.
LOANS = (
    Invariant(
        "every application that passed became a task, or waits for a call to end",
        """
        SELECT verdict.id FROM "tm$verdicts" AS verdict
        JOIN "tm$applications" AS application ON application.id = verdict.application_id
        WHERE verdict.state = 'PASSED' AND NOT EXISTS (
            SELECT FROM "tm$campaign_tasks" AS task
            WHERE task.source_key = 'application:' || verdict.application_id
              AND task.campaign_id = verdict.campaign_id
        ) AND NOT EXISTS (
            SELECT FROM "tm$deferred_candidates" AS waiting
            WHERE waiting.campaign_id = verdict.campaign_id
              AND waiting.source_key = 'application:' || verdict.application_id
        ) AND NOT EXISTS (
            SELECT FROM "tm$do_not_call" AS listed WHERE listed.phone = application.phone
        ) AND NOT EXISTS (
            SELECT FROM "tm$applications" AS newer
            WHERE newer.stream = application.stream
              AND newer.application_number = application.application_number
              AND newer.changed_at > application.changed_at
        )
        """,
    ),
)

EVERYTHING = (*ENGINE, *WORKPLACE, *TELEPHONY, *LOANS)
# what holds after each step, also while the sweep that drafts overdue results has not run
ENGINE_AT_ONCE = tuple(one for one in ENGINE if not one.timed)
AT_ONCE = (*ENGINE_AT_ONCE, *WORKPLACE, *TELEPHONY, *LOANS)


def ask_django(sql: str, *values: Any) -> Rows:
    """Ask the database of this process."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return list(cursor.fetchall())


def broken(
    at: datetime, among: Iterable[Invariant] = EVERYTHING, query: Query = ask_django
) -> dict[str, list[str]]:
    """Return the rows that break a promise, by its name; empty: all hold."""
    overdue = at - timedelta(seconds=settings.RESULT_SECONDS) - DRAFT_GRACE
    asked = list(among)
    # one statement for all of them: a model-based test asks after each of thousands of steps
    statement = "\nUNION ALL\n".join(
        f"SELECT '{one.name.replace(chr(39), chr(39) * 2)}', to_jsonb(broken)::text"  # noqa: S608
        f" FROM ({one.sql}) AS broken"
        for one in asked
    )
    found: dict[str, list[str]] = {}
    for name, row in query(statement, *[overdue for one in asked if one.timed]):
        found.setdefault(name, []).append(row)
    return found


def broken_after_a_while(query: Query, seconds: float) -> dict[str, list[str]]:
    """Return the promises that are still broken once the sweeps had so much time."""
    deadline = time.monotonic() + seconds
    while (found := broken(now(), query=query)) and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN_SECONDS)
    return found


def assert_invariants(
    at: datetime, among: Iterable[Invariant] = EVERYTHING, query: Query = ask_django
) -> None:
    """Fail with the promises that are broken and the rows that break them."""
    found = broken(at, among, query)
    if found:
        raise AssertionError("; ".join(f"{name}: {rows[:3]}" for name, rows in found.items()))


def clients_in_two_calls(calls: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the phones of which two calls overlap, by the simulator's own list of calls."""
    by_phone: dict[str, list[Mapping[str, Any]]] = {}
    for call in sorted(calls, key=lambda call: str(call["dialled_at"])):
        by_phone.setdefault(call["phone"], []).append(call)
    return [
        phone
        for phone, found in by_phone.items()
        if any(
            not one["ended_at"] or one["ended_at"] > two["dialled_at"]
            for one, two in pairwise(found)
        )
    ]
