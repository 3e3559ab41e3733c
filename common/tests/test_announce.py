import logging
import socket
import time

import pytest
from celery import Celery

from common.announce import announce

PATIENCE_SECONDS = 1.0  # of a person who pressed a button, for all announcements of a request


def test_a_broker_that_is_down_costs_a_request_neither_an_error_nor_its_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, transactional_db: None
) -> None:
    app = Celery("telemarketing-without-broker", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and nobody listens
        app.conf.update(broker_url=f"redis://127.0.0.1:{nobody.getsockname()[1]}/0")
        monkeypatch.setattr("common.announce.current_app", app)
        started = time.monotonic()

        with caplog.at_level(logging.WARNING):
            for _ in range(3):
                announce("apps.campaigns.tasks.hand_over")

    assert time.monotonic() - started < PATIENCE_SECONDS
    assert (
        caplog.messages
        == ["broker is down, apps.campaigns.tasks.hand_over is left to its sweep"] * 3
    )
