"""Whether and when a client is called again."""

from datetime import timedelta

import pytest

from apps.campaigns.engine.redial import (
    FollowUp,
    Limits,
    after_failure,
    after_redial_result,
    after_unreached,
    counts_as_attempt,
)
from apps.campaigns.states import TaskOutcome
from apps.campaigns.types import SystemDisposition
from testing.factories.campaigns import NOON

THREE_ATTEMPTS = Limits({}, max_attempts=3)
NEVER = Limits({SystemDisposition.BUSY: 0, SystemDisposition.NETWORK_FAILURE: 0}, max_attempts=3)
# minutes; 0: no further call
DELAYS = {
    SystemDisposition.BUSY: 15,
    SystemDisposition.NO_ANSWER: 120,
    SystemDisposition.REJECTED: 1440,
    SystemDisposition.UNREACHABLE: 240,
    SystemDisposition.ANSWERING_MACHINE: 180,
    SystemDisposition.ABANDONED: 30,
    SystemDisposition.NETWORK_FAILURE: 5,
    SystemDisposition.CANCELLED: 5,
    SystemDisposition.FAILED: 60,
    SystemDisposition.CONNECTED: 60,
    SystemDisposition.INVALID_NUMBER: 0,
}


@pytest.mark.parametrize("disposition", SystemDisposition)
def test_a_campaign_without_rules_calls_again_after_the_usual_delay(
    disposition: SystemDisposition,
) -> None:
    minutes = DELAYS[disposition]

    follow_up = after_unreached(disposition, 1, THREE_ATTEMPTS, NOON)

    redial_at = NOON + timedelta(minutes=minutes) if minutes else None
    assert follow_up == FollowUp(TaskOutcome.NOT_REACHED, redial_at)


@pytest.mark.parametrize("attempts", [1, 2, 3, 4])
def test_the_last_attempt_is_the_one_that_the_campaign_names(attempts: int) -> None:
    unreached = after_unreached(SystemDisposition.BUSY, attempts, THREE_ATTEMPTS, NOON)
    talked = after_redial_result(60, attempts, THREE_ATTEMPTS.max_attempts, NOON)

    is_last = attempts >= 3
    exhausted = FollowUp(TaskOutcome.EXHAUSTED)
    in_a_quarter = FollowUp(TaskOutcome.NOT_REACHED, NOON + timedelta(minutes=15))
    in_an_hour = FollowUp(TaskOutcome.CALLED, NOON + timedelta(hours=1))
    assert unreached == (exhausted if is_last else in_a_quarter)
    assert talked == (exhausted if is_last else in_an_hour)


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 240), (2, 480), (3, 960), (4, 1440), (9, 1440)]
)
def test_the_delay_doubles_with_each_failure_up_to_a_day(failures: int, minutes: int) -> None:
    limits = Limits({SystemDisposition.NETWORK_FAILURE: 240}, max_attempts=3)

    follow_up = after_failure(SystemDisposition.NETWORK_FAILURE, failures, limits, NOON)

    assert follow_up == FollowUp(TaskOutcome.NOT_REACHED, NOON + timedelta(minutes=minutes))


def test_after_ten_failures_in_a_row_nobody_tries_again() -> None:
    tenth = after_failure(SystemDisposition.NETWORK_FAILURE, 10, THREE_ATTEMPTS, NOON)

    assert tenth == FollowUp(TaskOutcome.EXHAUSTED)


def test_a_campaign_may_call_nobody_again() -> None:
    busy = after_unreached(SystemDisposition.BUSY, 1, NEVER, NOON)
    failed = after_failure(SystemDisposition.NETWORK_FAILURE, 1, NEVER, NOON)

    assert busy == failed == FollowUp(TaskOutcome.NOT_REACHED)


def test_only_calls_that_never_rang_are_no_attempts() -> None:
    no_attempts = {one for one in SystemDisposition if not counts_as_attempt(one)}

    assert no_attempts == {SystemDisposition.NETWORK_FAILURE, SystemDisposition.CANCELLED}
