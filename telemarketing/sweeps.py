"""The base class of our Celery tasks: a sweep does not run again for a message that it has served.

Announcements and the beat send messages for the same sweep. A run that started after a message was
sent has seen everything that the message announces. So a message is dropped when its sweep has
started since in this process.
"""

import time
from typing import Any

from celery.contrib.django.task import DjangoTask
from celery.signals import before_task_publish

SENT_AT = "sent_at"  # a header of every message, in seconds since 1970

_started_at: dict[str, float] = {}


@before_task_publish.connect
def note_sending(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None:
        headers[SENT_AT] = time.time()


class SweepOnce(DjangoTask):  # type: ignore[type-arg]
    """A task without arguments is a sweep. Called as a function, it always runs."""

    abstract = True

    def __call__(self, *args: Any, **options: Any) -> Any:
        if args or options or self.request.called_directly:
            return super().__call__(*args, **options)
        sent_at = self.request.get(SENT_AT)
        if sent_at is not None and sent_at < _started_at.get(self.name, 0.0):
            return None
        _started_at[self.name] = time.time()
        return super().__call__()
