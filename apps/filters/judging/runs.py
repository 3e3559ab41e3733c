"""Runs over stored applications: asked for on a page or by a command, done in slices by workers.

The row of a run is the message, the progress and the result. A worker does one slice of a run under
an advisory lock and then gives the next run its turn. A slice ends with one UPDATE that counts it,
so that a worker that dies loses that slice alone, and any other does it again.
"""

import logging
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db import InterfaceError, OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from apps.filters.cascade.compiled_cascade import TRIED, CompiledCascade, build
from apps.filters.judging.dry_run import Comparison, compare
from apps.filters.judging.rejudging import open_verdicts, try_again
from apps.filters.judging.stored_applications import (
    Ids,
    Period,
    Unjudged,
    applications_of,
    ids_of,
    unjudged_of,
)
from apps.filters.models import Cascade, CascadeRevision, DryRun
from apps.filters.states import UNFINISHED_RUNS, RunPurpose, RunState
from common.announce import announce
from common.clock import MOSCOW
from common.locks import LockSpace, try_lock

logger = logging.getLogger(__name__)

SLICE_IDS = 5_000  # about half a second for two cascades
SLICE_TIMEOUT_MS = 60_000  # no statement of a slice may take longer
# Opened verdicts fall due one slice after the other, so that those of others get their turn.
DUE_EVERY = timedelta(seconds=3)
ERROR_LENGTH = 255
SETTINGS_CHANGED = "SETTINGS_CHANGED"  # the error of a run whose cascade was changed meanwhile


class Asked(NamedTuple):
    """Who asks for a run, and when."""

    author_id: int | None  # None: a command
    at: datetime


def request_dry_run(
    campaign_id: int, settings: Mapping[str, Any], days: int, on: date | None, asked: Asked
) -> DryRun:
    """Ask for a comparison of these settings, as ``read_settings`` returns them, with the live
    ones, over the applications of the last ``days``.

    With ``on`` it is made as of the end of that day in Moscow: over the days before it, with the
    age and the history of communications that clients had then.
    """
    as_of = asked.at if on is None else min(asked.at, _end_of(on))
    run = DryRun.objects.create(
        campaign_id=campaign_id,
        purpose=RunPurpose.DRY_RUN,
        settings=dict(settings),
        live_version=_live_version(campaign_id),
        since=as_of - timedelta(days=days),
        until=as_of,
        as_of=as_of,
        author_id=asked.author_id,
    )
    announce_runs()
    return run


def request_rejudge_trial(cascade: Cascade, first: date, last: date, asked: Asked) -> DryRun:
    """Ask what the live settings would make of the applications that were stored on these days, in
    Moscow, and that they have not judged yet.
    """
    run = DryRun.objects.create(
        campaign_id=cascade.campaign_id,
        purpose=RunPurpose.REJUDGE_TRIAL,
        settings=cascade.settings,
        live_version=cascade.version,
        since=datetime.combine(first, time(), MOSCOW),
        until=min(asked.at, _end_of(last)),
        as_of=asked.at,
        author_id=asked.author_id,
    )
    announce_runs()
    return run


def request_rejudge(trial: DryRun, asked: Asked) -> DryRun | None:
    """Ask to judge the applications of a finished trial again.

    Returns the run, the same one however often it is asked for; None when the trial is not done, or
    the settings have changed since.
    """
    is_current = trial.live_version == _live_version(trial.campaign_id)
    is_done = (trial.purpose, trial.state) == (RunPurpose.REJUDGE_TRIAL, RunState.DONE)
    if not is_done or not is_current:
        return None
    run, _is_new = DryRun.objects.get_or_create(
        trial=trial,
        defaults={
            "campaign_id": trial.campaign_id,
            "purpose": RunPurpose.REJUDGE,
            "settings": trial.settings,
            "live_version": trial.live_version,
            "since": trial.since,
            "until": trial.until,
            "as_of": asked.at,
            "author_id": asked.author_id,
        },
    )
    announce_runs()
    return run


def announce_runs() -> None:
    """Let a worker look for runs as soon as the current transaction is committed."""
    announce("apps.filters.tasks.advance_dry_runs")


def cancel_run(run_id: int, now: datetime) -> bool:
    """Cancel a run; what its slices have done stays. False when it is finished already."""
    rows = DryRun.objects.filter(pk=run_id, state__in=UNFINISHED_RUNS)
    return bool(rows.update(state=RunState.CANCELLED, finished_at=now))


def unfinished_runs() -> list[int]:
    """Ids of the runs that wait for a worker or are under way, oldest first."""
    rows = DryRun.objects.filter(state__in=UNFINISHED_RUNS).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def find_run(run_id: int) -> DryRun | None:
    """The run as its row is now; None when there is none of this number."""
    return DryRun.objects.filter(pk=run_id).first()


def advance_run(run_id: int, now: datetime) -> bool:
    """Do the next slice of a run. True when it did one and others are left.

    False when the run is finished, or another worker does a slice of it. A run that raises ends as
    FAILED with the kind of error and the place, and so does one whose statement takes too long.
    When the connection is lost, OperationalError or InterfaceError is raised, and the run stays as
    it was. Must be called outside a transaction.
    """
    with try_lock(LockSpace.DRY_RUN, run_id) as won:
        run = DryRun.objects.filter(pk=run_id, state__in=UNFINISHED_RUNS).first()
        if not won or run is None:
            return False
        try:
            return _advance(run, now)
        except Exception as error:  # the barrier: the next run must go on
            if _is_passing(error):
                raise
            # neither the row nor the log holds the text, which may quote a client's data
            where = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__} {where.name}:{where.lineno}"[:ERROR_LENGTH]
            logger.error("dry run %d failed: %s", run_id, what)  # noqa: TRY400
            _finish(run, RunState.FAILED, now, error=what)
            return False


def _is_passing(error: Exception) -> bool:
    """Whether the same slice may go well another time: the connection was lost."""
    is_lost = isinstance(error, OperationalError | InterfaceError)
    return is_lost and not isinstance(error.__cause__, QueryCanceled)


def _advance(run: DryRun, now: datetime) -> bool:
    if run.end_id is None:
        return _begin(run, now)
    ids = Ids(run.last_id, min(run.last_id + SLICE_IDS, run.end_id))
    if run.purpose == RunPurpose.REJUDGE:
        return _open_slice(run, ids, now)
    result = Comparison.of_json(run.result)
    with _read_only():
        if run.purpose == RunPurpose.DRY_RUN:
            _compare_slice(run, ids, result)
        else:
            _try_slice(run, ids, result)
    return _count(run, ids, result.to_json(), now)


def _begin(run: DryRun, now: datetime) -> bool:
    """Find the range of ids. A run over nothing is finished by its first slice like any other."""
    ids = ids_of(Period(run.since, run.until))
    begun = DryRun.objects.filter(pk=run.pk, state=RunState.QUEUED).update(
        state=RunState.RUNNING,
        started_at=now,
        first_id=ids.after,
        last_id=ids.after,
        end_id=ids.last,
    )
    return bool(begun)


def _compare_slice(run: DryRun, ids: Ids, result: Comparison) -> None:
    before, after = _live_cascade(run), build(run.campaign_id, TRIED, run.settings)
    streams = after.streams | (before.streams if before else frozenset())
    applications = applications_of(ids, Period(run.since, run.until), streams)
    result.order = list(after.order())
    compare(result, applications, before, after, run.as_of)


def _try_slice(run: DryRun, ids: Ids, result: Comparison) -> None:
    cascade = build(run.campaign_id, run.live_version, run.settings)
    result.order = list(cascade.order())
    try_again(result, _unjudged(run, ids, cascade), cascade, run.as_of)


def _open_slice(run: DryRun, ids: Ids, now: datetime) -> bool:
    """The verdicts are opened and the slice is counted in one transaction, so each once."""
    with transaction.atomic():
        # both rows stay as they are meanwhile: nobody cancels the run or changes the settings
        mine = DryRun.objects.select_for_update().filter(
            pk=run.pk, state=RunState.RUNNING, last_id=ids.after
        )
        if not mine.exists():
            return False
        cascade = Cascade.objects.select_for_update().filter(campaign_id=run.campaign_id).first()
        if cascade is None or cascade.version != run.live_version:
            _finish(run, RunState.FAILED, now, error=SETTINGS_CHANGED)
            return False
        judged_by = build(run.campaign_id, run.live_version, run.settings)
        found = _unjudged(run, ids, judged_by)
        due = now + DUE_EVERY * ((ids.after - run.first_id) // SLICE_IDS)
        opened = open_verdicts(found, judged_by, run.pk, due)
        return _count(run, ids, {"reopened": run.result.get("reopened", 0) + opened}, now)


def _unjudged(run: DryRun, ids: Ids, cascade: CompiledCascade) -> Sequence[Unjudged]:
    period = Period(run.since, run.until)
    return unjudged_of(ids, period, cascade.streams, run.campaign_id, run.live_version)


def _count(run: DryRun, ids: Ids, result: Mapping[str, Any], now: datetime) -> bool:
    """Count the slice, unless the run was cancelled meanwhile. True when slices are left."""
    is_last = ids.last >= (run.end_id or 0)
    row = DryRun.objects.filter(pk=run.pk, state=RunState.RUNNING, last_id=ids.after)
    counted = row.update(
        result=result,
        last_id=ids.last,
        state=RunState.DONE if is_last else RunState.RUNNING,
        finished_at=now if is_last else None,
    )
    return bool(counted) and not is_last


def _finish(run: DryRun, state: RunState, now: datetime, *, error: str) -> None:
    rows = DryRun.objects.filter(pk=run.pk, state__in=UNFINISHED_RUNS)
    rows.update(state=state, finished_at=now, error=error)


def _live_version(campaign_id: int) -> int:
    """0 when the campaign has no cascade."""
    rows = Cascade.objects.filter(campaign_id=campaign_id)
    return rows.values_list("version", flat=True).first() or 0


def _live_cascade(run: DryRun) -> CompiledCascade | None:
    """The settings that were live when the run was asked for, even if they changed meanwhile."""
    revisions = CascadeRevision.objects.filter(
        cascade__campaign_id=run.campaign_id, version=run.live_version
    )
    settings = revisions.values_list("settings", flat=True).first()
    if settings is None:
        rows = Cascade.objects.filter(campaign_id=run.campaign_id)
        settings = rows.values_list("settings", flat=True).first()
    return build(run.campaign_id, run.live_version, settings) if settings else None


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), MOSCOW)


@contextmanager
def _read_only() -> Iterator[None]:
    """A transaction in which PostgreSQL rejects every write and every statement without end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute(f"SET LOCAL statement_timeout = {SLICE_TIMEOUT_MS}")
        yield
