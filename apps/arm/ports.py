"""What the operator workplace needs from outside the core. Settings bind each port by a dotted
path."""

from collections.abc import Mapping
from typing import Any, Protocol

from apps.arm.types import ClientRecord, OperatorStatus


class OperatorSessions(Protocol):
    """The operators' sessions in telephony (setting ``ARM_OPERATOR_SESSIONS``).

    Each call writes a row and announces it; the service is told after the commit, again and again
    until it has heard.
    """

    def open_session(self, operator_id: int) -> None:
        """The operator is here and ready. Opening an open session changes nothing."""

    def close_session(self, operator_id: int) -> None:
        """The operator is gone. Closing a closed session changes nothing."""

    def set_presence(self, operator_id: int, ready: bool) -> None:
        """The operator takes calls, or has a break."""

    def end_wrap_up(self, operator_id: int) -> None:
        """The result is saved: a ready operator may get the next call."""

    def status_of(self, operator_id: int) -> OperatorStatus:
        """READY, BREAK or OFFLINE; calls are the core's own knowledge."""


class ClientRecords(Protocol):
    """The domain's knowledge of a client (setting ``ARM_CLIENT_RECORDS``)."""

    def record_of(
        self, phone: str, client_info: Mapping[str, Any], source_key: str
    ) -> ClientRecord:
        """What is known, within a bounded time; raises nothing because a service is down."""
