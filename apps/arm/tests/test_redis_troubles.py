"""A whole call with Redis flushed at every step, down, hung or slow: every answer is right. Redis
is the cache and the broker, so both are in trouble at once.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from celery import Celery
from django.core.cache import cache
from pytest_django import Settings

from apps.arm import services
from apps.arm.tests.api import Api, end_of, filled_in
from apps.campaigns.models import Communication
from apps.security.models import Operator
from common import announce as announcing
from testing.announcements import wait_for_messages
from testing.browser import Answer
from testing.factories.campaigns import DispositionFactory
from testing.factories.security import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

TIME_OUT_SECONDS = 1.0  # CACHES in telemarketing.settings
DELAY_SECONDS = 0.02  # of each answer of a slow Redis


@contextmanager
def port_of(answer_of: Callable[[socket.socket], None] | None) -> Iterator[int]:
    """A port on which each connection is served by ``answer_of``; None: nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
        if answer_of is None:
            server.close()
            yield port
            return

        def accept() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=answer_of, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield port
        server.shutdown(socket.SHUT_RDWR)


def slowly(host: str, port: int) -> Callable[[socket.socket], None]:
    """Passes everything on, and answers late."""

    def serve(client: socket.socket) -> None:
        with client, socket.create_connection((host, port)) as redis:
            while asked := client.recv(65_536):
                redis.sendall(asked)
                time.sleep(DELAY_SECONDS)
                client.sendall(redis.recv(1_048_576))

    return serve


def never(client: socket.socket) -> None:
    with client:
        while client.recv(65_536):
            pass


@contextmanager
def broker_at(location: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Messages to workers go there. A broker that hangs costs nobody but the thread that sends."""
    app = Celery("telemarketing-in-trouble", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    times = {"socket_timeout": TIME_OUT_SECONDS, "socket_connect_timeout": TIME_OUT_SECONDS}
    options = {**app.conf.broker_transport_options, **times}
    app.conf.update(broker_url=location, broker_transport_options=options)
    monkeypatch.setattr("common.announce.current_app", app)
    monkeypatch.setattr(announcing, "_sender", announcing._Sender())  # finds the trouble by itself
    yield
    wait_for_messages()


@pytest.fixture(params=["well", "flushed", "down", "hung", "slow"])
def trouble(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    url = urlsplit(settings.REDIS_URL)
    served = {"down": None, "hung": never, "slow": slowly(str(url.hostname), int(url.port or 6379))}
    if request.param not in served:
        yield request.param
        return
    with port_of(served[request.param]) as port:
        credentials = url.netloc.rpartition("@")[0]
        place = f"{credentials}@127.0.0.1:{port}" if credentials else f"127.0.0.1:{port}"
        location = url._replace(netloc=place).geturl()
        default = settings.CACHES["default"]
        settings.CACHES = {"default": {**default, "LOCATION": location}}
        with broker_at(location, monkeypatch):
            yield request.param


def test_a_whole_call_is_right_whatever_redis_does(
    trouble: str,
    operator: Operator,
    ring: Callable[..., Communication],
    caplog: pytest.LogCaptureFixture,
) -> None:
    seconds: dict[str, float] = {}

    def timed(name: str, ask: Callable[[], Answer]) -> dict[str, Any]:
        if trouble == "flushed":
            cache.clear()
        started = time.monotonic()
        answer = ask()
        seconds[f"{len(seconds)} {name}"] = time.monotonic() - started
        assert answer.status_code == 200, (name, answer.content)
        return dict(answer.json().get("data", {}))

    def get(name: str) -> dict[str, Any]:
        return timed(name, lambda: api.get(name))

    def save(name: str, talk: Communication) -> None:
        timed(name, lambda: api.post(name, filled_in(talk)))

    credentials = {"login": operator.login, "password": PASSWORD}
    api = Api(timed("login", lambda: Api().post("login", credentials))["token"])
    assert get("hasChanges")["changes"] == []
    talk = ring()
    DispositionFactory.create(campaign=talk.campaign_task.campaign)
    assert get("hasChanges")["changes"] == ["CLIENT_CARD_READY"]
    assert get("getClientCard")["clientCard"]["currentCommunication"]["id"] == talk.pk
    assert get("hasChanges")["changes"] == []
    save("saveCommunicationDraft", talk)
    services.take_call_events([end_of(talk)])
    assert get("hasChanges")["changes"] == ["CALL_FINISHED"]
    save("saveCommunicationResult", talk)
    assert "CALL_FINISHED" not in get("hasChanges")["changes"]
    assert get("listCommunications") == {"communications": []}
    get("logout")
    assert api.get("hasChanges").status_code == 401

    wait_for_messages()
    left_to_sweeps = [text for text in caplog.messages if text.startswith("broker is down")]
    assert bool(left_to_sweeps) == (trouble in ("down", "hung"))
    lines = (f"{trouble:8} {name:28} {taken * 1000:8.1f} ms" for name, taken in seconds.items())
    print("\n" + "\n".join(lines))  # noqa: T201 - read by people: pytest -s
    timed_out = [name for name, taken in seconds.items() if taken >= TIME_OUT_SECONDS]
    assert len(timed_out) < len(seconds) / 2, timed_out
