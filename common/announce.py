"""Nudges a Celery task to look at the tables now.

The message may be lost, because a sweep looks at the same tables anyway.
"""

import logging
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def announce(task: Any, *args: int | str, expires: float | None = None) -> None:
    """Send ``task`` after the commit of the current transaction, or at once if there is none.

    ``task`` is the task itself, or its dotted name where importing it would be a circular import.
    If the broker is down, that is only logged: the row is written, and the task's sweep finds it.
    A message that no worker took within ``expires`` seconds is dropped; None: it is kept.
    """
    name = task if isinstance(task, str) else task.name

    def send() -> None:
        try:
            # no retries: the caller may be a request that a person waits for
            current_app.send_task(name, args=args, retry=False, expires=expires)
        except OperationalError:
            logger.warning("broker is down, %s is left to its sweep", name)

    transaction.on_commit(send)
