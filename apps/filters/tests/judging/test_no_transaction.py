"""No service is asked inside a transaction: it may take long, and locks would be held meanwhile."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from apps.campaigns.services import never_call_again
from apps.filters.services import send_blacklist_notices
from common.http import http_service
from testing.factories.filters import NOW, ApplicationFactory, CascadeFactory, batch_of
from testing.judging import SERVICES, judge_due, judge_fully

SETTINGS: dict[str, Any] = {
    "data-streams": ["MOBILE_LOANS"],
    "casper-conditions": [{"field": "monthly_income", "above": 1}],
}
OPEN_TRANSACTIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND state LIKE 'idle in transaction%'
"""


class _LooksAtTheDatabase(BaseHTTPRequestHandler):
    """A service that counts the open transactions whenever it is asked, and answers nonsense."""

    asked: list[tuple[str, int]]

    def do_POST(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(OPEN_TRANSACTIONS)
            self.asked.append((self.path, cursor.fetchone()[0]))
        connection.close()
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def asked(settings: Settings) -> Iterator[list[tuple[str, int]]]:
    """What each service was asked, with the number of transactions that were open then."""
    _LooksAtTheDatabase.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _LooksAtTheDatabase)
    for name in SERVICES:
        setattr(settings, f"{name.upper()}_URL", f"http://127.0.0.1:{server.server_port}")
    http_service.cache_clear()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield _LooksAtTheDatabase.asked
    server.shutdown()
    thread.join()
    server.server_close()
    http_service.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_services_are_never_asked_inside_a_transaction(asked: list[tuple[str, int]]) -> None:
    for name in ("ML_DEVICE", "PHONE_BLACK_LIST", "CLIENT_DATA"):
        CascadeFactory.create(settings={**SETTINGS, "filters-order": [name]})
    never_call_again("79131234567", "Больше не звонить")

    judge_fully(batch_of(ApplicationFactory.create()).pk, NOW)
    judge_due(NOW)
    send_blacklist_notices(NOW)

    assert len({path for path, _open in asked}) == len(SERVICES)
    assert {number for _path, number in asked} == {0}
