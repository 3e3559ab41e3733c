"""Two actions on connections of their own, one of them halted in the middle."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection, connections

from testing.rivals import PATIENCE_SECONDS
from testing.waiting import until

Act = Callable[[], object]

# statements that take locks which others may wait for
LOCKING = re.compile(r"\b(FOR UPDATE|UPDATE|INSERT|DELETE|pg_advisory_xact_lock)\b")
SOMEBODY_WAITS = """
SELECT FROM pg_stat_activity
WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0
"""


@dataclass(slots=True)
class _Halt:
    """Stops a thread after so many locking statements, until it may go on."""

    after: int
    seen: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if LOCKING.search(sql):
            self.seen += 1
            if self.seen == self.after:
                self.reached.set()
                self.may_go_on.wait(PATIENCE_SECONDS)
        return result


class Interleaving:
    """Two threads, each with its connection. See the fixture `interleaving`."""

    def __init__(self) -> None:
        self._threads = [ThreadPoolExecutor(1) for _ in range(2)]

    def halted(self, first: Act, second: Act, after: int) -> bool:
        """Run ``first`` and halt it after so many of its locking statements; start ``second``, and
        let ``first`` go on once ``second`` is through or waits for a lock.

        Returns False where ``first`` has fewer statements: the two ran one after the other. Raises
        what either raises, such as a deadlock.
        """
        halt = _Halt(after)
        leading = self._threads[0].submit(_wrapped, first, halt)
        until(lambda: halt.reached.is_set() or leading.done(), "the first halts", PATIENCE_SECONDS)
        following = self._threads[1].submit(second)
        try:
            until(lambda: following.done() or _somebody_waits(), "the second", PATIENCE_SECONDS)
        finally:
            halt.may_go_on.set()
        _finish(leading, following)
        return halt.reached.is_set()

    def at_once(self, first: Act, second: Act) -> None:
        """Run both as they come."""
        _finish(self._threads[0].submit(first), self._threads[1].submit(second))

    def close(self) -> None:
        for thread in self._threads:
            thread.submit(connections.close_all).result(PATIENCE_SECONDS)
            thread.shutdown()


def _wrapped(act: Act, halt: _Halt) -> object:
    with connection.execute_wrapper(halt):
        return act()


def _finish(*futures: Future[object]) -> None:
    errors = [error for one in futures if (error := one.exception(PATIENCE_SECONDS)) is not None]
    if errors:
        raise errors[0]


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(SOMEBODY_WAITS)
        return bool(cursor.rowcount)


@pytest.fixture
def interleaving(transactional_db: None) -> Iterator[Interleaving]:
    """A runner of two actions on two connections, which see only what is committed."""
    running = Interleaving()
    yield running
    running.close()
