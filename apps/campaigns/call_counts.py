"""Counts calls and new tasks by hour, campaign, operator, outcome and result: what reports sum up.

A call counts in one hour. A conversation counts in the hour in which it began. A call that reached
nobody counts in the hour in which it was dialled; where telephony did not say when, in that in
which it ended.
"""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min

from apps.campaigns.models import ChangedHour
from apps.campaigns.types import CallBehind, CallCount, CallFilter, ChangedHours, TaskCount

# a callback is kept when the client is dialled so long before or after the time that was promised
EARLY, LATE = timedelta(minutes=5), timedelta(minutes=15)

# One row for each call. The first half finds conversations by their beginning, the second calls
# that reached nobody by the index ``call_unreached_by_moment``.
FACTS = """
WITH fact AS (
    SELECT talk.started_at AS moment, task.campaign_id, talk.operator_id,
        'CONNECTED' AS outcome, talk.state, talk.disposition_id,
        CASE talk.state WHEN 'FIXED'
            THEN left(coalesce(talk.result_details ->> 'reason', ''), 128) ELSE '' END AS reason,
        CASE WHEN NOT EXISTS (
            SELECT FROM "tm$communications" AS earlier
            WHERE earlier.campaign_task_id = talk.campaign_task_id
                AND (earlier.started_at, earlier.id) < (talk.started_at, talk.id)
        ) THEN 1 + (
            SELECT count(*) FROM "tm$call_orders" AS earlier
            WHERE earlier.task_id = talk.campaign_task_id
                AND earlier.id < call.order_id AND earlier.is_attempt
        ) END AS attempt,
        call.order_id, call.id AS call_id, talk.campaign_task_id AS task_id,
        (talk.ended_at IS NOT NULL)::int AS ended,
        coalesce(extract(epoch FROM talk.ended_at - talk.started_at) * 1000, 0)::bigint AS talk_ms,
        CASE WHEN talk.state = 'NEW' OR talk.ended_at IS NULL THEN 0
            WHEN talk.state = 'DRAFT' THEN %(result_ms)s
            ELSE least(greatest(
                extract(epoch FROM talk.fixed_at - talk.ended_at) * 1000, 0), %(result_ms)s
            ) END::bigint AS after_call_ms,
        promise.at AS promised_at, talk.id AS talk_id, talk.phone
    FROM "tm$communications" AS talk
    JOIN "tm$campaign_tasks" AS task ON task.id = talk.campaign_task_id
    LEFT JOIN "tm$calls" AS call ON call.communication_id = talk.id
    LEFT JOIN LATERAL (
        SELECT CASE WHEN pg_input_is_valid(talk.result_details ->> 'callback_at', 'timestamptz')
            THEN (talk.result_details ->> 'callback_at')::timestamptz END AS at
    ) AS promise ON talk.state = 'FIXED'
    WHERE talk.started_at >= %(since)s AND talk.started_at < %(until)s
    UNION ALL
    SELECT coalesce(call.dialled_at, call.ended_at, call.wtime), call_order.campaign_id,
        call.operator_id, coalesce(call.system_disposition, ''), '', NULL, '', NULL,
        call.order_id, call.id, call_order.task_id, 0, 0, 0, NULL, NULL, call_order.phone
    FROM "tm$calls" AS call
    JOIN "tm$call_orders" AS call_order ON call_order.id = call.order_id
    WHERE call.communication_id IS NULL
        AND coalesce(call.dialled_at, call.ended_at, call.wtime) >= %(since)s
        AND coalesce(call.dialled_at, call.ended_at, call.wtime) < %(until)s
), counted AS (
    SELECT fact.*, date_trunc('hour', moment, 'UTC') AS hour,
        NOT EXISTS (
            SELECT FROM "tm$calls" AS earlier
            JOIN "tm$call_orders" AS earlier_order ON earlier_order.id = earlier.order_id
            WHERE earlier_order.task_id = fact.task_id
                AND (earlier.order_id, earlier.id) < (fact.order_id, fact.call_id)
        ) AS first_dial,
        answer.kept, answer.late
    FROM fact
    LEFT JOIN LATERAL (
        SELECT bool_or(dialled <= promised_at + %(late)s) AS kept,
            bool_or(dialled > promised_at + %(late)s) AS late
        FROM (
            SELECT coalesce(call.dialled_at, call.ended_at, call.wtime) AS dialled
            FROM "tm$campaign_tasks" AS task
            JOIN "tm$call_orders" AS call_order ON call_order.task_id = task.id
            JOIN "tm$calls" AS call ON call.order_id = call_order.id
            WHERE task.phone = fact.phone AND task.campaign_id = fact.campaign_id
                AND call.id <> fact.call_id
        ) AS later
        WHERE dialled >= promised_at - %(early)s
    ) AS answer ON promised_at IS NOT NULL
)
"""
COUNTS = (
    FACTS
    + """
SELECT hour, campaign_id, operator_id, outcome, state, disposition_id, reason, attempt, first_dial,
    count(*), sum(ended), sum(talk_ms)::bigint, sum(after_call_ms)::bigint, count(promised_at),
    count(*) FILTER (WHERE kept), count(*) FILTER (WHERE late AND NOT kept)
FROM counted
GROUP BY hour, campaign_id, operator_id, outcome, state, disposition_id, reason, attempt, first_dial
ORDER BY hour
"""
)
BEHIND = (
    FACTS
    + """
SELECT moment, campaign_id, operator_id, phone, outcome, state, disposition_id, reason, talk_ms,
    after_call_ms, talk_id
FROM counted WHERE {conditions} ORDER BY moment DESC, call_id DESC LIMIT %(limit)s OFFSET %(offset)s
"""
)
CONDITIONS = {
    "hour": "extract(hour FROM moment AT TIME ZONE 'Europe/Moscow') = %(hour)s",
    "campaign_id": "campaign_id = %(campaign_id)s",
    "operator_id": "operator_id = %(operator_id)s",
    "outcome": "outcome = %(outcome)s",
    "reached": "(talk_id IS NOT NULL) = %(reached)s",
    "saved": "(state = 'FIXED') = %(saved)s",
    "disposition_ids": "disposition_id = ANY(%(disposition_ids)s)",
    "reason": "reason = %(reason)s",
    "attempt": "attempt = %(attempt)s",
    "attempts_from": "attempt >= %(attempts_from)s",
    "attempts": "(attempt IS NOT NULL) = %(attempts)s",
    "first_dial": "first_dial = %(first_dial)s",
}
LONGEST_MS = 3_000  # of a list: the page takes a place that the operators need
NEW_TASKS = """
SELECT date_trunc('hour', wtime, 'UTC') AS hour, campaign_id, count(*)
FROM "tm$campaign_tasks" WHERE wtime >= %s AND wtime < %s
GROUP BY hour, campaign_id ORDER BY hour
"""
FIRST_AND_LAST = """
SELECT least(talks.first, calls.first, tasks.first), greatest(talks.last, calls.last, tasks.last)
FROM (SELECT min(started_at) AS first, max(started_at) AS last FROM "tm$communications") AS talks,
    (SELECT min(coalesce(dialled_at, ended_at, wtime)) AS first,
        max(coalesce(dialled_at, ended_at, wtime)) AS last
    FROM "tm$calls" WHERE communication_id IS NULL) AS calls,
    (SELECT min(wtime) AS first, max(wtime) AS last FROM "tm$campaign_tasks") AS tasks
"""


def count_calls(since: datetime, until: datetime) -> list[CallCount]:
    """The calls of these hours, grouped by everything that reports tell apart, by hour.

    Both moments begin an hour; ``until`` is excluded.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"since": since, "until": until, **_rules()})
        return [CallCount(*row) for row in cursor.fetchall()]


def calls_behind(wanted: CallFilter, offset: int, limit: int) -> list[CallBehind]:
    """A page of the calls that ``count_calls`` counts, latest first.

    Raises OperationalError when it takes longer than a page may.
    """
    chosen = {name: value for name, value in asdict(wanted).items() if value is not None}
    conditions = [text for name, text in CONDITIONS.items() if name in chosen]
    statement = BEHIND.format(conditions=" AND ".join(conditions) or "true")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {LONGEST_MS}")
        cursor.execute(statement, {**chosen, **_rules(), "offset": offset, "limit": limit})
        return [CallBehind(*row) for row in cursor.fetchall()]


def _rules() -> dict[str, Any]:
    return {"early": EARLY, "late": LATE, "result_ms": settings.RESULT_SECONDS * 1000}


def count_new_tasks(since: datetime, until: datetime) -> list[TaskCount]:
    """The tasks that were made in these hours, by hour and campaign; ``until`` is excluded."""
    with connection.cursor() as cursor:
        cursor.execute(NEW_TASKS, [since, until])
        return [TaskCount(*row) for row in cursor.fetchall()]


def first_and_last_counted() -> tuple[datetime, datetime] | None:
    """The moments of the first and of the last call or task, None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST_AND_LAST)
        first, last = cursor.fetchone()
    return (first, last) if first else None


def counting_rules() -> str:
    """Changes when calls are to be counted otherwise than before: with the time for the result, or
    with a new number here when the statement above changes."""
    return f"1/{settings.RESULT_SECONDS}"


def changed_hours(since: datetime | None = None, until: datetime | None = None) -> ChangedHours:
    """The hours that changed and were not counted since, latest first, and the moment of the
    earliest of these changes; of a period, or all."""
    rows = ChangedHour.objects.all()
    if since is not None:
        rows = rows.filter(hour__gte=since)
    if until is not None:
        rows = rows.filter(hour__lt=until)
    hours = rows.order_by("-hour").values_list("hour", flat=True).distinct()
    return ChangedHours(tuple(hours), rows.aggregate(first=Min("wtime"))["first"])


def forget_changed_hours(hours: Collection[datetime]) -> None:
    """These hours are about to be counted, in the caller's transaction: whoever changes them from
    now on is not in it yet, and writes anew that they changed."""
    ChangedHour.objects.filter(hour__in=hours).delete()
