"""Telephony: how fast events are applied and presence is sent, and how soon an event reaches an
operator's page.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction

from apps.arm.changes import KEY_PREFIX
from apps.campaigns.models import CallOrder, Campaign, Communication
from apps.campaigns.types import CallEventKind, DialRequest, SystemDisposition
from apps.telephony.events.event_intake import take_page
from apps.telephony.mightycall.transport import CallNews, Ending, EventPage, TelephonyEvent
from apps.telephony.models import MightyCallActiveOperator, MightyCallOperator
from apps.telephony.queue.dialer import MightyCallDialer
from apps.telephony.queue.queue_sender import send_queue
from apps.telephony.sessions.presence import send_presence
from benchmarks.bars import Bar
from common import clock
from common.http import http_service
from testing.simulators import Simulators
from testing.waiting import until

ROUNDS = 5  # the median counts
EVENTS = 500  # of one page
LATENCY_MS = 50
CONCURRENCY = 32  # requests to MightyCall at once, of one process
POLLERS = 2  # processes of one worker machine
CALLS_AT_ONCE = 25  # that begin together, twice a second
PERCENTILE = 0.99
TALK_SECONDS = 3_600.0
PACE = {"dial_sec": 0, "ring_sec": 0, "talk_min_sec": TALK_SECONDS, "talk_max_sec": TALK_SECONDS}
POLL = """
import time
import django; django.setup()
from apps.telephony.services import poll_events
while True:
    started = time.monotonic()
    poll_events()
    time.sleep(max(0.0, {every} - (time.monotonic() - started)))
"""

MAKE_OPERATORS = """
INSERT INTO "tm$operators" (login, password, role, first_name, last_name)
SELECT 'bench-' || n, '', 'OPERATOR', 'A', 'B' FROM generate_series(1, %s) AS n
"""
MAKE_ACCOUNTS = """
INSERT INTO "tm$mightycall_operators" (operator_id, login, password)
SELECT id, 1000 + row_number() OVER (ORDER BY id), '' FROM "tm$operators"
"""
PUT_ON_LINE = """
INSERT INTO "tm$mightycall_active_operators" (operator_id) SELECT id FROM "tm$operators"
"""
MAKE_TASKS = """
INSERT INTO "tm$campaign_tasks" (campaign_id, phone, client_info, task_time, task_state, source_key)
SELECT %s, '79' || lpad(n::text, 7, '0') || '77', '{}', now(), 'IN_PROGRESS', 'application:' || n
FROM generate_series(1, %s) AS n
"""
MAKE_ORDERS = """
INSERT INTO "tm$call_orders" (task_id, campaign_id, phone, state, handed_over_at)
SELECT id, campaign_id, phone, 'QUEUED', now() FROM "tm$campaign_tasks" ORDER BY id
"""
# What one event of each kind must write at least, a statement each.
BARE_START = (
    """INSERT INTO "tm$mightycall_events" (event_id, kind) VALUES ('s-%(id)s', 'CallStarted')""",
    """INSERT INTO "tm$communications"
    (campaign_task_id, operator_id, phone, state, started_at, result_details)
    SELECT task_id, %(operator)s, phone, 'NEW', now(), '{}' FROM "tm$call_orders"
    WHERE id = %(id)s""",
    """INSERT INTO "tm$calls" (call_key, order_id, operator_id, connected_at)
    VALUES ('c-%(id)s', %(id)s, %(operator)s, now())""",
    """UPDATE "tm$call_orders" SET state = 'CALLING' WHERE id = %(id)s""",
)
BARE_END = (
    """INSERT INTO "tm$mightycall_events" (event_id, kind) VALUES ('e-%(id)s', 'CallEnded')""",
    """UPDATE "tm$calls" SET ended_at = now(), system_disposition = 'CONNECTED'
    WHERE call_key = 'c-%(id)s'""",
    """UPDATE "tm$communications" SET ended_at = now() WHERE operator_id = %(operator)s""",
    """UPDATE "tm$call_orders" SET state = 'RESULT_DUE' WHERE id = %(id)s""",
    """UPDATE "tm$campaign_tasks" SET task_state = 'DONE', outcome = 'CALLED', attempts = 1
    WHERE id = (SELECT task_id FROM "tm$call_orders" WHERE id = %(id)s)""",
    """INSERT INTO "tm$task_transitions" (task_id, from_state, to_state, why)
    SELECT task_id, 'IN_PROGRESS', 'DONE', '' FROM "tm$call_orders" WHERE id = %(id)s""",
)
TABLES = (
    '"tm$campaign_tasks", "tm$call_orders", "tm$calls", "tm$communications", "tm$mightycall_tasks",'
    ' "tm$mightycall_events", "tm$operators"'
)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--telephony-operators", type=int, default=500)


def measure(options: argparse.Namespace) -> Sequence[Bar]:
    """The bars of telephony: applied events, sent presence, and the way of an event to a page."""
    return [*_events(), *_against_the_simulator(options.telephony_operators)]


def _events() -> list[Bar]:
    turns = [(_seconds_of(_bare), _seconds_of(_ours)) for _round in range(ROUNDS)]
    bare, ours = (statistics.median(column) for column in zip(*turns, strict=True))
    speed = 2 * EVENTS / ours
    notes = f"{speed:,.0f} of {2 * EVENTS / bare:,.0f} events/s, starts and ends of calls"
    return [
        Bar(f"{EVENTS} events / bare single-row statements", bare / ours, 1.0, "x", notes=notes)
    ]


def _seconds_of(apply: Callable[[list[tuple[int, int]]], object]) -> float:
    pairs = _prepared(EVENTS)
    MightyCallDialer().add_calls([_request(order) for order in CallOrder.objects.order_by("pk")])
    start = time.perf_counter()
    apply(pairs)
    return time.perf_counter() - start


def _prepared(count: int) -> list[tuple[int, int]]:
    """So many operators with accounts, and a queued call for each: (order id, operator id)."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES} CASCADE")
        cursor.execute(MAKE_OPERATORS, [count])
        cursor.execute(MAKE_ACCOUNTS)
        campaign, _ = Campaign.objects.get_or_create(name="bench", defaults={"domain": "LOANS"})
        cursor.execute(MAKE_TASKS, [campaign.pk, count])
        cursor.execute(MAKE_ORDERS)
        cursor.execute('SELECT id FROM "tm$operators" ORDER BY id')
        operators = [row[0] for row in cursor.fetchall()]
        cursor.execute("ANALYZE")
    orders = CallOrder.objects.order_by("pk").values_list("pk", flat=True)
    return list(zip(orders, operators, strict=True))


def _request(order: CallOrder) -> DialRequest:
    return DialRequest(
        order_id=order.pk,
        task_id=order.task_id,
        campaign_id=order.campaign_id,
        phone=order.phone,
        priority=0,
        expires_at=clock.now() + timedelta(hours=8),
    )


def _bare(pairs: list[tuple[int, int]]) -> None:
    for statements in (BARE_START, BARE_END):
        with transaction.atomic(), connection.cursor() as cursor:
            for (order_id, operator_id), statement in itertools.product(pairs, statements):
                cursor.execute(statement, {"id": order_id, "operator": operator_id})


def _ours(pairs: list[tuple[int, int]]) -> None:
    now = clock.now()
    first = pairs[0][1]
    for prefix, kind, ending in (
        ("s", CallEventKind.CONNECTED, None),
        ("e", CallEventKind.ENDED, Ending(SystemDisposition.CONNECTED)),
    ):
        events = [
            TelephonyEvent(
                f"{prefix}-{order_id}",
                str(kind),
                str(1001 + operator_id - first),
                CallNews(kind, f"c-{order_id}", str(order_id), now, ending),
            )
            for order_id, operator_id in pairs
        ]
        take_page(EventPage(tuple(events), "1", has_more=False))
    ended = Communication.objects.filter(ended_at__isnull=False).count()
    if ended != len(pairs):
        raise AssertionError(f"only {ended} conversations were made")


def _against_the_simulator(operators: int) -> list[Bar]:
    key = {"MIGHTYCALL_API_KEY": settings.MIGHTYCALL_API_KEY}
    simulators = Simulators("--speed=1", credentials=key)
    settings.MIGHTYCALL_URL = simulators.url("mightycall")
    http_service.cache_clear()
    try:
        simulators.set_pace(**PACE)
        simulators.put_faults("mightycall", latency_ms=LATENCY_MS)
        pairs = _prepared(operators)
        with connection.cursor() as cursor:
            cursor.execute(PUT_ON_LINE)
        send_presence(clock.now())
        return [_presence(operators), _event_to_page(pairs, simulators)]
    finally:
        simulators.stop()


def _presence(operators: int) -> Bar:
    """A break of everybody, and its end."""
    start = time.perf_counter()
    for ready in (False, True):
        rows = MightyCallActiveOperator.objects.all()
        for row in rows:
            row.ready, row.desired_revision = ready, row.desired_revision + 1
        MightyCallActiveOperator.objects.bulk_update(rows, ["ready", "desired_revision"])
        send_presence(clock.now())
    seconds = (time.perf_counter() - start) / 2
    ideal = operators * LATENCY_MS / 1_000 / CONCURRENCY
    notes = f"{seconds:.2f} s, {operators / seconds:,.0f} operators/s"
    name = f"presence of {operators} operators / latency ÷ concurrency"
    return Bar(name, seconds / ideal, 2.5, "x", at_most=True, notes=notes)


def _event_to_page(pairs: list[tuple[int, int]], simulators: Simulators) -> Bar:
    """From the moment that MightyCall gives an event until the operator's page would be told."""
    cache.clear()
    with _pollers(simulators.url("mightycall")):
        until(_every_feed_has_been_read, "every feed has been read", seconds=120)
        seen: dict[int, float] = {}
        waiting = {operator_id for _, operator_id in pairs}
        requests = iter([_request(order) for order in CallOrder.objects.order_by("pk")])
        give_up_at = time.monotonic() + 120
        next_calls_at = time.monotonic()
        while waiting and time.monotonic() < give_up_at:
            if time.monotonic() >= next_calls_at:
                next_calls_at += 0.5
                _send(requests)
            for operator_id in _told(waiting):
                seen[operator_id] = clock.now().timestamp()
            waiting -= seen.keys()
            time.sleep(0.02)
    started = dict(Communication.objects.values_list("operator_id", "started_at"))
    delays = sorted(at - started[pk].timestamp() for pk, at in seen.items())
    p99 = delays[int(len(delays) * PERCENTILE)] if not waiting else float("inf")
    notes = f"p50 {statistics.median(delays):.2f} s, {POLLERS} pollers, {LATENCY_MS} ms an answer"
    name = f"event → hasChanges, p99 of {len(pairs)} operators"
    return Bar(name, p99, 1.5, "s", at_most=True, notes=notes)


def _every_feed_has_been_read() -> bool:
    return not MightyCallOperator.objects.filter(event_cursor="").exists()


def _send(requests: Iterator[DialRequest]) -> None:
    MightyCallDialer().add_calls(list(itertools.islice(requests, CALLS_AT_ONCE)))
    send_queue(clock.now())


def _told(operator_ids: set[int]) -> list[int]:
    found = cache.get_many([f"{KEY_PREFIX}{pk}" for pk in operator_ids])
    changes = {pk: found.get(f"{KEY_PREFIX}{pk}") for pk in operator_ids}
    return [pk for pk, value in changes.items() if _is_in_call(value)]


def _is_in_call(value: Any) -> bool:
    return isinstance(value, dict) and value["status"] == "IN_CALL"


@contextmanager
def _pollers(url: str) -> Iterator[None]:
    """Processes that poll MightyCall, each as often as beat asks for it."""
    database = connection.settings_dict
    place = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgres://{database['USER']}:{database['PASSWORD']}@{place}",
        "MIGHTYCALL_URL": url,
    }
    every = settings.CELERY_BEAT_SCHEDULE["poll-events"]["schedule"]
    command = [sys.executable, "-c", POLL.format(every=every)]
    processes = [
        subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)  # noqa: S603 - our own
        for _ in range(POLLERS)
    ]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
