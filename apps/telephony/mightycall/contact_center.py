"""The ``contact-center`` transport of MightyCall: sessions, a queue of call tasks and event feeds
over HTTP.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from apps.telephony.mightycall import mapping
from apps.telephony.mightycall.transport import (
    CursorOutdatedError,
    EventPage,
    OutOfStepError,
    QueuedCall,
    QueuedCallState,
    Receipt,
    Removal,
    SessionGoneError,
    SessionOpenElsewhereError,
)
from common.http import HttpService
from common.service_errors import PermanentError

NOT_FOUND, CONFLICT, GONE = 404, 409, 410

Parsed = TypeVar("Parsed")


class ContactCenter:
    """Implements ``Transport``. All threads of a process share it."""

    def __init__(self, service: HttpService) -> None:
        self._service = service

    def open_session(self, extension: str, external_session_id: str) -> str:
        body, read = mapping.session_body(extension, external_session_id), mapping.session_id_of
        try:
            return self._call("POST", mapping.SESSIONS, about_one=True, json=body, read=read)
        except PermanentError as error:
            raise _state_error(error, {CONFLICT: SessionOpenElsewhereError}) from error

    def close_session(self, session_id: str) -> None:
        try:
            self._service.call("DELETE", mapping.session_path(session_id), about_one=True)
        except PermanentError as error:
            if error.status != NOT_FOUND:
                raise

    def set_ready(self, extension: str, ready: bool) -> None:
        path, body = mapping.status_path(extension), mapping.status_body(ready)
        try:
            self._service.call("PUT", path, about_one=True, json=body)
        except PermanentError as error:
            raise _state_error(error, {NOT_FOUND: SessionGoneError}) from error

    def add_calls(self, calls: Sequence[QueuedCall]) -> list[Receipt]:
        body = {"tasks": [mapping.call_body(call) for call in calls]}
        read = mapping.receipts_of
        return self._call("POST", mapping.CALL_TASKS, item_by_item=True, json=body, read=read)

    def remove_call(self, external_id: str) -> Removal:
        query = mapping.by_external_id(external_id)
        try:
            self._service.call("DELETE", mapping.CALL_TASKS, about_one=True, params=query)
        except PermanentError as error:
            if error.status == CONFLICT:
                return Removal.UNDER_WAY
            if error.status == NOT_FOUND:
                return Removal.UNKNOWN
            raise
        return Removal.REMOVED

    def find_call(self, external_id: str) -> QueuedCallState | None:
        query, read = mapping.by_external_id(external_id), mapping.call_state_of
        try:
            return self._call("GET", mapping.CALL_TASKS, about_one=True, params=query, read=read)
        except PermanentError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    def operator_events(self, extension: str, cursor: str) -> EventPage:
        return self._events(mapping.operator_events_path(extension), cursor, about_one=True)

    def account_events(self, cursor: str) -> EventPage:
        return self._events(mapping.ACCOUNT_EVENTS, cursor, about_one=False)

    def _events(self, path: str, cursor: str, *, about_one: bool) -> EventPage:
        parts = {"params": mapping.after_cursor(cursor), "about_one": about_one}
        try:
            return self._call("GET", path, item_by_item=True, read=mapping.page_of, **parts)
        except PermanentError as error:
            raise _state_error(error, {GONE: CursorOutdatedError}) from error

    def _call(
        self, method: str, path: str, *, read: Callable[[Any], Parsed], **parts: Any
    ) -> Parsed:
        """Return the answer as ``read`` makes it."""
        answer: Parsed = self._service.call(method, path, read=read, repeatable=False, **parts)
        return answer


def _state_error(error: PermanentError, states: Mapping[int, type[OutOfStepError]]) -> Exception:
    """Return the OutOfStepError that this HTTP status stands for, or the error itself."""
    state = states.get(error.status or 0)
    return state() if state else error
