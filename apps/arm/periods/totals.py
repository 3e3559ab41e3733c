"""How long operators were in which state."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection

from apps.arm.models import StatePeriod
from apps.arm.types import Bucket, PeriodState, PresentState, StateTime

# each period is cut at the borders of the hours or days in which it lies
TIMES = """
SELECT period.operator_id, bucket.begins_at, period.state, coalesce(reason.title, ''),
    sum(
        least(
            coalesce(period.ended_at, %(until)s), bucket.begins_at + %(step)s::interval, %(until)s
        ) - greatest(period.began_at, bucket.begins_at, %(since)s)
    )
FROM "tm$state_periods" AS period
LEFT JOIN "tm$break_reasons" AS reason ON reason.id = period.break_reason_id,
LATERAL generate_series(
    date_trunc(%(bucket)s, greatest(period.began_at, %(since)s), 'Europe/Moscow'),
    least(coalesce(period.ended_at, %(until)s), %(until)s) - interval '1 microsecond',
    %(step)s::interval
) AS bucket (begins_at)
WHERE tstzrange(period.began_at, period.ended_at) && tstzrange(%(since)s, %(until)s)
    AND period.state <> 'SIGNED_OUT' {of_operators}
GROUP BY period.operator_id, bucket.begins_at, period.state, reason.title
ORDER BY period.operator_id, bucket.begins_at, period.state, reason.title NULLS FIRST
"""
OF_OPERATORS = """
    AND period.operator_id = ANY(%(operator_ids)s)
    AND (period.ended_at > %(since)s OR period.ended_at IS NULL)
"""


def time_in_states(
    since: datetime,
    until: datetime,
    *,
    bucket: Bucket = Bucket.HOUR,
    now: datetime,
    operator_ids: Collection[int] | None = None,
) -> list[StateTime]:
    """How long each operator was in each state from ``since`` until before ``until``, by hours or
    days of Moscow; None: all operators. Ordered by operator, then time.

    A state that still lasts is counted until ``now``. Time without a token (SIGNED_OUT) is left
    out, and so is what lasted no time. The durations of the hours of a day add up to those of the
    day, and those of an operator and hour to an hour at most. Cost: the periods of this time.
    """
    sql = TIMES.format(of_operators="" if operator_ids is None else OF_OPERATORS)
    last = min(until, now)
    values: dict[str, Any] = {
        "since": since,
        "until": last,
        "bucket": bucket.value,
        "step": f"1 {bucket.value}",
        "operator_ids": None if operator_ids is None else list(operator_ids),
    }
    if since >= last:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [
            StateTime(
                operator_id=operator_id,
                begins_at=begins_at,
                state=PeriodState(state),
                break_reason=reason,
                duration=duration,
            )
            for operator_id, begins_at, state, reason, duration in cursor.fetchall()
        ]


def present_states(operator_ids: Collection[int]) -> dict[int, PresentState]:
    """What each of these operators does, and since when, as it was last recorded. One who never
    signed in is left out."""
    rows = StatePeriod.objects.filter(operator__in=operator_ids, ended_at__isnull=True)
    return {
        operator_id: PresentState(state=PeriodState(state), since=since, break_reason=title or "")
        for operator_id, state, since, title in rows.values_list(
            "operator_id", "state", "began_at", "break_reason__title"
        )
    }
