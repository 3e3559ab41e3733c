"""What every test gets: a Redis database of its own process, a fast password hasher, and a network
that ends at this machine.
"""

import ipaddress
import os
import socket
from typing import Any

import pytest
from django.conf import settings as project_settings
from django.core.cache import cache
from django.db import connection
from pytest_django import DjangoDbBlocker, Settings

from common.kept import every_kept

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")


def _redis_of_this_process() -> str:
    """Return the URL of a Redis database that no other process of this test run clears."""
    return f"{project_settings.REDIS_URL.rpartition('/')[0]}/{int(WORKER.removeprefix('gw'))}"


# This happens before anything reads the settings. Processes that tests start inherit the variable.
os.environ["REDIS_URL"] = _redis_of_this_process()
project_settings.REDIS_URL = os.environ["REDIS_URL"]
project_settings.CELERY_BROKER_URL = os.environ["REDIS_URL"]
project_settings.CACHES["default"]["LOCATION"] = os.environ["REDIS_URL"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Lets the tests with several connections empty the access log, as they do all tables."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute('ALTER TABLE "tm$access_log" DISABLE TRIGGER access_log_stays_whole')


@pytest.fixture(autouse=True)
def fast_hasher(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def sealed_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails a test that connects to another machine."""
    connect = socket.socket.connect

    def connect_to_loopback(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = "127.0.0.1" if address[0] == "localhost" else address[0]
            assert ipaddress.ip_address(host).is_loopback, f"a test reached for {host}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_to_loopback)


@pytest.fixture
def cold_cache() -> None:
    """An empty cache, and nothing kept in this process, before the test."""
    cache.clear()
    for kept in [*every_kept]:
        kept.forget()
