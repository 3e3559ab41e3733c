"""Judges stored applications by other settings of a cascade and compares; writes nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from apps.filters.cascade.compiled_cascade import TRIED, CompiledCascade, build
from apps.filters.facts import COLUMNS, ApplicationFacts, ClientHistory
from apps.filters.judging.batches import client_history
from apps.filters.judging.judge import Entry
from apps.filters.models import Cascade

EXAMPLES = 5  # of each change
PAGE_ROWS = 5_000  # held in memory at once
FACTS_OF_PAGE = f"""
SELECT {", ".join(COLUMNS)} FROM "tm$applications"
WHERE id > %s AND wtime >= %s AND stream = ANY(%s) ORDER BY id LIMIT %s
"""  # noqa: S608 - names of our own columns


@dataclass(slots=True)
class Trial:
    """What one version of the settings did: how many applications entered the cascade, and how many
    each filter stopped.

    ``passed`` are those that all internal filters let through; the services are not asked about
    them.
    """

    entered: int = 0
    passed: int = 0
    stopped: Counter[str] = field(default_factory=Counter)  # by filter


@dataclass(slots=True)
class DryRun:
    """The live and the changed settings over the same applications.

    ``gained`` pass by the changed settings only, ``lost`` by the live ones only; the examples are
    numbers of such applications, for the lost with the reason.
    """

    applications: int = 0
    order: tuple[str, ...] = ()  # the filters of the changed settings, as they are applied
    live: Trial = field(default_factory=Trial)
    changed: Trial = field(default_factory=Trial)
    gained: int = 0
    lost: int = 0
    gained_examples: list[str] = field(default_factory=list)
    lost_examples: list[tuple[str, str]] = field(default_factory=list)  # number, filter and reason

    def stopped_by_filter(self) -> list[tuple[str, int, int]]:
        """Filter, how many the live settings stop by it, how many the changed ones."""
        rules = dict.fromkeys((*self.order, *self.live.stopped))
        return [(rule, self.live.stopped[rule], self.changed.stopped[rule]) for rule in rules]


def dry_run(campaign_id: int, settings: Mapping[str, Any], days: int, now: datetime) -> DryRun:
    """Judge the applications of the last ``days`` by the live settings and by these, and compare.

    ``settings`` are as ``read_settings`` returns them. Live settings that are missing or
    cannot be read let nobody pass. Runs in a read-only transaction of its own.
    """
    live = Cascade.objects.filter(campaign_id=campaign_id).first()
    before = build(campaign_id, live.version, live.settings) if live else None
    if before and before.flaw:
        before = None
    after = build(campaign_id, TRIED, settings)
    result = DryRun(order=after.order())
    with _ReadOnly():
        for page in _pages(before, after, now - timedelta(days=days)):
            cascades = [cascade for cascade in (before, after) if cascade]
            entries = [Entry(a, cascade, entered_at=now) for a in page for cascade in cascades]
            history = client_history(entries, now)
            for application in page:
                _compare(result, application, (before, after), history)
    return result


def _compare(
    result: DryRun,
    application: ApplicationFacts,
    cascades: tuple[CompiledCascade | None, CompiledCascade],
    history: ClientHistory,
) -> None:
    before, after = cascades
    result.applications += 1
    passed_before, _reason = _try(result.live, application, before, history)
    passed_after, reason = _try(result.changed, application, after, history)
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
    history: ClientHistory,
) -> tuple[bool, str]:
    """Whether the application passes, and else the filter and its reason; counted in ``trial``."""
    if cascade is None or not cascade.takes(application):
        return False, ""
    trial.entered += 1
    stop = cascade.first_stop(application, history)
    if stop is None:
        trial.passed += 1
        return True, ""
    trial.stopped[stop.rule] += 1
    return False, f"{stop.rule}: {stop.reason}"


class _ReadOnly(transaction.Atomic):
    """A transaction in which PostgreSQL rejects every write."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __enter__(self) -> None:
        super().__enter__()
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")


def _pages(
    before: CompiledCascade | None, after: CompiledCascade, since: datetime
) -> Iterator[Sequence[ApplicationFacts]]:
    """The applications of both cascades' streams that were stored since then."""
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
