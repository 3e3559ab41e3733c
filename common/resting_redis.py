"""Connections to Redis that leave a server alone which does not answer.

A server that hangs would cost every operation its time-out, and a request makes several. So after
one failure the operations of this process fail at once for REST_SECONDS; the cache takes that for a
miss, and the tables answer. Then one operation is tried, and the others go on being misses until it
has succeeded.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

from redis.connection import Connection, ConnectionPool
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from common.breaker import CircuitBreaker

logger = logging.getLogger(__name__)

# Long enough that the time-out of the probe is rarely paid, short enough that the tables do not
# answer for long what a server that is back could.
REST_SECONDS = 5.0

_thread = local()


@contextmanager
def even_while_resting() -> Iterator[None]:
    """What is done in the block is tried even while Redis is left alone.

    For the few writes that others rely on, and whose caller may wait for a time-out.
    """
    _thread.insists = True
    try:
        yield
    finally:
        _thread.insists = False


class NotingConnection(Connection):
    """Tells the breaker of its pool how operations end."""

    def __init__(self, *, breaker: CircuitBreaker, **options: Any) -> None:
        self._breaker = breaker
        super().__init__(**options)  # type: ignore[no-untyped-call]

    def connect(self) -> None:
        with self._noted_failure():
            super().connect()  # type: ignore[no-untyped-call]

    def send_packed_command(self, *args: Any, **options: Any) -> None:
        with self._noted_failure():
            super().send_packed_command(*args, **options)  # type: ignore[no-untyped-call]

    def read_response(self, *args: Any, **options: Any) -> Any:
        with self._noted_failure():
            response = super().read_response(*args, **options)
        if self._breaker.is_open:
            self._breaker.note_success()
            logger.warning("Redis answers again")
        return response

    @contextmanager
    def _noted_failure(self) -> Iterator[None]:
        try:
            yield
        except (RedisConnectionError, RedisTimeoutError) as error:
            if not self._breaker.is_open:
                kind = type(error).__name__
                logger.warning("Redis is left alone for %s s: %s", REST_SECONDS, kind)
            self._breaker.note_failure()
            raise


class RestingPool(ConnectionPool):
    """A pool that lends no connection while its server is left alone.

    Raises redis.exceptions.ConnectionError then, which django-redis takes for a miss.
    """

    def __init__(self, **options: Any) -> None:
        self._breaker = CircuitBreaker(failures_to_open=1, rest_seconds=REST_SECONDS)
        connection = {"connection_class": NotingConnection, "breaker": self._breaker}
        super().__init__(**{**options, **connection})

    def get_connection(self, *args: Any, **options: Any) -> Any:
        if not getattr(_thread, "insists", False) and self._breaker.seconds_to_wait() > 0:
            raise RedisConnectionError("Redis is left alone")
        return super().get_connection(*args, **options)
