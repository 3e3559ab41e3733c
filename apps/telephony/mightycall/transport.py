"""The interface behind which a transport of MightyCall stands, in words of telephony and not of
HTTP.

Every call may raise ``common.service_errors.TemporaryError`` (it may or may not have had its
effect; ask again) and ``common.service_errors.PermanentError`` (it was refused and will be).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from apps.campaigns.types import CallEventKind, HungUpBy, SystemDisposition


class OutOfStepError(Exception):
    """MightyCall's state is not what was believed."""


class SessionOpenElsewhereError(OutOfStepError):
    """The extension has a session under another external id."""


class SessionGoneError(OutOfStepError):
    """The extension has no open session."""


class CursorOutdatedError(OutOfStepError):
    """The stream no longer goes back to this cursor: read it from its oldest event."""


@dataclass(frozen=True, slots=True)
class QueuedCall:
    """A call to be put into MightyCall's queue. ``external_id`` is ours and the idempotency key."""

    external_id: str
    campaign_id: int
    phone: str
    priority: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one QueuedCall. ``rejection`` is None where MightyCall took it."""

    external_id: str
    answer: str
    rejection: SystemDisposition | None = None


class Removal(StrEnum):
    """What became of the wish to take a call back."""

    REMOVED = "REMOVED"
    UNDER_WAY = "UNDER_WAY"  # it is being dialled: its events will come
    UNKNOWN = "UNKNOWN"  # it was never there, or it has ended


class Ending(NamedTuple):
    """How a call, or a task that never became one, ended."""

    disposition: SystemDisposition
    hung_up_by: HungUpBy | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class QueuedCallState:
    """What MightyCall knows of a queued call; ``ending`` where it is over. ``call_key`` as in its
    events.
    """

    state: str
    call_key: str
    ended_at: datetime | None = None
    ending: Ending | None = None


class CallNews(NamedTuple):
    """The part of an event that concerns a call."""

    kind: CallEventKind
    call_key: str
    external_id: str
    at: datetime
    ending: Ending | None = None
    recording: str = ""


class TelephonyEvent(NamedTuple):
    """An event as it is read. Without ``call`` and ``closed_session_id`` it is of a kind that means
    nothing here.
    """

    id: str
    kind: str
    extension: str = ""
    call: CallNews | None = None
    closed_session_id: str = ""


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events after a cursor, oldest first, and the cursor after them."""

    events: tuple[TelephonyEvent, ...]
    next_cursor: str
    has_more: bool


class Transport(Protocol):
    """What the adapter asks of MightyCall. Safe to share between threads."""

    def open_session(self, extension: str, external_session_id: str) -> str:
        """The id of the open session; asking again gives the same. Raises
        SessionOpenElsewhereError."""

    def close_session(self, session_id: str) -> None:
        """The session is closed, or will be after its call. An unknown one is closed already."""

    def set_ready(self, extension: str, ready: bool) -> None:
        """Calls come, or do not; ready also ends the wrap-up. Raises SessionGoneError."""

    def add_calls(self, calls: Sequence[QueuedCall]) -> list[Receipt]:
        """A receipt for each of at most ``CALLS_AT_ONCE`` calls."""

    def remove_call(self, external_id: str) -> Removal:
        """Take a call back that is not dialled yet."""

    def find_call(self, external_id: str) -> QueuedCallState | None:
        """The state of a queued call, None where MightyCall never heard of it."""

    def operator_events(self, extension: str, cursor: str) -> EventPage:
        """Events of one operator; an empty cursor is the oldest. Raises CursorOutdatedError."""

    def account_events(self, cursor: str) -> EventPage:
        """The same for all operators and for calls that reached none. Raises
        CursorOutdatedError."""


CALLS_AT_ONCE = 100  # MightyCall's own limit
