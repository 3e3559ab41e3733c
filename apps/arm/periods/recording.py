"""Records what operators are doing, as periods.

It looks at the tables and writes what it finds, so it may be called once too often, at the same
moment by several, and late: whoever is killed before it loses nothing, because the sweep finds the
same. Calls keep their own times; the time of anything else is when it was found.
"""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import connection, transaction

from apps.arm.models import StatePeriod, Workplace
from apps.arm.periods.unfolding import Beginning, Doing, unfold
from apps.arm.ports import operator_sessions
from apps.arm.types import NOT_ON_LINE, OperatorStatus, PeriodState
from apps.campaigns import selectors as campaigns
from apps.security import selectors as security

logger = logging.getLogger(__name__)

OF_STATUS = {  # outside of conversations, whose times the calls tell
    OperatorStatus.READY: PeriodState.READY,
    OperatorStatus.BREAK: PeriodState.BREAK,
    OperatorStatus.OFFLINE: PeriodState.OFFLINE,
}
OPENED_ANEW = """
UPDATE "tm$state_periods" AS period
SET state = found.state, break_reason_id = found.break_reason_id, began_at = found.began_at
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[])
    AS found (id, state, break_reason_id, began_at)
WHERE period.id = found.id
"""


def record_states(operator_ids: Collection[int], now: datetime) -> int:
    """Record what these operators are doing. Returns of how many it was news.

    Call it in no transaction. Takes as many statements for many operators as for one.
    """
    with transaction.atomic():
        periods = _lock_open_periods(operator_ids, now)
        # read under the locks: whoever had them before us recorded what was older
        found = _unfolded(periods, now)
        _write({period: beginnings for period, beginnings in found.items() if beginnings})
    return sum(map(bool, found.values()))


def sweep_states(now: datetime) -> int:
    """Record what everybody is doing who is signed in, or was when it was last recorded. Returns of
    how many it was news."""
    open_periods = StatePeriod.objects.filter(ended_at__isnull=True)
    at_work = open_periods.exclude(state=PeriodState.SIGNED_OUT)
    operator_ids = security.signed_in_operator_ids() | set(
        at_work.values_list("operator_id", flat=True)
    )
    # looked at without locks first: mostly there is no news, and nobody waits for us
    known = {
        period.operator_id: period for period in open_periods.filter(operator__in=operator_ids)
    }
    found = _unfolded(known.values(), now)
    changed = {period.operator_id for period, beginnings in found.items() if beginnings}
    changed |= operator_ids - known.keys()
    return record_states(sorted(changed), now) if changed else 0


def record_or_log(operator_ids: Collection[int], now: datetime) -> None:
    """``record_states`` for whoever has more important things to do: an error is only logged. The
    sweep records it then."""
    try:
        record_states(operator_ids, now)
    except Exception as error:  # noqa: BLE001 - the caller has committed, and the sweep follows
        logger.error("states cannot be recorded: %s", type(error).__name__)  # noqa: TRY400


def _lock_open_periods(operator_ids: Collection[int], now: datetime) -> list[StatePeriod]:
    """The open period of each operator, locked in the order of the operators."""
    rows = StatePeriod.objects.filter(operator__in=operator_ids, ended_at__isnull=True)
    if missing := set(operator_ids) - set(rows.values_list("operator_id", flat=True)):
        StatePeriod.objects.bulk_create(
            [
                StatePeriod(operator_id=pk, state=PeriodState.SIGNED_OUT, began_at=now)
                for pk in sorted(missing)
            ],
            ignore_conflicts=True,
        )
    return list(rows.select_for_update().order_by("operator_id"))


def _unfolded(
    periods: Collection[StatePeriod], now: datetime
) -> dict[StatePeriod, list[Beginning]]:
    operator_ids = [period.operator_id for period in periods]
    talks = campaigns.latest_talk_times(operator_ids)
    free = _outside_of_conversations(operator_ids)
    return {
        period: unfold(
            Beginning(period.began_at, Doing(PeriodState(period.state), period.break_reason_id)),
            talks.get(period.operator_id, ()),
            free[period.operator_id],
            now,
        )
        for period in periods
    }


def _outside_of_conversations(operator_ids: Collection[int]) -> dict[int, Doing]:
    signed_in = security.signed_in_operator_ids()
    presences = operator_sessions().read_presences(operator_ids)
    workplaces = Workplace.objects.filter(operator__in=operator_ids, break_reason__isnull=False)
    reasons = dict(workplaces.values_list("operator_id", "break_reason_id"))
    found = {}
    for pk in operator_ids:
        state = OF_STATUS[presences.get(pk, NOT_ON_LINE).status]
        if pk not in signed_in:
            state = PeriodState.SIGNED_OUT
        found[pk] = Doing(state, reasons.get(pk) if state is PeriodState.BREAK else None)
    return found


def _write(found: Mapping[StatePeriod, list[Beginning]]) -> None:
    """Close what the open rows say, and let them say what came last."""
    if not found:
        return
    StatePeriod.objects.bulk_create(
        closed for period, beginnings in found.items() for closed in _closed(period, beginnings)
    )
    columns: list[list[Any]] = [
        [period.pk for period in found],
        [beginnings[-1].doing.state.value for beginnings in found.values()],
        [beginnings[-1].doing.break_reason_id for beginnings in found.values()],
        [beginnings[-1].at for beginnings in found.values()],
    ]
    with connection.cursor() as cursor:
        cursor.execute(OPENED_ANEW, columns)


def _closed(period: StatePeriod, beginnings: list[Beginning]) -> list[StatePeriod]:
    """What the operator did until the last of these. What lasted no time is not kept."""
    present = Doing(PeriodState(period.state), period.break_reason_id)
    did = [Beginning(period.began_at, present), *beginnings]
    return [
        StatePeriod(
            operator_id=period.operator_id,
            state=one.doing.state,
            break_reason_id=one.doing.break_reason_id,
            began_at=one.at,
            ended_at=following.at,
        )
        for one, following in pairwise(did)
        if one.at < following.at
    ]
