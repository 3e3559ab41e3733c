"""Every path, field name and word of the ``contact-center`` transport, and the way between its JSON
and our words.

The closed document of this transport is not at hand: where the real one differs, this module alone
changes.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

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
)

logger = logging.getLogger(__name__)

ROOT = "/enterprise/v1"
SESSIONS = f"{ROOT}/agent-sessions"
CALL_TASKS = f"{ROOT}/call-tasks"
ACCOUNT_EVENTS = f"{ROOT}/events"
API_KEY_HEADER = "x-api-key"

READY, NOT_READY = "Available", "DoNotDisturb"
RING_SECONDS = 30  # five or six rings; a longer one mostly finds answering machines
EVENTS_AT_ONCE = 500

CALL_KINDS = {
    "CallDialing": CallEventKind.DIALING,
    "CallRinging": CallEventKind.RINGING,
    "CallStarted": CallEventKind.CONNECTED,
    "CallEnded": CallEventKind.ENDED,
    "RecordingReady": CallEventKind.RECORDING_AVAILABLE,
}
SESSION_CLOSED, TASK_REMOVED = "SessionClosed", "TaskRemoved"
EXPIRED = "Expired"
WITHOUT_A_CALL = frozenset({"Removed", EXPIRED})
ENDED_STATES = WITHOUT_A_CALL | {"Done"}
HUNG_UP_BY = {"Agent": HungUpBy.OPERATOR, "Client": HungUpBy.CLIENT, "System": HungUpBy.SYSTEM}
REJECTIONS = {
    "INVALID_NUMBER": SystemDisposition.INVALID_NUMBER,
    "EXPIRED": SystemDisposition.CANCELLED,
}
CANCELLED = Ending(SystemDisposition.CANCELLED, HungUpBy.SYSTEM)


def session_path(session_id: str) -> str:
    return f"{SESSIONS}/{quote(session_id, safe='')}"


def status_path(extension: str) -> str:
    return f"{ROOT}/agents/{quote(extension, safe='')}/status"


def operator_events_path(extension: str) -> str:
    return f"{ROOT}/agents/{quote(extension, safe='')}/events"


def session_body(extension: str, external_session_id: str) -> dict[str, Any]:
    """No campaigns named: the operator serves all of them."""
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
        "customData": None,  # what the client told us stays here
    }


def by_external_id(external_id: str) -> dict[str, str]:
    return {"externalId": external_id}


def after_cursor(cursor: str) -> dict[str, str]:
    limit = {"limit": str(EVENTS_AT_ONCE)}
    return {"cursor": cursor, **limit} if cursor else limit


def session_id_of(body: Any) -> str:
    return str(body["data"]["sessionId"])


def receipts_of(body: Any) -> list[Receipt]:
    return [receipt_of(item) for item in body["data"]]


def receipt_of(item: Mapping[str, Any]) -> Receipt:
    external_id, rejection = str(item["externalId"]), item.get("errorCode")
    if rejection is None:
        return Receipt(external_id, str(item["state"]))
    disposition = REJECTIONS.get(rejection, SystemDisposition.FAILED)
    return Receipt(external_id, str(rejection), disposition)


def call_state_of(body: Any) -> QueuedCallState:
    task = body["data"]
    state, call_id = str(task["state"]), task.get("callId")
    if state not in ENDED_STATES:
        return QueuedCallState(state, call_id or "")
    ended_at = _moment(task["endedAt"])
    if state in WITHOUT_A_CALL or not call_id:
        return QueuedCallState(state, _removed_key(task["taskId"]), ended_at, CANCELLED)
    ending = Ending(outcome_of(task.get("systemDisposition")), HungUpBy.SYSTEM)
    return QueuedCallState(state, str(call_id), ended_at, ending)


def page_of(body: Any) -> EventPage:
    events = tuple(event_of(event) for event in body["events"])
    return EventPage(events, str(body["nextCursor"]), bool(body["hasMore"]))


def event_of(event: Mapping[str, Any]) -> TelephonyEvent:
    """An event of an unknown kind, or one that lacks a field, is only its id and its kind: it must
    not stop the others.
    """
    event_id, kind = str(event["id"]), str(event["type"])
    extension = str(event.get("extension") or "")
    try:
        if kind == SESSION_CLOSED:
            closed = str(event["data"]["sessionId"])
            return TelephonyEvent(event_id, kind, extension, closed_session_id=closed)
        return TelephonyEvent(event_id, kind, extension, _call_news(kind, event))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        logger.warning("event %s (%s) lacks something: %s", event_id, kind, type(error).__name__)
        return TelephonyEvent(event_id, kind, extension)


def _call_news(kind: str, event: Mapping[str, Any]) -> CallNews | None:
    if not event.get("externalId"):
        return None  # a call of somebody else's making
    details = event.get("data") or {}
    at, external_id = _moment(event["timestampUtc"]), str(event["externalId"])
    if kind == TASK_REMOVED and details.get("reason") == EXPIRED:
        key = _removed_key(event["taskId"])
        return CallNews(CallEventKind.ENDED, key, external_id, at, CANCELLED)
    if kind not in CALL_KINDS:
        return None
    return CallNews(
        CALL_KINDS[kind],
        str(event["callId"]),
        external_id,
        at,
        _ending(details) if kind == "CallEnded" else None,
        str(details.get("recordingId") or "") if kind == "RecordingReady" else "",
    )


def _ending(details: Mapping[str, Any]) -> Ending:
    q850, sip = details.get("causeQ850"), details.get("sipStatus")
    return Ending(
        outcome_of(details.get("systemDisposition"), q850, sip),
        HUNG_UP_BY.get(str(details.get("hangupBy")), HungUpBy.SYSTEM),
        cause_text(q850, sip),
    )


def _removed_key(task_id: Any) -> str:
    """A task that left the queue without a call ends under this key, however we hear of it."""
    return f"task:{task_id}"


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
