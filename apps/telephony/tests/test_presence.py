"""Presence is sent for all operators together: few statements, and nobody waits for another."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.conf import settings as project_settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_redis import get_redis_connection
from pytest_django import Settings

from apps.telephony.models import (
    MightyCallActiveOperator,
    MightyCallEndedSession,
    MightyCallOperator,
)
from apps.telephony.sessions.operator_sessions import MightyCallSessions
from apps.telephony.sessions.presence import send_presence, sweep_presence
from apps.telephony.tests.simulated_mightycall import SimulatedMightyCall
from common import clock
from common.http import http_service
from testing.announcements import wait_for_messages
from testing.factories.security import PASSWORD, OperatorAuthFactory
from testing.factories.telephony import AccountFactory, OnLineFactory
from testing.rivals import PATIENCE_SECONDS, Rivals
from testing.scripted_service import Answer, Asked, ScriptedService, answer_of
from testing.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("cold_cache")]

SESSIONS = MightyCallSessions()


@pytest.fixture
def scripted(scripted_service: ScriptedService, settings: Settings) -> Iterator[ScriptedService]:
    settings.MIGHTYCALL_URL = scripted_service.url
    yield scripted_service
    http_service.cache_clear()


def on_line(count: int) -> list[MightyCallOperator]:
    accounts = AccountFactory.create_batch(count)
    for account in accounts:
        OnLineFactory.create(operator=account.operator)
    return accounts


def row_of(account: MightyCallOperator) -> MightyCallActiveOperator:
    return MightyCallActiveOperator.objects.get(operator=account.operator_id)


def unconfirmed() -> int:
    rows = MightyCallActiveOperator.objects.values_list("desired_revision", "confirmed_revision")
    return sum(desired != confirmed for desired, confirmed in rows)


def statements_for(scripted: ScriptedService, count: int) -> int:
    """How many statements it takes until MightyCall knows so many operators.

    It answers when it has been asked about all of them, so that all answers come together.
    """
    on_line(count)
    everybody = Barrier(count)

    def reply(asked: Asked) -> Answer:
        if asked.path.endswith("/status"):
            everybody.wait(PATIENCE_SECONDS)
        return session_opened(asked)

    scripted.reply = reply
    with CaptureQueriesContext(connection) as asked:
        send_presence(clock.now())
    assert unconfirmed() == 0
    return len([query for query in asked if query["sql"] not in ("BEGIN", "COMMIT")])


def test_many_operators_take_few_statements(scripted: ScriptedService) -> None:
    few, many = statements_for(scripted, 1), statements_for(scripted, 30)

    # a late answer is written with those of its moment, in a batch of its own
    assert many < 3 * few


def session_opened(asked: Asked) -> Answer:
    body = asked.body or {}
    return answer_of({"data": {"sessionId": f"s-{body.get('externalSessionId')}"}})


def test_many_changes_announce_themselves_once(mightycall: SimulatedMightyCall) -> None:
    accounts = on_line(10)
    queue = get_redis_connection("default")
    names = {route["queue"] for route in project_settings.CELERY_TASK_ROUTES.values()}
    wait_for_messages()
    before = sum(queue.llen(name) for name in names)

    with transaction.atomic():
        for account in accounts:
            SESSIONS.set_presence(account.operator_id, ready=False)
        SESSIONS.end_wrap_ups([account.operator_id for account in accounts])
    SESSIONS.set_presence(accounts[0].operator_id, ready=True)

    wait_for_messages()
    assert sum(queue.llen(name) for name in names) == before + 1


def test_a_change_after_the_sender_began_announces_itself_again(
    mightycall: SimulatedMightyCall,
) -> None:
    (account,) = on_line(1)
    SESSIONS.set_presence(account.operator_id, ready=False)
    send_presence(clock.now())

    assert cache.get("telephony:presence:nudged") is None


def test_one_slow_answer_holds_up_nobody_else(scripted: ScriptedService, rivals: Rivals) -> None:
    slow, quick = on_line(2)
    asked_slow, answer_slow = Event(), Event()

    def reply(asked: Asked) -> Answer:
        if f"/{slow.login}/" in asked.path:
            asked_slow.set()
            answer_slow.wait(PATIENCE_SECONDS)
        return session_opened(asked)

    scripted.reply = reply
    sender = rivals.start(lambda: send_presence(clock.now()))
    assert asked_slow.wait(PATIENCE_SECONDS)
    until(lambda: row_of(quick).confirmed_revision == row_of(quick).desired_revision)

    SESSIONS.set_presence(quick.operator_id, ready=False)
    send_presence(clock.now())  # another sender is at it

    until(lambda: row_of(quick).confirmed_revision == row_of(quick).desired_revision)
    assert not sender.done()
    answer_slow.set()
    sender.result(PATIENCE_SECONDS)
    assert unconfirmed() == 0


def test_an_older_state_never_arrives_after_a_newer_one(
    scripted: ScriptedService, rivals: Rivals
) -> None:
    (account,) = on_line(1)
    statuses: list[str] = []
    asked_first, answer_first = Event(), Event()

    def reply(asked: Asked) -> Answer:
        if asked.path.endswith("/status"):
            if not asked_first.is_set():
                asked_first.set()
                answer_first.wait(PATIENCE_SECONDS)
            statuses.append(asked.body["status"])
        return session_opened(asked)

    scripted.reply = reply
    sender = rivals.start(lambda: send_presence(clock.now()))
    assert asked_first.wait(PATIENCE_SECONDS)
    SESSIONS.set_presence(account.operator_id, ready=False)
    send_presence(clock.now())
    assert statuses == []
    answer_first.set()
    sender.result(PATIENCE_SECONDS)

    assert statuses == ["Available", "DoNotDisturb"]
    assert unconfirmed() == 0


def test_a_log_out_while_the_session_is_being_opened_leaves_no_session(
    scripted: ScriptedService, rivals: Rivals
) -> None:
    (account,) = on_line(1)
    opened, closed = Event(), Event()
    answer = Event()

    def reply(asked: Asked) -> Answer:
        if asked.method == "POST":
            opened.set()
            answer.wait(PATIENCE_SECONDS)
        if asked.method == "DELETE":
            closed.set()
        return session_opened(asked)

    scripted.reply = reply
    sender = rivals.start(lambda: send_presence(clock.now()))
    assert opened.wait(PATIENCE_SECONDS)
    SESSIONS.close_session(account.operator_id)
    answer.set()
    sender.result(PATIENCE_SECONDS)

    assert closed.is_set()
    assert not MightyCallEndedSession.objects.exists()


def test_a_failing_operator_is_not_asked_without_end(scripted: ScriptedService) -> None:
    failing, good = on_line(2)
    paths: list[str] = []

    def reply(asked: Asked) -> Answer:
        paths.append(asked.path)
        return answer_of({}, 500) if f"/{failing.login}/" in asked.path else session_opened(asked)

    scripted.reply = reply

    send_presence(clock.now())

    assert len([path for path in paths if f"/{failing.login}/" in path]) == 1
    assert row_of(failing).next_try_at is not None
    assert row_of(good).confirmed_revision == row_of(good).desired_revision


def lost_row() -> tuple[MightyCallOperator, str]:
    """Return the account and the token of an operator who is signed in and whose row is gone. The
    lock between log-in and log-out prevents it; the sweep mends what it could not.
    """
    account = AccountFactory.create()
    token = log_in(account)
    MightyCallActiveOperator.objects.filter(operator=account.operator).delete()
    return account, token


def log_in(account: MightyCallOperator) -> str:
    body = {"login": account.operator.login, "password": PASSWORD}
    answer = Client().post("/api/arm/v1/login", body, content_type="application/json")
    return str(answer.json()["data"]["token"])


def test_the_sweep_puts_on_line_whoever_is_signed_in_and_has_lost_their_row(
    mightycall: SimulatedMightyCall,
) -> None:
    account, _ = lost_row()

    sweep_presence(clock.now())

    assert mightycall.agents()[account.login]["status"] == "Available"
    assert row_of(account).confirmed_revision == row_of(account).desired_revision


def test_setting_the_status_puts_them_on_line_too(mightycall: SimulatedMightyCall) -> None:
    account, token = lost_row()

    answer = Client().post(
        "/api/arm/v1/setStatus",
        {"status": "BREAK"},
        content_type="application/json",
        headers={"authorization": f"Bearer {token}"},
    )
    send_presence(clock.now())

    assert answer.status_code == 200
    assert mightycall.agents()[account.login]["status"] == "DoNotDisturb"


def test_whoever_is_locked_or_signed_out_is_not_put_on_line(
    mightycall: SimulatedMightyCall,
) -> None:
    here, locked, out = AccountFactory.create_batch(3)
    OperatorAuthFactory.create(operator=here.operator)
    OperatorAuthFactory.create(operator=locked.operator)
    OperatorAuthFactory.create(operator=out.operator, exp_date=clock.now() - timedelta(seconds=1))
    locked.operator.locked = True
    locked.operator.save()

    sweep_presence(clock.now())

    assert set(mightycall.agents()) == {here.login}
