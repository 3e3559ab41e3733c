"""Nudges a Celery task to look at the tables now.

The message may be lost, because a sweep looks at the same tables anyway.
"""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from common.breaker import CircuitBreaker

logger = logging.getLogger(__name__)

# A broker that hangs costs its time-out once in so many seconds. The sweeps come much sooner.
REST_SECONDS = 15.0


class _Sender:
    """Sends the messages of a process, one after another, in a thread: a request never waits for a
    broker that hangs. A process that ends waits until they are sent or given up.
    """

    def __init__(self) -> None:
        self._breaker = CircuitBreaker(failures_to_open=1, rest_seconds=REST_SECONDS)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="announce")

    def enqueue(self, name: str, **options: Any) -> None:
        self._thread.submit(self._send, name, options)

    def _send(self, name: str, options: dict[str, Any]) -> None:
        try:
            if self._breaker.seconds_to_wait() > 0 or not self._sent(name, options):
                logger.warning("broker is down, %s is left to its sweep", name)
        except Exception:
            # the thread's outermost door: nobody asks for what became of the message
            logger.exception("%s cannot be announced", name)

    def _sent(self, name: str, options: dict[str, Any]) -> bool:
        try:
            # no retries: they would keep the messages behind this one waiting
            current_app.send_task(name, retry=False, **options)
        except (OperationalError, RedisError):
            self._breaker.note_failure()
            return False
        self._breaker.note_success()
        return True


_sender = _Sender()


def _begin_anew() -> None:
    """A fork has none of its parent's threads."""
    global _sender
    _sender = _Sender()


os.register_at_fork(after_in_child=_begin_anew)


def announce(task: Any, *args: int | str, expires: float | None = None) -> None:
    """Send ``task`` after the commit of the current transaction, or at once if there is none.

    Returns without waiting for the broker. ``task`` is the task itself, or its dotted name where
    importing it would be a circular import.
    If the broker is down, that is only logged: the row is written, and the task's sweep finds it.
    The broker is then left alone for a while.
    A message that no worker took within ``expires`` seconds is dropped; None: it is kept.
    """
    name = task if isinstance(task, str) else task.name
    transaction.on_commit(lambda: _sender.enqueue(name, args=args, expires=expires))
