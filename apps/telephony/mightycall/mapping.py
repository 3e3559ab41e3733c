"""The contract of the ``contact-center`` transport: its paths, field names and words, and how they
map to our types.

MightyCall's document of this transport is not public. Where the real service differs, this module
alone changes.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from apps.campaigns.types import CallEventKind, HungUpBy, SystemDisposition
from apps.telephony.mightycall.dispositions import cause_text, outcome_of
from apps.telephony.mightycall.transport import (
    CallNews,
    Ending,
    EventPage,
    QueuedCall,
    QueuedCallState,
    Receipt,
    TelephonyEvent,
    UnreadableEvent,
)
from common.contracts import AnswerModel, Key, UtcMoment, contract_error, read_answer

logger = logging.getLogger(__name__)

NAME = "mightycall"
ROOT = "/enterprise/v1"
SESSIONS = f"{ROOT}/agent-sessions"
CALL_TASKS = f"{ROOT}/call-tasks"
ACCOUNT_EVENTS = f"{ROOT}/events"
API_KEY_HEADER = "x-api-key"

READY, NOT_READY = "Available", "DoNotDisturb"
RING_SECONDS = 30  # five or six rings; a longer one mostly finds answering machines
EVENTS_AT_ONCE = 500
LARGEST_CODE = 999  # of Q.850 and of SIP
YEARS = range(2000, 2200)  # a time outside them is a mistake, and some cannot be stored
NO_NUL = r"^[^\x00]*$"  # which no text of PostgreSQL can hold


class Kind(StrEnum):
    """The events that mean something here."""

    CALL_DIALING = "CallDialing"  # the client's number is being dialled
    CALL_RINGING = "CallRinging"  # the client's telephone rings
    CALL_STARTED = "CallStarted"  # client and operator are connected
    CALL_ENDED = "CallEnded"  # the call is over, whether or not anybody was reached
    RECORDING_READY = "RecordingReady"  # the recording of an ended call can be fetched
    TASK_REMOVED = "TaskRemoved"  # a queued call left the queue without being dialled
    SESSION_CLOSED = "SessionClosed"  # an operator's session is closed, by whomever


KNOWN_KINDS = frozenset[str](Kind)
CALL_PROGRESS = {
    Kind.CALL_DIALING: CallEventKind.DIALING,
    Kind.CALL_RINGING: CallEventKind.RINGING,
    Kind.CALL_STARTED: CallEventKind.CONNECTED,
}
EXPIRED = "Expired"
# of a queued call that never became a call: its state, or why it was removed
WITHOUT_A_CALL = {"Removed": CallEventKind.WITHDRAWN, EXPIRED: CallEventKind.EXPIRED}
REMOVAL_REASONS = {"Deleted": CallEventKind.WITHDRAWN, EXPIRED: CallEventKind.EXPIRED}
ENDED_STATES = {*WITHOUT_A_CALL, "Done"}
HUNG_UP_BY = {"Agent": HungUpBy.OPERATOR, "Client": HungUpBy.CLIENT, "System": HungUpBy.SYSTEM}
REJECTIONS = {
    "INVALID_NUMBER": SystemDisposition.INVALID_NUMBER,
    "EXPIRED": SystemDisposition.CANCELLED,
}


def _known_word(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _known_code(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= LARGEST_CODE else None


def _plausible(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise ValueError("not in our time")
    return moment


# What explains how a call ended. A value of another type explains nothing; the call ended anyway.
Word = Annotated[str | None, BeforeValidator(_known_word)]
Code = Annotated[int | None, BeforeValidator(_known_code)]
EventMoment = Annotated[UtcMoment, AfterValidator(_plausible)]
# Names that are stored or looked up: each is as long as the column that it is meant for.
Id = Annotated[Key, Field(min_length=1, max_length=128, pattern=NO_NUL)]
Answer = Annotated[Key, Field(max_length=64, pattern=NO_NUL)]
Extension = Annotated[Key, Field(max_length=64, pattern=NO_NUL)]
Recording = Annotated[Key, Field(max_length=512, pattern=NO_NUL)]
Cursor = Annotated[Key, Field(max_length=255, pattern=NO_NUL)]


def session_path(session_id: str) -> str:
    return f"{SESSIONS}/{quote(session_id, safe='')}"


def status_path(extension: str) -> str:
    return f"{ROOT}/agents/{quote(extension, safe='')}/status"


def operator_events_path(extension: str) -> str:
    return f"{ROOT}/agents/{quote(extension, safe='')}/events"


def session_body(extension: str, external_session_id: str) -> dict[str, Any]:
    """An empty list of campaigns: the operator serves all of them."""
    return {"extension": extension, "campaignIds": [], "externalSessionId": external_session_id}


def status_body(ready: bool) -> dict[str, str]:
    return {"status": READY if ready else NOT_READY}


def call_body(call: QueuedCall) -> dict[str, Any]:
    return {
        "externalId": call.external_id,
        "campaignId": str(call.campaign_id),
        "phone": call.phone,
        "priority": call.priority,
        "expiresAt": _written(call.expires_at) if call.expires_at else None,
        "ringTimeoutSec": RING_SECONDS,
        "customData": None,  # personal data is not sent
    }


def by_external_id(external_id: str) -> dict[str, str]:
    return {"externalId": external_id}


def after_cursor(cursor: str) -> dict[str, str]:
    limit = {"limit": str(EVENTS_AT_ONCE)}
    return {"cursor": cursor, **limit} if cursor else limit


class _Body(AnswerModel):
    """A field ``call_id`` is ``callId`` in their JSON."""

    model_config = ConfigDict(alias_generator=to_camel)


class _Session(_Body):
    class Details(_Body):
        session_id: Id

    data: Details


class _Taken(_Body):
    """The receipt of a call that was taken."""

    external_id: Key
    error_code: None = None
    state: Answer


class _Refused(_Body):
    """The receipt of a call that was rejected."""

    external_id: Key
    error_code: Answer


class _Receipts(_Body):
    data: list[Any]  # each is read by itself


class _Task(_Body):
    class Details(_Body):
        state: Answer
        call_id: Annotated[Key, Field(max_length=128, pattern=NO_NUL)] | None = None

    data: Details


class _EndedTask(_Body):
    class Details(_Task.Details):
        ended_at: EventMoment
        system_disposition: Word = None

    data: Details


class _Event(_Body):
    """What every event has. Whatever is of an unknown kind, or lacks what its kind must have, is
    read as this: it changes nothing and does not stop the others.
    """

    id: Id
    type: Answer

    def read(self) -> TelephonyEvent:
        if self.type in KNOWN_KINDS:
            logger.warning("event %s (%s) does not fit its contract", self.id, self.type)
        return TelephonyEvent(self.id, self.type)


class _KnownEvent(_Event):
    type: Kind
    extension: Extension | None = None

    def read(self) -> TelephonyEvent:
        raise NotImplementedError


class _SessionClosed(_KnownEvent, _Session):
    type: Literal[Kind.SESSION_CLOSED]

    def read(self) -> TelephonyEvent:
        session_id, extension = self.data.session_id, self.extension or ""
        return TelephonyEvent(self.id, str(self.type), extension, closed_session_id=session_id)


class _OrderEvent(_KnownEvent):
    """What happened to a call that was ordered. ``external_id`` is missing where it was not our
    order.
    """

    external_id: Key | None = None
    timestamp_utc: EventMoment

    def read(self) -> TelephonyEvent:
        news = self.news(self.external_id) if self.external_id else None
        return TelephonyEvent(self.id, str(self.type), self.extension or "", news)

    def news(self, external_id: str) -> CallNews | None:
        raise NotImplementedError


class _TaskRemoved(_OrderEvent):
    class Details(_Body):
        reason: Word = None

    type: Literal[Kind.TASK_REMOVED]
    data: Details | None = None

    def news(self, external_id: str) -> CallNews | None:
        kind = REMOVAL_REASONS.get((self.data and self.data.reason) or "")
        return CallNews(kind, "", external_id, self.timestamp_utc) if kind else None


class _CallProgress(_OrderEvent):
    type: Literal[Kind.CALL_DIALING, Kind.CALL_RINGING, Kind.CALL_STARTED]
    call_id: Id

    def news(self, external_id: str) -> CallNews | None:
        return CallNews(CALL_PROGRESS[self.type], self.call_id, external_id, self.timestamp_utc)


class _CallEnded(_OrderEvent):
    class Details(_Body):
        system_disposition: Word = None
        hangup_by: Word = None
        cause_q850: Code = None
        sip_status: Code = None

    type: Literal[Kind.CALL_ENDED]
    call_id: Id
    data: Details | None = None

    def news(self, external_id: str) -> CallNews | None:
        ending = _ending(self.data or self.Details())
        return CallNews(CallEventKind.ENDED, self.call_id, external_id, self.timestamp_utc, ending)


class _RecordingReady(_OrderEvent):
    class Details(_Body):
        recording_id: Recording | None = None

    type: Literal[Kind.RECORDING_READY]
    call_id: Id
    data: Details | None = None

    def news(self, external_id: str) -> CallNews | None:
        return CallNews(
            CallEventKind.RECORDING_AVAILABLE,
            self.call_id,
            external_id,
            self.timestamp_utc,
            recording=(self.data and self.data.recording_id) or "",
        )


_AnyKnownEvent = Annotated[
    _SessionClosed | _TaskRemoved | _CallProgress | _CallEnded | _RecordingReady,
    Field(discriminator="type"),
]


class _Page(_Body):
    events: list[Any]  # each is read by itself
    next_cursor: Cursor
    has_more: bool


ANY_EVENT: TypeAdapter[_Event] = TypeAdapter(
    Annotated[_AnyKnownEvent | _Event, Field(union_mode="left_to_right")]
)
RECEIPT: TypeAdapter[_Taken | _Refused] = TypeAdapter(_Taken | _Refused)


def session_id_of(body: Any) -> str:
    return read_answer(NAME, _Session, body).data.session_id


def receipts_of(body: Any) -> list[Receipt]:
    """A receipt that does not fit its contract is left out: what became of its call is unknown."""
    return list(_receipts(read_answer(NAME, _Receipts, body).data))


def _receipts(items: Sequence[Any]) -> Iterator[Receipt]:
    for number, item in enumerate(items):
        try:
            receipt = RECEIPT.validate_python(item)
        except ValidationError as error:
            logger.warning("receipt %d: %s", number, contract_error(NAME, error))
            continue
        if isinstance(receipt, _Taken):
            yield Receipt(receipt.external_id, receipt.state)
        else:
            code = receipt.error_code
            disposition = REJECTIONS.get(code, SystemDisposition.FAILED)
            yield Receipt(receipt.external_id, code, disposition)


def call_state_of(body: Any) -> QueuedCallState:
    task = read_answer(NAME, _Task, body).data
    if task.state not in ENDED_STATES:
        return QueuedCallState(task.state, task.call_id or "")
    ended = read_answer(NAME, _EndedTask, body).data
    if ended.state in WITHOUT_A_CALL or not ended.call_id:
        over = WITHOUT_A_CALL.get(ended.state, CallEventKind.WITHDRAWN)
        return QueuedCallState(ended.state, ended_at=ended.ended_at, over=over)
    ending = Ending(outcome_of(ended.system_disposition), HungUpBy.SYSTEM)
    return QueuedCallState(ended.state, ended.call_id, ended.ended_at, CallEventKind.ENDED, ending)


def page_of(body: Any) -> EventPage:
    """An event that does not fit any contract is among the unreadable ones of the page."""
    page = read_answer(NAME, _Page, body)
    events, unreadable = [], []
    for item in page.events:
        try:
            events.append(ANY_EVENT.validate_python(item).read())
        except ValidationError as error:
            unreadable.append(_unreadable(item, error))
    return EventPage(tuple(events), page.next_cursor, page.has_more, tuple(unreadable))


def _unreadable(item: Any, error: ValidationError) -> UnreadableEvent:
    """Names the event by a digest of its JSON: its id may be what cannot be read."""
    try:
        written = json.dumps(item, sort_keys=True)
    except (RecursionError, ValueError):  # nested too deeply, or of too many digits
        written = type(item).__name__
    digest = hashlib.sha256(written.encode()).hexdigest()
    return UnreadableEvent(f"unreadable:{digest[:32]}", contract_error(NAME, error))


def _ending(details: _CallEnded.Details) -> Ending:
    q850, sip = details.cause_q850, details.sip_status
    return Ending(
        outcome_of(details.system_disposition, q850, sip),
        HUNG_UP_BY.get(details.hangup_by or "", HungUpBy.SYSTEM),
        cause_text(q850, sip),
    )


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
