"""Nudges a Celery task to look at the tables now.

The message may be lost, because a sweep looks at the same tables anyway.
"""

import logging
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from common.breaker import CircuitBreaker

logger = logging.getLogger(__name__)

# A broker that hangs costs its time-out once in so many seconds. The sweeps come much sooner.
REST_SECONDS = 15.0
_broker = CircuitBreaker(failures_to_open=1, rest_seconds=REST_SECONDS)


def announce(task: Any, *args: int | str, expires: float | None = None) -> None:
    """Send ``task`` after the commit of the current transaction, or at once if there is none.

    ``task`` is the task itself, or its dotted name where importing it would be a circular import.
    If the broker is down, that is only logged: the row is written, and the task's sweep finds it.
    The broker is then left alone for a while.
    A message that no worker took within ``expires`` seconds is dropped; None: it is kept.
    """
    name = task if isinstance(task, str) else task.name

    def send() -> None:
        if _broker.seconds_to_wait() > 0 or not _sent(name, args, expires):
            logger.warning("broker is down, %s is left to its sweep", name)

    transaction.on_commit(send)


def _sent(name: str, args: tuple[int | str, ...], expires: float | None) -> bool:
    try:
        # no retries: the caller may be a request that a person waits for
        current_app.send_task(name, args=args, retry=False, expires=expires)
    except (OperationalError, RedisError):
        _broker.note_failure()
        return False
    _broker.note_success()
    return True
