"""A break begins and ends in bounded time while Redis, and with it the broker, hangs."""

import socket
import time
from collections.abc import Iterator

import pytest
from celery import Celery
from django.test import Client
from pytest_django import Settings

from apps.telephony.models import MightyCallActiveOperator
from common import announce as announcing
from testing.announcements import wait_for_messages
from testing.factories.security import token_of
from testing.factories.telephony import AccountFactory, OnLineFactory

pytestmark = pytest.mark.django_db(transaction=True)

TIME_OUT_SECONDS = 1.0  # of the cache and of this broker


@pytest.fixture
def hung_redis(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Redis that takes connections and answers nothing, for the cache and for the broker."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": url}}
        app = Celery("telemarketing-with-hung-broker", set_as_current=False)
        app.config_from_object("django.conf:settings", namespace="CELERY")
        times = {"socket_timeout": TIME_OUT_SECONDS, "socket_connect_timeout": TIME_OUT_SECONDS}
        options = {**app.conf.broker_transport_options, **times}
        app.conf.update(broker_url=url, broker_transport_options=options)
        monkeypatch.setattr("common.announce.current_app", app)
        monkeypatch.setattr(announcing, "_sender", announcing._Sender())
        yield
        wait_for_messages()


def test_a_status_is_set_in_bounded_time_while_redis_hangs(
    hung_redis: None, client: Client
) -> None:
    """One request pays for the time-out of the cache, and none for that of the broker."""
    account = AccountFactory.create()
    OnLineFactory.create(operator=account.operator, ready=True)
    headers = {"Authorization": f"Bearer {token_of(account.operator)}"}
    seconds = []

    for status in ("BREAK", "READY") * 3:
        started = time.monotonic()
        answer = client.post(
            "/api/arm/v1/setStatus",
            {"status": status},
            content_type="application/json",
            headers=headers,
        )
        seconds.append(time.monotonic() - started)
        assert answer.status_code == 200, answer.content
        row = MightyCallActiveOperator.objects.get(operator=account.operator)
        assert row.ready == (status == "READY")

    assert len([taken for taken in seconds if taken >= TIME_OUT_SECONDS]) <= 1, seconds
    assert max(seconds) < 2 * TIME_OUT_SECONDS, seconds
