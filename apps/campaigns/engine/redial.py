"""Whether and when a client is called again: pure rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.campaigns.states import TaskOutcome
from apps.campaigns.types import SystemDisposition

# Minutes until the next attempt where a campaign has no rule of its own; 0: never.
DEFAULT_DELAYS: Mapping[SystemDisposition, int] = {
    SystemDisposition.BUSY: 15,  # busy lines free up soon
    SystemDisposition.NO_ANSWER: 120,
    SystemDisposition.REJECTED: 24 * 60,  # whoever presses "reject" is not disturbed twice a day
    SystemDisposition.UNREACHABLE: 4 * 60,
    SystemDisposition.ANSWERING_MACHINE: 3 * 60,
    SystemDisposition.ABANDONED: 30,
    SystemDisposition.NETWORK_FAILURE: 5,
    SystemDisposition.CANCELLED: 5,
    SystemDisposition.FAILED: 60,
    SystemDisposition.CONNECTED: 60,  # a client was there, but no operator was told of it
    SystemDisposition.INVALID_NUMBER: 0,
}
# The client's telephone never rang: these are not attempts to reach the client.
NOT_AN_ATTEMPT = frozenset({SystemDisposition.NETWORK_FAILURE, SystemDisposition.CANCELLED})
LONGEST_FAILURE_DELAY = timedelta(days=1)
MAX_FAILURES_IN_ROW = 10  # half a day of a dead route at the default delays; then a person looks


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What becomes of a task: its outcome, the moment of the next call, if there is one, and the
    operator who promised the client to call back then, if one did."""

    outcome: TaskOutcome
    redial_at: datetime | None = None
    promised_by: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """A campaign's own rules: minutes by outcome, and the most attempts."""

    delays: Mapping[SystemDisposition, int]
    max_attempts: int

    def delay(self, disposition: SystemDisposition) -> timedelta:
        """How long to wait after a call that ended so; zero: no further call."""
        minutes = self.delays.get(disposition, DEFAULT_DELAYS[disposition])
        return timedelta(minutes=minutes)


def counts_as_attempt(disposition: SystemDisposition) -> bool:
    """Whether a call that ended so is one of the campaign's attempts."""
    return disposition not in NOT_AN_ATTEMPT


def after_unreached(
    disposition: SystemDisposition, attempts: int, limits: Limits, now: datetime
) -> FollowUp:
    """What follows a call that reached nobody; ``attempts`` counts it already."""
    delay = limits.delay(disposition)
    if not delay:
        return FollowUp(TaskOutcome.NOT_REACHED)
    if attempts >= limits.max_attempts:
        return FollowUp(TaskOutcome.EXHAUSTED)
    return FollowUp(TaskOutcome.NOT_REACHED, now + delay)


def after_failure(
    disposition: SystemDisposition, failures_in_row: int, limits: Limits, now: datetime
) -> FollowUp:
    """What follows a call that failed before the client's telephone could ring.

    ``failures_in_row`` counts it already. The delay doubles with each failure, up to a day; after
    ``MAX_FAILURES_IN_ROW`` nobody tries again.
    """
    delay = limits.delay(disposition)
    if not delay:
        return FollowUp(TaskOutcome.NOT_REACHED)
    if failures_in_row >= MAX_FAILURES_IN_ROW:
        return FollowUp(TaskOutcome.EXHAUSTED)
    doubled = min(delay * 2 ** (failures_in_row - 1), LONGEST_FAILURE_DELAY)
    return FollowUp(TaskOutcome.NOT_REACHED, now + doubled)


def after_redial_result(
    block_minutes: int, attempts: int, max_attempts: int, at: datetime
) -> FollowUp:
    """What follows a conversation whose result asks for another call."""
    if attempts >= max_attempts:
        return FollowUp(TaskOutcome.EXHAUSTED)
    return FollowUp(TaskOutcome.CALLED, at + timedelta(minutes=block_minutes))
