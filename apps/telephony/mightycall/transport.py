"""Interface of a transport to MightyCall, in terms of telephony and not of HTTP.

Every method may raise ``common.service_errors.TemporaryError`` (the request may or may not have had
its effect; repeat it) and ``common.service_errors.PermanentError`` (it was rejected, and will be
again). Records of events are named tuples: a page brings hundreds of them, and a frozen dataclass
takes three times as long to make.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from apps.campaigns.types import CallEventKind, HungUpBy, SystemDisposition


class OutOfStepError(Exception):
    """MightyCall's state is not the one we have stored."""


class SessionOpenElsewhereError(OutOfStepError):
    """The extension has a session under another external id."""


class SessionGoneError(OutOfStepError):
    """The extension has no open session."""


class CursorOutdatedError(OutOfStepError):
    """The feed no longer goes back to this cursor. Read it from its oldest event."""


@dataclass(frozen=True, slots=True)
class QueuedCall:
    """A call for MightyCall's queue. ``external_id`` is our id of it and the idempotency key."""

    external_id: str
    campaign_id: int
    phone: str
    priority: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one QueuedCall. ``answer`` is MightyCall's state or error code; ``rejection``
    is None where the call was accepted.
    """

    external_id: str
    answer: str
    rejection: SystemDisposition | None = None


class Removal(StrEnum):
    """What became of a request to remove a call from the queue."""

    REMOVED = "REMOVED"  # it will not be dialled
    UNDER_WAY = "UNDER_WAY"  # it is being dialled: its events will come
    UNKNOWN = "UNKNOWN"  # it was never in the queue, or it has ended


class Ending(NamedTuple):
    """How a call ended. ``cause``: the network's codes."""

    disposition: SystemDisposition
    hung_up_by: HungUpBy | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class QueuedCallState:
    """MightyCall's answer about a queued call.

    ``over`` is None while it waits or its call goes on; else ENDED, with the ``ending`` and the
    ``call_key`` of its events, or WITHDRAWN or EXPIRED where it left the queue without a call.
    """

    state: str
    call_key: str = ""
    ended_at: datetime | None = None
    over: CallEventKind | None = None
    ending: Ending | None = None


class CallNews(NamedTuple):
    """What an event says about a queued call. ``call_key`` is empty where there was no call;
    ``recording`` is the id of the recording."""

    kind: CallEventKind
    call_key: str
    external_id: str
    at: datetime
    ending: Ending | None = None
    recording: str = ""


class TelephonyEvent(NamedTuple):
    """An event of a feed. Without ``call`` and ``closed_session_id`` it changes nothing here."""

    id: str
    kind: str
    extension: str = ""
    call: CallNews | None = None
    closed_session_id: str = ""


class UnreadableEvent(NamedTuple):
    """An event that fits no contract. ``key`` is the same whenever the event comes again."""

    key: str
    error: Exception


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events after a cursor, oldest first, and the cursor after them."""

    events: tuple[TelephonyEvent, ...]
    next_cursor: str
    has_more: bool
    unreadable: tuple[UnreadableEvent, ...] = ()


class Transport(Protocol):
    """Requests to MightyCall. Threads may share one transport."""

    def open_session(self, extension: str, external_session_id: str) -> str:
        """Return the id of the open session. A repeated request gives the same. Raises
        SessionOpenElsewhereError."""

    def close_session(self, session_id: str) -> None:
        """Close the session, after its present call. An unknown one counts as closed."""

    def set_ready(self, extension: str, ready: bool) -> None:
        """Let calls come, or not. Ready also ends the wrap-up. Raises SessionGoneError."""

    def add_calls(self, calls: Sequence[QueuedCall]) -> list[Receipt]:
        """Queue at most ``CALLS_AT_ONCE`` calls. Return a receipt for each; one that is missing
        leaves unknown what became of its call."""

    def remove_call(self, external_id: str) -> Removal:
        """Remove a call from the queue unless it is being dialled."""

    def find_call(self, external_id: str) -> QueuedCallState | None:
        """Return the state of a queued call; None where MightyCall does not know it."""

    def operator_events(self, extension: str, cursor: str) -> EventPage:
        """Return an operator's events after the cursor; an empty one is before the oldest. Raises
        CursorOutdatedError."""

    def account_events(self, cursor: str) -> EventPage:
        """Return events of all operators, and of calls that reached none. Raises
        CursorOutdatedError."""


CALLS_AT_ONCE = 100  # MightyCall's own limit
