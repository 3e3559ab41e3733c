"""The cascade, compared with one INSERT … SELECT, and with services that answer slowly."""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection

from apps.campaigns.models import Campaign
from apps.filters.judging.batches import judge_batch
from apps.filters.judging.runs import Asked, advance_run, request_dry_run
from apps.filters.judging.service_lane import ask_services_for_a_while
from apps.filters.models import Cascade, JudgementBatch, Verdict
from benchmarks.bars import Bar
from common.clock import now
from common.http import http_service
from testing.simulators import EVERYBODY_PASSES, Simulators

ROUNDS = 3  # the median counts
BATCH_ROWS = 2_000  # as the import makes them
CONCURRENCY = 16  # the default of SERVICE_CONCURRENCY
LATENCY_MS = 50
SERVICES = ("blacklist", "casper", "abram")
SMALL_STREAM = "POS_REJECT"
SMALL_FILES = 5
LOOK_SECONDS = 0.02
JUDGE, ASK = "judge_for_a_while", "ask_services_for_a_while"
WORKER = """
import django; django.setup()
from django.db import connection
connection.settings_dict["NAME"] = {database!r}
from apps.filters import services
from common.clock import now
while True:
    services.{lane}(now)
"""

# Half of the applications pass: some are too young, some not of a served country or mask.
INTERNAL = {
    "data-streams": ["MOBILE_LOANS"],
    "request-statuses": ["registered", "scored"],
    "phone-templates": [r"79\d{9}"],
    "filters-order": ["RESIDENCE", "AGE", "AMOUNT"],
    "citizenship-unavailable-countries": ["BLR", "UKR"],
    "min-age": 18,
    "min-amount": 5_000,
}
OUTSIDE: dict[str, Any] = {
    "data-streams": ["MOBILE_LOANS"],
    "filters-order": [
        "PHONE_BLACK_LIST",
        "ML_DEVICE",
        "ML_PHONE",
        "ML_FACE",
        "ML_DOCUMENT",
        "CLIENT_DATA",
        "AVAILABLE_PRODUCTS",
    ],
    "casper-conditions": [{"field": "loans.status", "in": ["nowhere"]}],
}
# the filters with services of the cascade that config/campaigns.yaml ships
SHIPPED = {**OUTSIDE, "filters-order": OUTSIDE["filters-order"][:5]}

MAKE_APPLICATIONS = """
INSERT INTO "tm$applications" (stream, file_id, line_number, application_number, created_at,
    changed_at, application_status, client_type, phone, citizenship, document_series,
    document_number, last_name, first_name, middle_name, birth_date, sex, device_os, app_version,
    device_id, face_id, desired_amount, product_type, term, term_unit, grace, grace_unit)
SELECT 'MOBILE_LOANS', 1, n + 1, 34000000 + n, now() - interval '2 days', now() - interval '1 day',
    (ARRAY['registered', 'scored'])[1 + n %% 2], 'pioneer', '79' || lpad(n::text, 9, '0'),
    (ARRAY['KGZ', 'UZB', 'RUS', 'BLR', 'TJK'])[1 + n %% 5], 'AN', lpad(n::text, 7, '0'),
    'Асанов', 'Айбек', 'Бакытович', DATE '2012-01-01' - (n %% 20) * 365, 'M', 'ANDROID', '3.102.0',
    'device-' || n, 'face-' || n, 3000 + n %% 10 * 5000, 'express', 1, 'month', 7, 'day'
FROM generate_series(1, %s) AS n
"""
# The least that any cascade must do: the same verdicts, and the same tasks with the same JSON.
ONE_STATEMENT = """
WITH judged AS (
    INSERT INTO "tm$verdicts" (application_id, campaign_id, state, rule, reason, settings_version)
    SELECT id, %(campaign)s, CASE WHEN rule = '' THEN 'PASSED' ELSE 'STOPPED' END, rule, rule, 1
    FROM (
        SELECT *, CASE
            WHEN application_status NOT IN ('registered', 'scored') THEN 'REQUEST_STATUS'
            WHEN phone !~ '^79[0-9]{9}$' THEN 'PHONE_TEMPLATE'
            WHEN citizenship IN ('BLR', 'UKR') THEN 'RESIDENCE'
            WHEN birth_date > CURRENT_DATE - interval '18 years' THEN 'AGE'
            WHEN desired_amount < 5000 THEN 'AMOUNT'
            ELSE '' END AS rule
        FROM "tm$applications"
    ) AS application
    RETURNING application_id, state
)
INSERT INTO "tm$campaign_tasks" (campaign_id, phone, client_info, source_key, task_time)
SELECT %(campaign)s, a.phone, jsonb_build_object(
        'application_number', application_number, 'stream', stream, 'created_at', created_at,
        'changed_at', changed_at, 'application_status', application_status,
        'client_type', client_type, 'last_name', last_name, 'first_name', first_name,
        'middle_name', middle_name, 'citizenship', citizenship, 'birth_date', birth_date,
        'sex', sex, 'device_os', device_os, 'device_id', device_id,
        'desired_amount', (desired_amount * 100)::bigint, 'product_type', product_type,
        'term', term, 'term_unit', term_unit, 'grace', grace, 'grace_unit', grace_unit),
    'application:' || a.id, now()
FROM judged JOIN "tm$applications" AS a ON a.id = judged.application_id
WHERE judged.state = 'PASSED'
"""
ONE_APPLICATION = """
INSERT INTO "tm$applications" (stream, file_id, line_number, application_number, created_at,
    changed_at, application_status, client_type, phone)
VALUES (%s, 2, 2, %s, now(), now(), 'registered', 'pioneer', '79000000001') RETURNING id
"""
RESULTS = (
    '"tm$verdicts", "tm$campaign_tasks", "tm$decisions", "tm$blacklist_checks", "tm$known_clients"'
)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--filters-rows", type=int, default=50_000)
    parser.add_argument("--filters-outside-rows", type=int, default=1_500, help="bar: 10000")
    parser.add_argument("--filters-starving-rows", type=int, default=300_000)
    parser.add_argument("--filters-dry-run-rows", type=int, default=100_000)


def measure(options: argparse.Namespace) -> Sequence[Bar]:
    """The bars of the filters, on applications made for it."""
    outside = options.filters_outside_rows
    return [
        _internal(options.filters_rows),
        _outside(outside, "all services / the busiest alone", OUTSIDE),
        _outside(outside, "blacklist, checks / the busiest alone", SHIPPED),
        _small_file(options.filters_starving_rows),
        _dry_run(options.filters_dry_run_rows),
    ]


def _internal(rows: int) -> Bar:
    campaign = _prepare(rows, INTERNAL)
    turns = [
        (_seconds(lambda: _one_statement(campaign)), _seconds(_judge)) for _round in range(ROUNDS)
    ]
    least, ours = (statistics.median(column) for column in zip(*turns, strict=True))
    notes = f"{rows / ours:,.0f} of {rows / least:,.0f} applications/s, ledger included"
    return Bar("cascade / one INSERT … SELECT", least / ours, 0.15, "x", notes=notes)


def _outside(rows: int, name: str, cascade: dict[str, object]) -> Bar:
    """The ideal is that of the busiest service: it is never idle, and the others wait for it."""
    simulators = Simulators(*EVERYBODY_PASSES)
    try:
        _lead_to(simulators)
        _prepare(rows, cascade)
        before = _calls(simulators)
        took = _seconds(_judge_with_services)
        calls = {service: count - before[service] for service, count in _calls(simulators).items()}
    finally:
        simulators.stop()
    if Verdict.objects.filter(state="WAITING").exists():
        raise AssertionError("a service did not answer")
    busiest = max(calls, key=lambda service: calls[service])
    ideal = calls[busiest] / CONCURRENCY * LATENCY_MS / 1000
    notes = f"{took:.1f} s, {ideal:.1f} s for {calls[busiest]:,} calls of {busiest}"
    return Bar(name, took / ideal, 1.5, "x", at_most=True, notes=notes)


def _small_file(rows: int) -> Bar:
    """How long a file of one row waits for the verdict of our own filters, while workers judge a
    large file of another stream, half of whose applications need services that take a second."""
    simulators = Simulators(*EVERYBODY_PASSES)
    workers: list[subprocess.Popen[bytes]] = []
    try:
        _lead_to(simulators, latency_ms=1_000)
        _prepare(rows, OUTSIDE)
        small = Campaign.objects.create(name="small", active=True)
        streams = ["MOBILE_LOANS", SMALL_STREAM]
        Cascade.objects.create(campaign=small, settings={**INTERNAL, "data-streams": streams})
        _make_batches()
        workers += [_worker(name, simulators) for name in (JUDGE, JUDGE, ASK)]
        _until(lambda: Verdict.objects.filter(waits_for="", state="PASSED").exists())
        waits = [_seconds(partial(_one_row, number)) for number in range(SMALL_FILES)]
        left = JudgementBatch.objects.filter(judged_at=None).count()
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
        simulators.stop()
    notes = f"the longest of {SMALL_FILES}; {left * BATCH_ROWS:,} of {rows:,} rows left to judge"
    return Bar("one row beside a large file", max(waits), 5, "s", at_most=True, notes=notes)


def _worker(lane: str, simulators: Simulators) -> "subprocess.Popen[bytes]":
    """A process that works on a lane until it is killed."""
    urls = {f"{name.upper()}_URL": simulators.url(name) for name in SERVICES}
    code = WORKER.format(database=connection.settings_dict["NAME"], lane=lane)
    return subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={**os.environ, **urls, "LOG_LEVEL": "ERROR"},
    )


def _one_row(number: int) -> None:
    """Store a file of one row and wait for its verdict."""
    with connection.cursor() as cursor:
        cursor.execute(ONE_APPLICATION, [SMALL_STREAM, str(number)])
        (application_id,) = cursor.fetchone()
    JudgementBatch.objects.create(
        file_id=2, stream=SMALL_STREAM, first_id=application_id, last_id=application_id
    )
    _until(lambda: Verdict.objects.filter(application_id=application_id).exists())


def _until(look: Callable[[], bool]) -> None:
    while not look():
        time.sleep(LOOK_SECONDS)


def _calls(simulators: Simulators) -> dict[str, int]:
    """How many calls each service has answered."""
    answers = simulators.state()["answers"]
    return {name: sum(answers[name].values()) for name in SERVICES}


def _judge_with_services() -> None:
    _judge()
    while ask_services_for_a_while(now).is_rest_left:
        pass


def _dry_run(rows: int) -> Bar:
    """A dry run judges by two cascades and writes nothing; it may not take longer than judging."""
    campaign = _prepare(rows, INTERNAL)
    judging = _seconds(_judge)
    run = request_dry_run(campaign.pk, {**INTERNAL, "min-age": 21}, 7, None, Asked(None, now()))
    slices = _slices(run.pk)
    took = sum(slices)
    notes = f"{rows:,} in {took:.1f} s; longest slice {max(slices):.2f} s"
    return Bar(
        "dry run / judging the same applications",
        took / judging,
        1.0,
        "x",
        at_most=True,
        notes=notes,
    )


def _slices(run_id: int) -> list[float]:
    """How long each slice of the run took, in seconds."""
    slices, more = [], True
    while more:
        start = time.perf_counter()
        more = advance_run(run_id, now())
        slices.append(time.perf_counter() - start)
    return slices


def _lead_to(simulators: Simulators, latency_ms: int = LATENCY_MS) -> None:
    for name in SERVICES:
        simulators.put_faults(name, latency_ms=latency_ms)
        setattr(settings, f"{name.upper()}_URL", simulators.url(name))
        setattr(settings, f"{name.upper()}_TOKEN", "")
        settings.SERVICE_LIMITS[name.upper()]["concurrency"] = CONCURRENCY
    http_service.cache_clear()


def _prepare(rows: int, cascade: dict[str, object]) -> Campaign:
    with connection.cursor() as cursor:
        cursor.execute(f'TRUNCATE "tm$applications", "tm$judgement_batches", {RESULTS} CASCADE')
        cursor.execute(MAKE_APPLICATIONS, [rows])
        cursor.execute('ANALYZE "tm$applications"')
    Campaign.objects.all().delete()
    campaign = Campaign.objects.create(name="benchmark", active=True)
    Cascade.objects.create(campaign=campaign, settings=cascade)
    return campaign


def _one_statement(campaign: Campaign) -> None:
    _forget_results()
    with connection.cursor() as cursor:
        cursor.execute(ONE_STATEMENT, {"campaign": campaign.pk})


def _judge() -> None:
    """Judge the batches of one import, as one worker does."""
    _forget_results()
    for batch in _make_batches():
        judge_batch(batch.pk, now())


def _make_batches() -> list[JudgementBatch]:
    with connection.cursor() as cursor:
        cursor.execute('SELECT min(id), max(id) FROM "tm$applications"')
        first, last = cursor.fetchone()
    return JudgementBatch.objects.bulk_create(
        JudgementBatch(
            file_id=1,
            stream="MOBILE_LOANS",
            first_id=start,
            last_id=min(start + BATCH_ROWS - 1, last),
        )
        for start in range(first, last + 1, BATCH_ROWS)
    )


def _forget_results() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {RESULTS} CASCADE")


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
