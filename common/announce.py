"""Nudges: a message that says "look at the tables now". It may be lost, because a sweep looks
anyway."""

import logging
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def announce(task: Any, *args: int | str) -> None:
    """Send ``task`` after the commit of the present transaction, or at once when there is none.

    ``task`` is the task itself, or its dotted name where importing it would close a ring. A broker
    that is down is logged and forgiven: the row is written, and the task's sweep finds it.
    """
    name = task if isinstance(task, str) else task.name

    def send() -> None:
        try:
            # no retries: the caller may be a request that a person waits for
            current_app.send_task(name, args=args, retry=False)
        except OperationalError:
            logger.warning("broker is down, %s is left to its sweep", name)

    transaction.on_commit(send)
