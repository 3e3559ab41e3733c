"""Telephony in memory: it queues, dials and ends calls as a test says, and reports late."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from apps.campaigns.types import (
    CallEvent,
    CallEventKind,
    DialRequest,
    HungUpBy,
    SystemDisposition,
)


class Line(StrEnum):
    """How far a call has come, in telephony's own list."""

    ASKED = "ASKED"  # the request to queue it is not sent yet
    QUEUED = "QUEUED"
    DIALING = "DIALING"
    TALKING = "TALKING"
    OVER = "OVER"
    REMOVED = "REMOVED"  # it left the queue, or never came there
    FORGOTTEN = "FORGOTTEN"  # telephony lost its data


BUSY_LINES = (Line.DIALING, Line.TALKING)


@dataclass(slots=True)
class SwitchCall:
    """One call in telephony's list."""

    order_id: int
    phone: str
    line: Line = Line.ASKED
    operator_id: int | None = None
    disposition: SystemDisposition | None = None
    # the end, or that the call left the queue, is among the reports that the engine has taken
    is_settled: bool = False

    @property
    def key(self) -> str:
        return f"call-{self.order_id}"


@dataclass(slots=True)
class Switch:
    """Implements ``campaigns.ports.Dialer``. Reports wait until a test takes some of them."""

    calls: dict[int, SwitchCall] = field(default_factory=dict)
    to_remove: list[int] = field(default_factory=list)
    reports: list[CallEvent] = field(default_factory=list)
    operator_ids: list[int] = field(default_factory=list)

    def forget(self) -> None:
        """Begin anew."""
        for remembered in (self.calls, self.to_remove, self.reports, self.operator_ids):
            remembered.clear()

    def add_calls(self, requests: Sequence[DialRequest]) -> None:
        for request in requests:
            self.calls[request.order_id] = SwitchCall(request.order_id, request.phone)

    def cancel_calls(self, order_ids: Sequence[int]) -> None:
        self.to_remove += order_ids

    def operators_on_line(self) -> int:
        return len(self.operator_ids)

    def on(self, *lines: Line) -> list[SwitchCall]:
        return [call for call in self.calls.values() if call.line in lines]

    def free_operators(self) -> list[int]:
        engaged = {call.operator_id for call in self.on(Line.TALKING)}
        return [pk for pk in self.operator_ids if pk not in engaged]

    def accept(self) -> None:
        """Queue what was asked for."""
        for call in self.on(Line.ASKED):
            call.line = Line.QUEUED

    def reject(self, call: SwitchCall, at: datetime) -> CallEvent:
        call.line, call.is_settled = Line.REMOVED, True
        invalid = SystemDisposition.INVALID_NUMBER
        return self._event(call, CallEventKind.REJECTED, at, disposition=invalid)

    def remove_asked(self, at: datetime) -> list[CallEvent]:
        """Answer the requests to remove; calls that are under way go on."""
        answers = []
        for order_id in self.to_remove:
            call = self.calls[order_id]
            if call.line in (Line.ASKED, Line.QUEUED):
                call.line = Line.REMOVED
            if call.line in (Line.REMOVED, Line.FORGOTTEN):
                answers.append(self._event(call, CallEventKind.WITHDRAWN, at))
            elif call.line == Line.OVER:
                answers.append(self.looked_up(call, at))
        self.to_remove.clear()
        return answers

    def dial(self, call: SwitchCall, at: datetime) -> None:
        call.line = Line.DIALING
        self.reports.append(self._event(call, CallEventKind.DIALING, at))
        self.reports.append(self._event(call, CallEventKind.RINGING, at))

    def connect(self, call: SwitchCall, operator_id: int, at: datetime) -> None:
        call.line, call.operator_id = Line.TALKING, operator_id
        self.reports.append(self._event(call, CallEventKind.CONNECTED, at, operator_id))

    def end(self, call: SwitchCall, disposition: SystemDisposition, at: datetime) -> None:
        call.disposition = disposition
        if call.line == Line.TALKING:
            call.disposition = SystemDisposition.CONNECTED
        call.line = Line.OVER
        self.reports.append(
            self._event(call, CallEventKind.ENDED, at, call.operator_id, call.disposition)
        )

    def expire(self, call: SwitchCall, at: datetime) -> None:
        call.line = Line.REMOVED
        self.reports.append(self._event(call, CallEventKind.EXPIRED, at))

    def looked_up(self, call: SwitchCall, at: datetime) -> CallEvent:
        """What telephony says of a call that is over when it is asked: not who talked."""
        if call.line == Line.OVER:
            return self._event(call, CallEventKind.ENDED, at, disposition=call.disposition)
        kind = CallEventKind.LOST if call.line == Line.FORGOTTEN else CallEventKind.WITHDRAWN
        return self._event(call, kind, at)

    def _event(
        self,
        call: SwitchCall,
        kind: CallEventKind,
        at: datetime,
        operator_id: int | None = None,
        disposition: SystemDisposition | None = None,
    ) -> CallEvent:
        is_of_call = kind in (
            CallEventKind.DIALING,
            CallEventKind.RINGING,
            CallEventKind.CONNECTED,
            CallEventKind.ENDED,
        )
        return CallEvent(
            kind=kind,
            order_id=call.order_id,
            at=at,
            call_key=call.key if is_of_call else "",
            operator_id=operator_id,
            system_disposition=disposition,
            hung_up_by=HungUpBy.CLIENT if kind == CallEventKind.ENDED else None,
        )
