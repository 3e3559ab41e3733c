"""Periods in states are written exactly once, whoever looks, and however late."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.arm import selectors, services
from apps.arm.models import StatePeriod
from apps.arm.periods import recording
from apps.arm.periods.recording import record_states, sweep_states
from apps.arm.tests.api import Api, end_of, filled_in
from apps.arm.types import PeriodState
from apps.campaigns.models import CampaignTask, Communication
from apps.campaigns.types import CallEvent, CallEventKind
from apps.security.models import Operator
from apps.security.services import lock_operators
from common import clock
from common.ports import bound
from testing.factories.campaigns import DispositionFactory, TaskFactory
from testing.factories.security import OperatorFactory, token_of
from testing.fakes import FakeSessions
from testing.invariants import WORKPLACE, assert_invariants
from testing.rivals import PATIENCE_SECONDS, Rivals, wait_until_a_lock_is_awaited

pytestmark = pytest.mark.django_db(transaction=True)
Ring = Callable[..., Communication]


def told(operator: Operator) -> list[tuple[str, datetime, datetime | None]]:
    """The operator's periods, oldest first."""
    rows = StatePeriod.objects.filter(operator=operator).order_by("began_at")
    return list(rows.values_list("state", "began_at", "ended_at"))


def states(operator: Operator) -> list[str]:
    return [state for state, _, _ in told(operator)]


@pytest.fixture
def sessions() -> FakeSessions:
    fake: FakeSessions = bound("ARM_OPERATOR_SESSIONS")
    return fake


@pytest.fixture(autouse=True)
def unbroken(api: Api) -> Any:
    """After each test the periods of every operator follow each other, and one is open."""
    sweep_states(clock.now())
    yield
    assert_invariants(clock.now(), WORKPLACE)


def test_a_call_its_result_and_a_break_are_told_in_their_order(
    api: Api, operator: Operator, ring: Ring, sessions: FakeSessions
) -> None:
    communication = ring(ended=True)
    DispositionFactory.create(campaign=communication.campaign_task.campaign)
    api.post("saveCommunicationResult", filled_in(communication))
    sweep_states(clock.now())
    sessions.set_presence(operator.pk, ready=False)
    sweep_states(clock.now())

    communication.refresh_from_db()
    *_, ready, call, after, free, pause = told(operator)
    assert (ready[0], ready[2]) == ("READY", communication.started_at)
    assert call == ("IN_CALL", communication.started_at, communication.ended_at)
    assert after == ("WRAP_UP", communication.ended_at, communication.fixed_at)
    assert (free[0], free[1]) == ("READY", communication.fixed_at)
    assert (pause[0], pause[2]) == ("BREAK", None)


def test_whoever_was_killed_before_recording_loses_nothing(
    operator: Operator, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(told(operator))
    with monkeypatch.context() as killed:
        killed.setattr("apps.arm.changes.record_or_log", lambda *_args: None)
        communication = ring()
        services.take_call_events([end_of(communication)])
        communication.refresh_from_db()
        assert len(told(operator)) == before

    sweep_states(clock.now())

    assert told(operator)[-2:] == [
        ("IN_CALL", communication.started_at, communication.ended_at),
        ("WRAP_UP", communication.ended_at, None),
    ]


def test_looking_again_writes_nothing(operator: Operator, ring: Ring) -> None:
    ring(ended=True)
    before = told(operator)

    assert record_states([operator.pk], clock.now()) == 0
    assert sweep_states(clock.now()) == 0

    assert told(operator) == before


def test_two_who_record_the_same_change_at_once_write_it_once(
    operator: Operator, sessions: FakeSessions, rivals: Rivals
) -> None:
    before = states(operator)
    sessions.set_presence(operator.pk, ready=False)
    with transaction.atomic():
        record_states([operator.pk], clock.now())
        rival = rivals.start(lambda: record_states([operator.pk], clock.now()))
        wait_until_a_lock_is_awaited()

    assert rival.result(PATIENCE_SECONDS) == 0
    assert states(operator) == [*before, "BREAK"]


def test_who_waited_records_what_is_newest(
    operator: Operator, sessions: FakeSessions, rivals: Rivals
) -> None:
    """The rival looks only under the lock: it never writes an older state over a newer one."""
    sessions.set_presence(operator.pk, ready=False)
    with transaction.atomic():
        record_states([operator.pk], clock.now())
        rival = rivals.start(lambda: record_states([operator.pk], clock.now()))
        wait_until_a_lock_is_awaited()
        sessions.set_presence(operator.pk, ready=True)

    assert rival.result(PATIENCE_SECONDS) == 1
    assert states(operator)[-2:] == ["BREAK", "READY"]


def test_the_first_periods_of_an_operator_are_opened_once(rivals: Rivals) -> None:
    newcomer = OperatorFactory.create()
    token_of(newcomer)
    with transaction.atomic():
        record_states([newcomer.pk], clock.now())
        rival = rivals.start(lambda: record_states([newcomer.pk], clock.now()))
        wait_until_a_lock_is_awaited()

    rival.result(PATIENCE_SECONDS)
    assert states(newcomer) == ["OFFLINE"]


def test_the_database_refuses_a_second_open_period(operator: Operator) -> None:
    with pytest.raises(IntegrityError, match="one_open_period_per_operator"):
        StatePeriod.objects.create(operator=operator, state=PeriodState.READY, began_at=clock.now())


def test_a_lock_signs_the_operator_out_in_the_periods_too(operator: Operator) -> None:
    lock_operators([operator.pk])

    sweep_states(clock.now())

    assert states(operator)[-1] == "SIGNED_OUT"
    assert selectors.present_states([operator.pk])[operator.pk].state is PeriodState.SIGNED_OUT


def test_a_sick_database_holds_up_no_call(
    api: Api, ring: Ring, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("no periods today")

    with monkeypatch.context() as sick:
        sick.setattr(recording, "_write", fail)
        ring()
        assert api.get("hasChanges").json()["data"]["operatorStatus"] == "IN_CALL"

    sweep_states(clock.now())
    assert states(operator)[-1] == "IN_CALL"


def test_many_operators_take_as_many_statements_as_one() -> None:
    def statements_for(count: int) -> int:
        operators = OperatorFactory.create_batch(count)
        tasks: list[CampaignTask] = [TaskFactory.create(handed_over=True) for _ in operators]
        for one in operators:
            token_of(one)
        sweep_states(clock.now())
        services.take_call_events(
            [
                CallEvent(
                    kind=CallEventKind.CONNECTED,
                    call_key=f"call-{task.pk}",
                    order_id=task.orders.latest("pk").pk,
                    at=clock.now() + timedelta(seconds=1),
                    operator_id=one.pk,
                )
                for one, task in zip(operators, tasks, strict=True)
            ]
        )
        with CaptureQueriesContext(connection) as queries:
            record_states([one.pk for one in operators], clock.now())
        return len(queries)

    assert statements_for(20) == statements_for(1)
