"""Numbers of calls and tasks, as reports sum them up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class CallCount(NamedTuple):
    """How many calls of one hour are alike, and what they took.

    ``outcome`` is a value of ``SystemDisposition``, CONNECTED for every conversation, empty while a
    call goes on. ``state`` is that of the conversation, empty where there was none. ``attempt`` is
    how many attempts it took until the client of the task was reached for the first time, None for
    every other call. ``first_dial``: no earlier call was made for the task. ``after_call_ms`` is
    the time from the end of a conversation until its result was saved, at most the time that there
    is for it.
    """

    hour: datetime
    campaign_id: int
    operator_id: int | None
    outcome: str
    state: str
    disposition_id: int | None
    reason: str
    attempt: int | None
    first_dial: bool
    calls: int
    ended: int
    talk_ms: int
    after_call_ms: int
    # callbacks that were promised in these conversations; called in time; called later
    callbacks: int
    callbacks_kept: int
    callbacks_late: int


class TaskCount(NamedTuple):
    """How many tasks were made for a campaign in an hour."""

    hour: datetime
    campaign_id: int
    tasks: int


class ChangedHours(NamedTuple):
    """Hours that are to be counted again. ``since``: their numbers may be as old as that; None
    where there is no such hour."""

    hours: Sequence[datetime]
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """Which calls of a period are wanted; None: all. ``hour`` is one of the day in Moscow.

    ``outcome`` and ``attempt`` are those of ``CallCount``; an empty outcome is that of calls that
    go on. ``reached``: a conversation came of it. ``attempts`` wants the first conversation of each
    task, ``first_dial`` its first call.
    """

    since: datetime
    until: datetime
    hour: int | None = None
    campaign_id: int | None = None
    operator_id: int | None = None
    outcome: str | None = None
    reached: bool | None = None
    saved: bool | None = None
    disposition_ids: Sequence[int] | None = None
    reason: str | None = None
    attempt: int | None = None
    attempts_from: int | None = None
    attempts: bool | None = None
    first_dial: bool | None = None


class CallBehind(NamedTuple):
    """One of the calls behind a number; what it has in common with others is in ``CallCount``.
    ``communication_id`` is None where nobody was reached, ``talk_ms`` 0 until a conversation ends.
    """

    at: datetime
    campaign_id: int
    operator_id: int | None
    phone: str
    outcome: str
    state: str
    disposition_id: int | None
    reason: str
    talk_ms: int
    after_call_ms: int
    communication_id: int | None
