"""Connections to PostgreSQL are kept: the web and the workers open one for each thread, not one for
each request or task."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from celery import signals
from celery.app.trace import build_tracer
from celery.fixups import django as celery_fixups
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.db.backends.signals import connection_created

from apps.security.tasks import delete_expired_tokens
from telemarketing.celery import app
from telemarketing.web import bridge
from telemarketing.web.requests import Request

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 12
READY = Request(
    method="GET",
    path="/health/ready",
    query="",
    scheme="http",
    protocol="HTTP/1.1",
    server="127.0.0.1:8000",
    client="192.0.2.7",
    headers=[("host", "localhost")],
)


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """The connections to PostgreSQL that were opened, in whatever thread."""
    found: list[str] = []

    def note(connection: object, **_: object) -> None:
        found.append(repr(connection))

    connection_created.connect(note, weak=False)
    yield found
    connection_created.disconnect(note)


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    """One thread of a lane. What it has opened is closed at the end: the database must be free."""
    with ThreadPoolExecutor(1) as thread:
        yield thread
        thread.submit(connections.close_all).result()


def test_requests_share_the_connection_of_their_thread(
    opened: list[str], thread: ThreadPoolExecutor
) -> None:
    django = get_wsgi_application()

    answers = [thread.submit(bridge.call, django, READY).result() for _ in range(TIMES)]

    assert [answer.status for answer in answers] == [200] * TIMES
    assert len(opened) == 1


@pytest.fixture
def as_in_a_worker() -> Iterator[None]:
    """What Celery does around each task in a worker of a Django project."""
    fixup = getattr(celery_fixups, "DjangoWorkerFixup")(app).install()  # noqa: B009 - its stubs lack it
    yield
    signals.task_prerun.disconnect(fixup.on_task_prerun)
    signals.task_postrun.disconnect(fixup.on_task_postrun)
    signals.worker_process_init.disconnect(fixup.on_worker_process_init)
    signals.beat_embedded_init.disconnect(fixup.close_database)


def test_tasks_share_the_connection_of_their_thread(
    as_in_a_worker: None, opened: list[str], thread: ThreadPoolExecutor
) -> None:
    task = delete_expired_tokens
    trace: Callable[..., Any] = build_tracer(task.name, task, app=cast(Any, app))

    for number in range(TIMES):
        request = {"id": str(number), "is_eager": False}
        outcome = thread.submit(trace, str(number), (), {}, request).result()
        assert outcome.info is None, outcome

    assert len(opened) == 1
