"""Several database connections that want the same rows."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import TypeVar

import pytest
from django.db import connection, connections

from testing.waiting import until

Result = TypeVar("Result")
PATIENCE_SECONDS = 30.0
BLOCKED_BY_ME = "SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"


class Rivals:
    """Starts threads with database connections of their own. See the fixture `rivals`."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    def start(self, act: Callable[[], Result]) -> Future[Result]:
        """Run ``act`` in a new thread.

        Returns a Future. Its ``result(PATIENCE_SECONDS)`` waits for the end of ``act``, and returns
        or raises what ``act`` does.
        """
        future: Future[Result] = Future()

        def run() -> None:
            try:
                result = act()
            except BaseException as error:  # noqa: BLE001 - the test that asks for the result gets it
                connections.close_all()
                future.set_exception(error)
            else:
                connections.close_all()
                future.set_result(result)

        thread = threading.Thread(target=run)
        self._threads.append(thread)
        thread.start()
        return future

    def join(self) -> None:
        """Wait for the end of every thread."""
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)


@pytest.fixture
def rivals(transactional_db: None) -> Iterator[Rivals]:
    """A starter of threads that work on connections of their own.

    They see only what is committed. Before the tables are emptied, the test waits for all of them.
    """
    started = Rivals()
    yield started
    started.join()


def wait_until_a_lock_is_awaited() -> None:
    """Wait until another connection waits for a lock that this connection holds.

    Fails when none does within `PATIENCE_SECONDS`.
    """

    def is_awaited() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(BLOCKED_BY_ME)
            return bool(cursor.rowcount)

    until(is_awaited, "another connection waits for a lock of this one", PATIENCE_SECONDS)
