"""Time of operators on line, from the states that were recorded of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from apps.arm import selectors as arm
from apps.arm.types import Bucket, PeriodState
from apps.reports.choice import Choice
from apps.reports.measures import Totals
from common.clock import MOSCOW

BUSY = (PeriodState.IN_CALL, PeriodState.WRAP_UP)
ON_LINE = (PeriodState.READY, *BUSY)
MILLISECOND = timedelta(milliseconds=1)


def with_time_on_line(
    totals: Mapping[int, Totals], choice: Choice, now: datetime
) -> dict[int, Totals]:
    """The totals of these operators, and of others who were on line, with their time in states.
    Nothing is added where one campaign is chosen: an operator is on line for all of them."""
    found = dict(totals)
    if choice.campaign_id is not None:
        return found
    since, until = choice.period
    bucket = Bucket.DAY if choice.hour is None else Bucket.HOUR
    chosen = None if choice.operator_id is None else [choice.operator_id]
    for one in arm.time_in_states(since, until, bucket=bucket, now=now, operator_ids=chosen):
        is_chosen = choice.hour in (None, one.begins_at.astimezone(MOSCOW).hour)
        if is_chosen and one.state in ON_LINE:
            before = found.get(one.operator_id, Totals())
            length = one.duration // MILLISECOND
            found[one.operator_id] = replace(
                before,
                on_line_ms=before.on_line_ms + length,
                busy_ms=before.busy_ms + (length if one.state in BUSY else 0),
            )
    return found
