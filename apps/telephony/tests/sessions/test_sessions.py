"""Operators' sessions follow the table of operators on line [source 2.6.6.1, 2.6.6.2]."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from pytest_django import Settings

from apps.arm.types import OperatorStatus, TelephonyState
from apps.telephony.events.event_poller import poll_events
from apps.telephony.mightycall.connection import transport
from apps.telephony.models import (
    MightyCallActiveOperator,
    MightyCallEndedSession,
    MightyCallOperator,
)
from apps.telephony.queue.dialer import MightyCallDialer
from apps.telephony.queue.queue_sender import send_queue
from apps.telephony.services import save_account
from apps.telephony.sessions.failures import NO_ANSWER, OPEN_ELSEWHERE
from apps.telephony.sessions.operator_sessions import MightyCallSessions, refresh_status
from apps.telephony.sessions.presence import RETRY_AFTER, send_presence, sweep_presence
from apps.telephony.tests.simulated_mightycall import SimulatedMightyCall
from common import clock
from testing.factories.campaigns import TaskFactory
from testing.factories.security import OperatorAuthFactory, OperatorFactory
from testing.factories.telephony import AccountFactory, OnLineFactory, request_of
from testing.waiting import until

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]

SESSIONS = MightyCallSessions()
IDLE_SECONDS = 16 * 60


def on_line(account: MightyCallOperator) -> MightyCallActiveOperator:
    return MightyCallActiveOperator.objects.get(operator=account.operator_id)


def status_of(operator_id: int) -> OperatorStatus:
    return SESSIONS.presences_of([operator_id])[operator_id].status


def telephony_of(operator_id: int) -> TelephonyState:
    return SESSIONS.presences_of([operator_id])[operator_id].telephony


def signed_on() -> MightyCallOperator:
    account = AccountFactory.create()
    SESSIONS.open_session(account.operator_id)
    send_presence(clock.now())
    return account


def test_a_log_in_opens_the_session_in_mightycall(mightycall: SimulatedMightyCall) -> None:
    account = AccountFactory.create()
    SESSIONS.open_session(account.operator_id)
    assert status_of(account.operator_id) == OperatorStatus.OFFLINE

    send_presence(clock.now())

    agent = mightycall.agents()[account.login]
    assert (agent["session"], agent["status"]) == ("Open", "Available")
    assert status_of(account.operator_id) == OperatorStatus.READY
    assert MightyCallDialer().operators_on_line() == 1


def test_opening_an_open_session_changes_nothing(mightycall: SimulatedMightyCall) -> None:
    account = signed_on()
    before = on_line(account).session_id

    SESSIONS.open_session(account.operator_id)
    send_presence(clock.now())

    assert on_line(account).session_id == before


def test_a_break_and_its_end_are_sent(mightycall: SimulatedMightyCall) -> None:
    account = signed_on()

    SESSIONS.set_presence(account.operator_id, ready=False)
    send_presence(clock.now())

    assert mightycall.agents()[account.login]["status"] == "DoNotDisturb"
    assert status_of(account.operator_id) == OperatorStatus.BREAK

    SESSIONS.set_presence(account.operator_id, ready=True)
    send_presence(clock.now())

    assert mightycall.agents()[account.login]["status"] == "Available"


def test_a_break_that_was_not_confirmed_is_sent_by_the_sweep(
    mightycall: SimulatedMightyCall,
) -> None:
    account = signed_on()
    SESSIONS.set_presence(account.operator_id, ready=False)
    mightycall.put_faults(error_rate=1)
    send_presence(clock.now())
    assert on_line(account).last_error == NO_ANSWER
    mightycall.clear_faults()

    send_presence(clock.now() + RETRY_AFTER)

    assert mightycall.agents()[account.login]["status"] == "DoNotDisturb"
    assert on_line(account).last_error == ""


def test_saving_the_result_ends_the_wrap_up(mightycall: SimulatedMightyCall) -> None:
    account = signed_on()
    MightyCallDialer().add_calls(
        [request_of(TaskFactory.create(handed_over_now=True, phone="79130000077"))]
    )
    send_queue(clock.now())
    mightycall.set_pace(wrap_up_sec=3600)
    until(lambda: mightycall.agents()[account.login]["wrapUpUntil"])

    SESSIONS.end_wrap_ups([account.operator_id])
    send_presence(clock.now())

    assert mightycall.agents()[account.login]["wrapUpUntil"] is None


def test_a_log_out_closes_the_session_in_mightycall(mightycall: SimulatedMightyCall) -> None:
    account = signed_on()

    SESSIONS.close_session(account.operator_id)
    assert not MightyCallActiveOperator.objects.exists()
    send_presence(clock.now())

    assert mightycall.agents() == {}
    assert status_of(account.operator_id) == OperatorStatus.OFFLINE
    assert not MightyCallEndedSession.objects.exists()


def test_a_log_out_that_was_not_confirmed_is_sent_again(mightycall: SimulatedMightyCall) -> None:
    account = signed_on()
    SESSIONS.close_session(account.operator_id)
    mightycall.put_faults(error_rate=1)
    send_presence(clock.now())
    assert MightyCallEndedSession.objects.count() == 1
    mightycall.clear_faults()

    send_presence(clock.now())

    assert mightycall.agents() == {}


def test_a_session_whose_opening_was_not_answered_is_closed_all_the_same(
    mightycall: SimulatedMightyCall,
) -> None:
    mightycall.put_faults(effect_without_answer=1)
    account = signed_on()
    assert on_line(account).session_id == ""
    assert mightycall.agents()[account.login]["session"] == "Open"
    mightycall.clear_faults()

    SESSIONS.close_session(account.operator_id)
    send_presence(clock.now())

    assert mightycall.agents() == {}


def test_an_opening_that_was_not_answered_is_asked_for_again(
    mightycall: SimulatedMightyCall,
) -> None:
    mightycall.put_faults(effect_without_answer=1)
    account = signed_on()
    mightycall.clear_faults()

    send_presence(clock.now() + RETRY_AFTER)

    assert on_line(account).session_id != ""
    assert status_of(account.operator_id) == OperatorStatus.READY


def test_an_operator_without_an_account_is_offline_until_there_is_one(
    mightycall: SimulatedMightyCall,
) -> None:
    operator = OperatorFactory.create()
    SESSIONS.open_session(operator.pk)
    send_presence(clock.now())
    assert status_of(operator.pk) == OperatorStatus.OFFLINE

    save_account(MightyCallOperator(operator=operator, login="777"), "secret")
    send_presence(clock.now())

    assert "777" in mightycall.agents()
    assert status_of(operator.pk) == OperatorStatus.READY


def test_a_session_that_is_open_elsewhere_is_shown_and_tried_again(
    mightycall: SimulatedMightyCall,
) -> None:
    account = AccountFactory.create()
    other = transport().open_session(account.login, "another application")
    SESSIONS.open_session(account.operator_id)

    send_presence(clock.now())

    assert on_line(account).last_error == OPEN_ELSEWHERE
    assert status_of(account.operator_id) == OperatorStatus.OFFLINE

    transport().close_session(other)
    send_presence(clock.now() + RETRY_AFTER)

    assert status_of(account.operator_id) == OperatorStatus.READY


def test_ready_is_told_only_when_mightycall_has_agreed(mightycall: SimulatedMightyCall) -> None:
    account = signed_on()
    SESSIONS.set_presence(account.operator_id, ready=False)
    send_presence(clock.now())
    mightycall.put_faults(error_rate=1)

    SESSIONS.set_presence(account.operator_id, ready=True)
    refresh_status([account.operator_id])

    assert status_of(account.operator_id) == OperatorStatus.OFFLINE
    assert telephony_of(account.operator_id) == TelephonyState.CONNECTING
    send_presence(clock.now())
    assert telephony_of(account.operator_id) == TelephonyState.DOWN
    mightycall.clear_faults()
    send_presence(clock.now() + RETRY_AFTER)
    assert status_of(account.operator_id) == OperatorStatus.READY
    assert telephony_of(account.operator_id) == TelephonyState.CONNECTED


def test_it_is_told_why_telephony_does_not_take_an_operator(
    mightycall: SimulatedMightyCall,
) -> None:
    operator, account = OperatorFactory.create(), AccountFactory.create()
    transport().open_session(account.login, "another application")
    SESSIONS.open_session(operator.pk)
    SESSIONS.open_session(account.operator_id)

    send_presence(clock.now())
    refresh_status([operator.pk])

    assert telephony_of(operator.pk) == TelephonyState.NO_ACCOUNT
    assert telephony_of(account.operator_id) == TelephonyState.REFUSED


def test_a_session_that_mightycall_closed_is_opened_again(mightycall: SimulatedMightyCall) -> None:
    account = signed_on()
    before = on_line(account).session_id
    mightycall.move_clock(IDLE_SECONDS)
    until(lambda: not mightycall.agents())

    poll_events()
    assert on_line(account).session_id == ""
    send_presence(clock.now())

    assert on_line(account).session_id not in {"", before}
    assert account.login in mightycall.agents()


def test_polling_keeps_a_quiet_operators_session_open(
    mightycall: SimulatedMightyCall, settings: Settings
) -> None:
    settings.TELEPHONY_SHARDS = 1  # whose turn it is in each round
    account = signed_on()
    for minutes in (10, 20, 30):
        mightycall.move_clock(minutes * 60)
        poll_events()

    assert on_line(account).session_id != ""
    assert account.login in mightycall.agents()


def test_whoever_has_no_live_token_or_is_locked_is_signed_off(
    mightycall: SimulatedMightyCall,
) -> None:
    here, ran_out, locked = (AccountFactory.create() for _ in range(3))
    OperatorAuthFactory.create(operator=here.operator)
    OperatorAuthFactory.create(
        operator=ran_out.operator, exp_date=clock.now() - timedelta(seconds=1)
    )
    OperatorAuthFactory.create(operator=locked.operator)
    locked.operator.locked = True
    locked.operator.save()
    for account in (here, ran_out, locked):
        OnLineFactory.create(operator=account.operator)
    send_presence(clock.now())

    sweep_presence(clock.now())

    assert set(mightycall.agents()) == {here.login}
    assert MightyCallActiveOperator.objects.get().operator_id == here.operator_id


def test_the_status_survives_the_loss_of_the_cache(mightycall: SimulatedMightyCall) -> None:
    account = signed_on()
    SESSIONS.set_presence(account.operator_id, ready=False)

    cache.clear()

    assert status_of(account.operator_id) == OperatorStatus.BREAK


def test_another_login_is_another_session(mightycall: SimulatedMightyCall) -> None:
    account = signed_on()
    SESSIONS.set_presence(account.operator_id, ready=False)
    poll_events()
    account.refresh_from_db()
    account.login = "778"

    save_account(account)
    send_presence(clock.now())

    assert {ext: agent["status"] for ext, agent in mightycall.agents().items()} == {
        "778": "DoNotDisturb"
    }
    account.refresh_from_db()
    assert account.event_cursor == ""
