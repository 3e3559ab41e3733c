"""The cascade with changed settings over stored applications, without a trace in the tables."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from apps.filters.cascade.compiled_cascade import CompiledCascade, build
from apps.filters.facts import COLUMNS, ApplicationFacts, ClientHistory
from apps.filters.judging.batches import known_about
from apps.filters.models import Cascade

EXAMPLES = 5  # of each change
PAGE_ROWS = 5_000
FACTS_OF_PAGE = f"""
SELECT {", ".join(COLUMNS)} FROM "tm$applications"
WHERE id > %s AND wtime >= %s AND stream = ANY(%s) ORDER BY id LIMIT %s
"""  # noqa: S608 - names of our own columns


@dataclass(slots=True)
class Trial:
    """What one version of the settings does: how many entered, and how many each filter stopped.

    ``passed`` did all our own filters let through; what services would say of them is not asked.
    """

    entered: int = 0
    passed: int = 0
    stopped: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class DryRun:
    """Both versions over the same applications, and numbers of some that fare otherwise."""

    applications: int = 0
    order: tuple[str, ...] = ()
    now: Trial = field(default_factory=Trial)
    changed: Trial = field(default_factory=Trial)
    gained: int = 0
    lost: int = 0
    gained_examples: list[str] = field(default_factory=list)
    lost_examples: list[tuple[str, str]] = field(default_factory=list)  # number, reason


def dry_run(campaign_id: int, settings: Mapping[str, Any], days: int, now: datetime) -> DryRun:
    """Judge the applications of the last days by the live and by these settings, and compare.

    ``settings`` were read by ``cascade_settings.read``. Runs in a read-only transaction.
    """
    live = Cascade.objects.filter(campaign_id=campaign_id).first()
    before = build(campaign_id, live.version, live.settings) if live else None
    if before and before.flaw:
        before = None  # nobody passes by settings that cannot be read
    after = build(campaign_id, 0, settings)
    result = DryRun(order=after.order())
    with _read_only():
        for page in _pages(before, after, now - timedelta(days=days)):
            known = known_about([(a, c, now) for a in page for c in (before, after) if c], now)
            for application in page:
                _compare(result, application, (before, after), known)
    return result


def _compare(
    result: DryRun,
    application: ApplicationFacts,
    cascades: tuple[CompiledCascade | None, CompiledCascade],
    known: ClientHistory,
) -> None:
    result.applications += 1
    passed_before, _reason = _try(result.now, application, cascades[0], known)
    passed_after, reason = _try(result.changed, application, cascades[1], known)
    if passed_after and not passed_before:
        result.gained += 1
        if len(result.gained_examples) < EXAMPLES:
            result.gained_examples.append(application.application_number)
    elif passed_before and not passed_after:
        result.lost += 1
        if len(result.lost_examples) < EXAMPLES:
            result.lost_examples.append((application.application_number, reason))


def _try(
    trial: Trial,
    application: ApplicationFacts,
    cascade: CompiledCascade | None,
    known: ClientHistory,
) -> tuple[bool, str]:
    if cascade is None or not cascade.takes(application):
        return False, ""
    trial.entered += 1
    stop = cascade.first_stop(application, known)
    if stop is None:
        trial.passed += 1
        return True, ""
    trial.stopped[stop.rule] += 1
    return False, f"{stop.rule}: {stop.reason}"


class _read_only(transaction.Atomic):  # noqa: N801 - used like transaction.atomic
    """A transaction in which PostgreSQL refuses every write."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __enter__(self) -> None:
        super().__enter__()
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")


def _pages(
    before: CompiledCascade | None, after: CompiledCascade, since: datetime
) -> Iterator[Sequence[ApplicationFacts]]:
    streams = sorted(after.streams | (before.streams if before else frozenset()))
    last_id = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(FACTS_OF_PAGE, [last_id, since, streams, PAGE_ROWS])
            page = [ApplicationFacts._make(row) for row in cursor.fetchall()]
        if not page:
            return
        yield page
        last_id = page[-1].id
