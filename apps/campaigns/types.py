"""What crosses the border of the campaign engine: plain values in the field's words, no Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class SystemDisposition(StrEnum):
    """The machine's outcome of a call, apart from what the operator says of it."""

    CONNECTED = "CONNECTED"
    BUSY = "BUSY"
    NO_ANSWER = "NO_ANSWER"
    REJECTED = "REJECTED"
    INVALID_NUMBER = "INVALID_NUMBER"
    UNREACHABLE = "UNREACHABLE"
    NETWORK_FAILURE = "NETWORK_FAILURE"
    ANSWERING_MACHINE = "ANSWERING_MACHINE"
    ABANDONED = "ABANDONED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class CallEventKind(StrEnum):
    """What telephony may tell of a call, in the order a call goes through them."""

    DIALING = "DIALING"
    RINGING = "RINGING"
    ANSWERED = "ANSWERED"
    CONNECTED = "CONNECTED"
    ENDED = "ENDED"
    RECORDING_AVAILABLE = "RECORDING_AVAILABLE"


class HungUpBy(StrEnum):
    """Who ended the call."""

    CLIENT = "CLIENT"
    OPERATOR = "OPERATOR"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One piece of news about one call. Events come at least once, in any order, late.

    ``call_key`` is the telephony service's own name of the call; ``operator_id`` is known from
    CONNECTED on; ``system_disposition``, ``hung_up_by`` and ``cause`` come with ENDED,
    ``recording`` with RECORDING_AVAILABLE.
    """

    kind: CallEventKind
    call_key: str
    task_id: int
    at: datetime
    operator_id: int | None = None
    system_disposition: SystemDisposition | None = None
    hung_up_by: HungUpBy | None = None
    cause: str = ""
    recording: str = ""


@dataclass(frozen=True, slots=True)
class CallEffect:
    """What an event changed for an operator, so that the workplace can react.

    ``drafted_operator_ids`` are operators one of whose communications became a draft because of the
    event.
    """

    operator_id: int | None = None
    started_communication_id: int | None = None
    ended_communication_id: int | None = None
    drafted_operator_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A client whom a campaign should call. ``source_key`` names what it was made from, e.g.
    ``application:17``."""

    campaign_id: int
    phone: str
    client_info: Mapping[str, Any]
    source_key: str


@dataclass(frozen=True, slots=True)
class AddedCandidates:
    """How many tasks were created, how many of them superseded an earlier one, how many wait for a
    live call."""

    created: int
    superseded: int
    deferred: int


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A call that telephony is asked to make. ``task_id`` is the idempotency key."""

    task_id: int
    campaign_id: int
    phone: str
    priority: int
    source_key: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignBrief:
    """What others may know of a campaign."""

    id: int
    name: str
    description: str
    active: bool


@dataclass(frozen=True, slots=True)
class CampaignSpec:
    """A campaign as configuration files describe it; ``id`` names it across installations."""

    id: int
    name: str
    description: str = ""
    script: str = ""
    active: bool = True
    priority: int = 0
    time_zone: str = "Europe/Moscow"
    weekday_hours: tuple[str, str] = ("09:00", "20:00")
    weekend_hours: tuple[str, str] = ("10:00", "18:00")
    max_attempts: int = 3
    min_in_flight: int = 5
    reasons: tuple[str, ...] = ()
    dispositions: tuple["DispositionSpec", ...] = ()
    redial_minutes: Mapping[SystemDisposition, int] = field(default_factory=dict)


class Meaning(StrEnum):
    """What an operator's disposition means for the campaign."""

    SUCCESS = "SUCCESS"
    REDIAL = "REDIAL"
    CALLBACK = "CALLBACK"
    REFUSED = "REFUSED"
    NEVER_AGAIN = "NEVER_AGAIN"
    WRONG_NUMBER = "WRONG_NUMBER"


@dataclass(frozen=True, slots=True)
class DispositionSpec:
    """A result as the operator's form shows it, and what follows from it."""

    result: str
    meaning: Meaning
    block_minutes: int = 0


class Step(StrEnum):
    """Where in a client's way a decision was taken."""

    FORMAT_CONTROL = "FORMAT_CONTROL"
    FILTER = "FILTER"
    ENGINE = "ENGINE"
    CALLING_HOURS = "CALLING_HOURS"
    DO_NOT_CALL = "DO_NOT_CALL"
    GUARD = "GUARD"
    TELEPHONY = "TELEPHONY"
    RESULT = "RESULT"


class DecisionVerdict(StrEnum):
    """Which way a decision went."""

    PASSED = "PASSED"
    STOPPED = "STOPPED"
    WAITING = "WAITING"


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A row of the ledger of decisions, before it is written.

    It points to what it is about by value (``source_key``, ``task_id``), not by key, so it outlives
    them. ``rule`` is the filter or the engine's rule that decided; ``settings_version`` the version
    of the settings that it decided by.
    """

    step: Step
    verdict: DecisionVerdict
    rule: str
    reason: str
    phone: str
    source_key: str = ""
    campaign_id: int | None = None
    task_id: int | None = None
    settings_version: int | None = None


@dataclass(frozen=True, slots=True)
class StoryEntry:
    """One line of the story of a client or an application, oldest first."""

    at: datetime
    what: str
    verdict: str
    reason: str
    campaign: str = ""
    operator: str = ""


@dataclass(frozen=True, slots=True)
class CommunicationView:
    """A communication as the workplace shows it."""

    id: int
    state: str
    phone: str
    started_at: datetime
    ended_at: datetime | None
    campaign_id: int
    campaign_name: str
    campaign_description: str
    script: str
    client_info: Mapping[str, Any]
    source_key: str
    result: Mapping[str, str]
    operator_id: int
    operator_first_name: str
    operator_last_name: str


@dataclass(frozen=True, slots=True)
class LiveCommunication:
    """The communication an operator is in now: the call goes on, or its result is awaited."""

    id: int
    started_at: datetime
    ended_at: datetime | None
    result_due_at: datetime | None
    card_fetched: bool


@dataclass(frozen=True, slots=True)
class ResultForm:
    """What the operator filled in. Texts are those of the campaign's dispositions."""

    communication_id: int
    operator_id: int
    phone: str
    reason: str = ""
    result: str = ""
    comment: str = ""
    callback_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DispositionChoice:
    """A result that may be chosen."""

    id: int
    text: str
    meaning: Meaning
    needs_callback_time: bool


@dataclass(frozen=True, slots=True)
class FormChoices:
    """What the form of one campaign offers."""

    reasons: tuple[tuple[int, str], ...]
    results: tuple[DispositionChoice, ...]


class CommunicationNotFoundError(Exception):
    """There is no such communication, or it is not this operator's (the two look alike)."""


class ResultConflictError(Exception):
    """Another result was saved already, or the phone is not the communication's."""


class InvalidResultError(Exception):
    """The form breaks a rule; ``errors`` names the field and says what was expected."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


class IllegalMoveError(Exception):
    """A task was asked to make a move that the table of legal moves does not hold."""


class ConfigError(Exception):
    """A configuration file says something that cannot be: the message names place, value and what
    was expected."""
