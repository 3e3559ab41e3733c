"""What the operator workplace needs from outside the core. Settings bind each port to an adapter by
a dotted path."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from apps.arm.types import ClientRecord, OperatorPresence, PersonStatus
from apps.campaigns.types import CommunicationView
from common.ports import bound


class OperatorSessions(Protocol):
    """The operators' sessions in telephony.

    Each call writes a row in the caller's transaction. The service learns of it after the commit,
    with retries until it has confirmed.
    """

    def open_session(self, operator_id: int) -> None:
        """The operator is here and ready. Opening an open session changes nothing."""

    def close_session(self, operator_id: int) -> None:
        """The operator is gone. Closing a closed session changes nothing."""

    def set_presence(self, operator_id: int, ready: bool) -> None:
        """The operator takes calls, or has a break; and is here, if that was lost."""

    def end_wrap_ups(self, operator_ids: Collection[int]) -> None:
        """The results are saved: those of these operators who are ready may get the next call."""

    def presences_of(self, operator_ids: Collection[int]) -> Mapping[int, OperatorPresence]:
        """READY, BREAK or OFFLINE of each operator, READY only once telephony has agreed. Of calls
        the core knows itself."""

    def read_presences(self, operator_ids: Collection[int]) -> Mapping[int, OperatorPresence]:
        """``presences_of`` from where they are stored, and no cache: for whoever keeps them."""


class ClientRecords(Protocol):
    """What the domain knows of a client."""

    def known_record_of(self, client_info: Mapping[str, Any], source_key: str) -> ClientRecord:
        """What is known without asking any service. The parts that ``record_of`` asks services for
        are named in ``pending``."""

    def record_of(
        self, phone: str, client_info: Mapping[str, Any], source_key: str
    ) -> ClientRecord:
        """What is known, within a bounded time. A service that is down raises nothing: its part is
        named in ``unavailable``. It may ask outside services, so never call it in a transaction.
        """

    def compare_persons(
        self, present: CommunicationView, earlier: Sequence[CommunicationView]
    ) -> Sequence[PersonStatus]:
        """Whether each earlier conversation of the phone was about the person of the present one.

        Asks no service, and as many queries for many conversations as for one.
        """


def operator_sessions() -> OperatorSessions:
    """The adapter that the setting ``ARM_OPERATOR_SESSIONS`` names."""
    adapter: OperatorSessions = bound("ARM_OPERATOR_SESSIONS")
    return adapter


def client_records() -> ClientRecords:
    """The adapter that the setting ``ARM_CLIENT_RECORDS`` names."""
    adapter: ClientRecords = bound("ARM_CLIENT_RECORDS")
    return adapter
