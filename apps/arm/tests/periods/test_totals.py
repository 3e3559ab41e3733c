"""How long operators were in which state, by hours and days of Moscow."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from apps.arm.models import BreakReason, StatePeriod
from apps.arm.selectors import time_in_states
from apps.arm.types import Bucket, PeriodState
from apps.security.models import Operator
from common.clock import MOSCOW
from testing.factories.security import OperatorFactory

pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 11, 4, tzinfo=MOSCOW)
DAY = timedelta(days=1)
LATER = MIDNIGHT + 3 * DAY


def moment(hour: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def period(
    operator: Operator,
    state: PeriodState,
    begins: float,
    ends: float | None,
    reason: BreakReason | None = None,
) -> None:
    StatePeriod.objects.create(
        operator=operator,
        state=state,
        break_reason=reason,
        began_at=moment(begins),
        ended_at=None if ends is None else moment(ends),
    )


def hours(
    operator: Operator, bucket: Bucket, *, days: int = 1, now: datetime = LATER
) -> list[tuple[float, str, str, float]]:
    found = time_in_states(
        MIDNIGHT, MIDNIGHT + days * DAY, bucket=bucket, now=now, operator_ids=[operator.pk]
    )
    hour = timedelta(hours=1)
    return [
        ((one.begins_at - MIDNIGHT) / hour, one.state, one.break_reason, one.duration / hour)
        for one in found
    ]


@pytest.fixture
def operator() -> Operator:
    return OperatorFactory.create()


def test_a_period_is_cut_at_the_borders_of_its_hours(operator: Operator) -> None:
    period(operator, PeriodState.READY, 9.5, 11.25)

    assert hours(operator, Bucket.HOUR) == [
        (9, "READY", "", 0.5),
        (10, "READY", "", 1),
        (11, "READY", "", 0.25),
    ]


def test_a_night_is_cut_at_midnight_in_moscow(operator: Operator) -> None:
    period(operator, PeriodState.READY, -2, 26)

    assert hours(operator, Bucket.DAY, days=2) == [(0, "READY", "", 24), (24, "READY", "", 2)]


def test_breaks_are_told_by_their_reason(operator: Operator) -> None:
    lunch = BreakReason.objects.create(title="Обед")
    period(operator, PeriodState.BREAK, 9, 9.25)
    period(operator, PeriodState.BREAK, 12, 12.5, lunch)
    period(operator, PeriodState.BREAK, 16, 16.25, lunch)

    assert hours(operator, Bucket.DAY) == [(0, "BREAK", "", 0.25), (0, "BREAK", "Обед", 0.75)]


def test_an_open_period_counts_until_now_and_no_future_does(operator: Operator) -> None:
    period(operator, PeriodState.READY, 9, None)

    assert hours(operator, Bucket.DAY, now=moment(10.5)) == [(0, "READY", "", 1.5)]
    assert hours(operator, Bucket.DAY, now=moment(-1)) == []


def test_time_without_a_token_and_other_operators_are_left_out(operator: Operator) -> None:
    period(operator, PeriodState.SIGNED_OUT, 0, None)
    period(OperatorFactory.create(), PeriodState.READY, 1, 2)

    assert hours(operator, Bucket.DAY) == []


def test_the_hours_of_a_day_add_up_to_the_day_and_an_hour_holds_no_more_than_one(
    operator: Operator,
) -> None:
    states = [PeriodState.READY, PeriodState.IN_CALL, PeriodState.WRAP_UP, PeriodState.OFFLINE]
    borders = [number * 0.37 for number in range(60)]
    for number, (begins, ends) in enumerate(pairwise(borders)):
        period(operator, states[number % 4], begins, ends)

    by_hour = time_in_states(MIDNIGHT, MIDNIGHT + DAY, bucket=Bucket.HOUR, now=LATER)
    by_day = time_in_states(MIDNIGHT, MIDNIGHT + DAY, bucket=Bucket.DAY, now=LATER)

    for day in by_day:
        of_state = [one.duration for one in by_hour if one.state == day.state]
        assert sum(of_state, timedelta()) == day.duration
    for hour in range(21):
        of_hour = [one.duration for one in by_hour if one.begins_at == moment(hour)]
        assert sum(of_hour, timedelta()) == timedelta(hours=1)
