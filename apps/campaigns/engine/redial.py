"""Decides whether and when a client is called again: pure rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.campaigns.states import TaskOutcome
from apps.campaigns.types import SystemDisposition

# Minutes until the next attempt where a campaign has no rule of its own; 0: never.
DEFAULT_DELAYS: Mapping[SystemDisposition, int] = {
    SystemDisposition.BUSY: 15,  # busy lines free up soon
    SystemDisposition.NO_ANSWER: 120,
    SystemDisposition.REJECTED: 24 * 60,  # whoever rejects a call is not disturbed twice a day
    SystemDisposition.UNREACHABLE: 4 * 60,
    SystemDisposition.ANSWERING_MACHINE: 3 * 60,
    SystemDisposition.ABANDONED: 30,
    SystemDisposition.NETWORK_FAILURE: 5,
    SystemDisposition.CANCELLED: 5,
    SystemDisposition.FAILED: 60,
    SystemDisposition.CONNECTED: 60,  # the client was there, but telephony named no operator
    SystemDisposition.INVALID_NUMBER: 0,
}
# The client's telephone never rang, through no fault of the client: these are not attempts.
NOT_AN_ATTEMPT = frozenset({SystemDisposition.NETWORK_FAILURE, SystemDisposition.CANCELLED})


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What becomes of a task: its outcome, and the moment of the next call, if there is one."""

    outcome: TaskOutcome
    redial_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """A campaign's own rules: minutes until the next call by outcome, and the most attempts."""

    delays: Mapping[SystemDisposition, int]
    max_attempts: int


def counts_as_attempt(disposition: SystemDisposition) -> bool:
    """Whether a call with this outcome counts as an attempt."""
    return disposition not in NOT_AN_ATTEMPT


def after_unreached(
    disposition: SystemDisposition, attempts: int, limits: Limits, now: datetime
) -> FollowUp:
    """What follows a call that reached nobody; ``attempts`` includes it."""
    delay = limits.delays.get(disposition, DEFAULT_DELAYS[disposition])
    if delay == 0:
        return FollowUp(TaskOutcome.NOT_REACHED)
    if attempts >= limits.max_attempts:
        return FollowUp(TaskOutcome.EXHAUSTED)
    return FollowUp(TaskOutcome.NOT_REACHED, now + timedelta(minutes=delay))


def after_redial_result(
    block_minutes: int, attempts: int, max_attempts: int, at: datetime
) -> FollowUp:
    """What follows a conversation whose result asks for another call."""
    if attempts >= max_attempts:
        return FollowUp(TaskOutcome.EXHAUSTED)
    return FollowUp(TaskOutcome.CALLED, at + timedelta(minutes=block_minutes))
