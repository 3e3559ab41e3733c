"""Fakes of the core's ports: they keep what they were asked and answer as the test tells them.

The core's own tests run with these, so that they pass without loans and without telephony.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pytest
from pytest_django import Settings

from apps.arm.types import (
    ClientRecord,
    OperatorPresence,
    OperatorStatus,
    PersonStatus,
    TelephonyState,
)
from apps.campaigns.types import CommunicationView, DialRequest, DueTask
from common.ports import bound


class FakeDialer:
    """A telephony service that keeps in memory what it is asked."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.added: list[DialRequest] = []
        self.cancelled: list[int] = []
        self.on_line = 0

    def add_calls(self, requests: Sequence[DialRequest]) -> None:
        self.added += requests

    def cancel_calls(self, order_ids: Sequence[int]) -> None:
        self.cancelled += order_ids

    def operators_on_line(self) -> int:
        return self.on_line


class FakeGuard:
    """A domain that forbids the calls to the phones in ``answers``.

    The value is the reason, or None when the check could not be made. A phone in ``raises`` makes
    it fail with an unexpected error.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.answers: dict[str, str | None] = {}
        self.raises: set[str] = set()

    def forbidden(self, tasks: Sequence[DueTask]) -> Mapping[int, str | None]:
        if self.raises & {task.phone for task in tasks}:
            raise RuntimeError("an odd client")
        return {
            task.task_id: self.answers[task.phone] for task in tasks if task.phone in self.answers
        }


class FakeSessions:
    """Operators' sessions in memory."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.ready: dict[int, bool] = {}
        self.telephony: dict[int, TelephonyState] = {}
        self.wrapped_up: list[int] = []

    def open_session(self, operator_id: int) -> None:
        self.ready.setdefault(operator_id, True)

    def close_session(self, operator_id: int) -> None:
        self.ready.pop(operator_id, None)

    def set_presence(self, operator_id: int, ready: bool) -> None:
        self.ready[operator_id] = ready

    def end_wrap_ups(self, operator_ids: Collection[int]) -> None:
        self.wrapped_up += operator_ids

    def presences_of(self, operator_ids: Collection[int]) -> Mapping[int, OperatorPresence]:
        return {operator_id: self._presence_of(operator_id) for operator_id in operator_ids}

    def read_presences(self, operator_ids: Collection[int]) -> Mapping[int, OperatorPresence]:
        return self.presences_of(operator_ids)

    def _presence_of(self, operator_id: int) -> OperatorPresence:
        telephony = self.telephony.get(operator_id, TelephonyState.CONNECTED)
        if operator_id not in self.ready or telephony != TelephonyState.CONNECTED:
            return OperatorPresence(OperatorStatus.OFFLINE, telephony)
        is_ready = self.ready[operator_id]
        status = OperatorStatus.READY if is_ready else OperatorStatus.BREAK
        return OperatorPresence(status, telephony)


class FakeRecords:
    """A domain that has the same record of every client, or raises the same error. Without services
    it knows ``known``; ``asked`` counts the records for which services were asked."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.record = ClientRecord()
        self.persons: dict[int, PersonStatus] = {}  # of earlier conversations by id; else SAME
        self.known = ClientRecord(pending=("applications", "offers"))
        self.raises: Exception | None = None
        self.asked = 0
        self.while_asking: Callable[[], object] = bool

    def known_record_of(self, client_info: Mapping[str, Any], source_key: str) -> ClientRecord:
        if self.raises is not None:
            raise self.raises
        return self.known

    def record_of(
        self, phone: str, client_info: Mapping[str, Any], source_key: str
    ) -> ClientRecord:
        self.asked += 1
        self.while_asking()
        if self.raises is not None:
            raise self.raises
        return self.record

    def compare_persons(
        self, present: CommunicationView, earlier: Sequence[CommunicationView]
    ) -> list[PersonStatus]:
        return [self.persons.get(one.id, PersonStatus.SAME) for one in earlier]


PORTS = {
    "CAMPAIGNS_DIALER": "testing.fakes.FakeDialer",
    "CAMPAIGNS_CALL_GUARD": "testing.fakes.FakeGuard",
    "ARM_OPERATOR_SESSIONS": "testing.fakes.FakeSessions",
    "ARM_CLIENT_RECORDS": "testing.fakes.FakeRecords",
}


@pytest.fixture
def core_alone(settings: Settings) -> None:
    """Binds the core's ports to the fakes, which remember nothing of earlier tests."""
    for name, path in PORTS.items():
        setattr(settings, name, path)
        bound(name).forget()


@pytest.fixture
def dialer(core_alone: None) -> FakeDialer:
    fake: FakeDialer = bound("CAMPAIGNS_DIALER")
    return fake


@pytest.fixture
def guard(core_alone: None) -> FakeGuard:
    fake: FakeGuard = bound("CAMPAIGNS_CALL_GUARD")
    return fake


@pytest.fixture
def sessions(core_alone: None) -> FakeSessions:
    fake: FakeSessions = bound("ARM_OPERATOR_SESSIONS")
    return fake


@pytest.fixture
def records(core_alone: None) -> FakeRecords:
    fake: FakeRecords = bound("ARM_CLIENT_RECORDS")
    return fake
