import logging
import os
import socket
import time
from collections.abc import Iterator

import pytest
from celery import Celery
from django_redis import get_redis_connection
from pytest_django import Settings

from common import announce as announcing
from common.announce import announce
from testing.announcements import wait_for_messages

PATIENCE_SECONDS = 1.0  # of a person who pressed a button, for all announcements of a request
HUNG_FOR_SECONDS = 0.5  # what a broker that hangs costs whoever waits for it; in life it is longer
TASK = "apps.campaigns.tasks.hand_over"


@pytest.fixture(autouse=True)
def trusted_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A broker that no earlier test found down."""
    monkeypatch.setattr(announcing, "_sender", announcing._Sender())
    yield
    wait_for_messages()


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A broker that accepts connections and says nothing, once it listens."""
    app = Celery("telemarketing-without-broker", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    timeouts = {"socket_timeout": HUNG_FOR_SECONDS, "socket_connect_timeout": HUNG_FOR_SECONDS}
    options = {**app.conf.broker_transport_options, **timeouts}
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))  # taken, and nobody listens
        url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        app.conf.update(broker_url=url, broker_transport_options=options)
        monkeypatch.setattr("common.announce.current_app", app)
        yield server


def test_a_broker_that_is_down_costs_a_request_neither_an_error_nor_its_time(
    broker: socket.socket, caplog: pytest.LogCaptureFixture, transactional_db: None
) -> None:
    started = time.monotonic()

    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            announce(TASK)
        wait_for_messages()

    assert time.monotonic() - started < PATIENCE_SECONDS
    assert caplog.messages == [f"broker is down, {TASK} is left to its sweep"] * 3


def test_nobody_waits_for_a_broker_that_hangs(
    broker: socket.socket, caplog: pytest.LogCaptureFixture, transactional_db: None
) -> None:
    broker.listen()
    started = time.monotonic()

    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            announce(TASK)
        taken = time.monotonic() - started
        wait_for_messages()

    assert time.monotonic() - started > HUNG_FOR_SECONDS > 2 * taken
    assert caplog.messages == [f"broker is down, {TASK} is left to its sweep"] * 3


def test_a_message_that_cannot_be_written_holds_up_no_other(
    caplog: pytest.LogCaptureFixture, transactional_db: None
) -> None:
    announce("apps.campaigns.tasks.nothing", object())  # type: ignore[arg-type]
    announce(TASK)

    wait_for_messages()

    assert "apps.campaigns.tasks.nothing cannot be announced" in caplog.text
    assert "broker is down" not in caplog.text


def test_a_fork_announces_by_a_thread_of_its_own(transactional_db: None) -> None:
    announce(TASK)
    wait_for_messages()
    child = os.fork()
    if child == 0:
        # its parent's thread is not there: a message of that thread would be waited for for ever
        wait_for_messages()
        os._exit(0)

    assert os.waitpid(child, 0)[1] == 0


def test_a_message_is_in_its_lane_when_it_was_waited_for(
    settings: Settings, transactional_db: None
) -> None:
    name = "apps.filters.tasks.judge_waiting"
    lane = settings.CELERY_TASK_ROUTES[name]["queue"]
    redis = get_redis_connection("default")
    before = redis.llen(lane)

    announce(name)
    wait_for_messages()

    assert redis.llen(lane) == before + 1
