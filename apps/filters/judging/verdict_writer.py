"""Writes judgements in bulk: verdicts, rows of the ledger, candidates and withdrawals.

All that follows from a batch is written in one transaction. A single judgement that cannot be
written, such as one whose reason PostgreSQL refuses as text, is set aside and waits.
"""

import logging
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.campaigns.services import (
    handled,
    record_decisions,
    replace_tasks,
    set_aside_all,
)
from apps.campaigns.types import AttentionKind, Candidate, DecisionVerdict, NewDecision, Step
from apps.filters.facts import ApplicationFacts, BlacklistAnswer
from apps.filters.integrations.blacklist import BlacklistKey
from apps.filters.judging.judge import Judgement, VerdictKey, failed, outdated
from apps.filters.judging.snapshots import Snapshots, snapshots_of, withdrawals
from apps.filters.judging.task_payload import client_info
from apps.filters.states import VerdictState
from apps.filters.types import subject_key
from common.locks import LockSpace, transaction_lock

# What the ledger names as the rule where no single filter decided:
NO_CAMPAIGN = "NO_CAMPAIGN"  # no active campaign takes the application's stream
WHOLE_CASCADE = "CASCADE"  # the application passed every filter

DECISION_VERDICTS = {
    VerdictState.PASSED: DecisionVerdict.PASSED,
    VerdictState.STOPPED: DecisionVerdict.STOPPED,
    VerdictState.WAITING: DecisionVerdict.WAITING,
}

LONGEST_PAUSE = timedelta(minutes=10)  # between two tries of a verdict, however long it has waited
PAUSE_SHARE = 0.1  # of the time waited so far

logger = logging.getLogger(__name__)

# A verdict that is not waiting is final. A second judging of the same application changes nothing
# and returns no row.
WRITE_VERDICTS = """
INSERT INTO "tm$verdicts"
    (application_id, campaign_id, state, rule, reason, settings_version, next_try_at, waits_for,
     stream)
SELECT * FROM unnest(
    %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::int[], %s::timestamptz[],
    %s::text[], %s::text[]
)
ON CONFLICT (application_id, campaign_id) DO UPDATE SET
    state = excluded.state,
    rule = excluded.rule,
    reason = excluded.reason,
    settings_version = excluded.settings_version,
    next_try_at = excluded.next_try_at,
    waits_for = excluded.waits_for,
    stream = excluded.stream
WHERE "tm$verdicts".state = 'WAITING'
RETURNING application_id, campaign_id
"""
WRITE_BLACKLIST_CHECKS = """
INSERT INTO "tm$blacklist_checks" (phone, device_id, blocked, checked_at)
SELECT phone, device_id, blocked, %s
FROM unnest(%s::text[], %s::text[], %s::bool[]) AS answer (phone, device_id, blocked)
ORDER BY phone, device_id
ON CONFLICT (phone, device_id)
DO UPDATE SET blocked = excluded.blocked, checked_at = excluded.checked_at
WHERE "tm$blacklist_checks".checked_at <= excluded.checked_at
"""


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """How many verdicts of each state were written. Those that were final already do not count, nor
    those that were only handed over to a service."""

    passed: int = 0
    stopped: int = 0
    waiting: int = 0

    @property
    def total(self) -> int:
        return self.passed + self.stopped + self.waiting

    def __add__(self, other: "VerdictCounts") -> "VerdictCounts":
        return VerdictCounts(
            self.passed + other.passed, self.stopped + other.stopped, self.waiting + other.waiting
        )


@transaction.atomic
def write_judgements(
    judgements: Sequence[Judgement], without_campaign: Sequence[ApplicationFacts], now: datetime
) -> VerdictCounts:
    """Write verdicts, ledger rows, candidates and withdrawals. A verdict that is final already
    stays.

    Where a newer snapshot of the application is stored, it is stopped as outdated, whatever the
    judgement says. ``without_campaign`` are applications that no active campaign takes: the ledger
    alone tells of them. Returns how many verdicts were written.
    """
    # One writer at a time judges for a campaign. So of two snapshots of an application that are
    # judged at once, either the second sees the task of the first, or the first sees the second.
    for campaign_id in sorted({judgement.campaign_id for judgement in judgements}):
        transaction_lock(LockSpace.OPEN_TASKS, campaign_id)
    snapshots = snapshots_of({judgement.application.id for judgement in judgements})
    current = [
        outdated(judgement) if judgement.application.id in snapshots.outdated else judgement
        for judgement in judgements
    ]
    written = _write_with_barrier(current, snapshots, now)
    _record_without_campaign(without_campaign)
    _tell_of_errors(written, now)
    states = Counter(one.state for one in written if not one.is_handed_over)
    return VerdictCounts(
        passed=states[VerdictState.PASSED],
        stopped=states[VerdictState.STOPPED],
        waiting=states[VerdictState.WAITING],
    )


def patience() -> timedelta:
    """How long a verdict may wait."""
    return timedelta(hours=settings.SERVICE_PATIENCE_HOURS)


def _write_with_barrier(
    judgements: Sequence[Judgement], snapshots: Snapshots, now: datetime
) -> list[Judgement]:
    """Write them all, or, where that raises, each half on its own, down to the one that cannot be
    written: it is written as waiting. Returns what was written."""
    if not judgements:
        return []
    try:
        with transaction.atomic():
            return _write(judgements, snapshots, now)
    except Exception as error:
        if len(judgements) == 1:
            entry, raised = judgements[0].entry, judgements[0].error
            if raised:  # this is the second try already
                raise
            logger.error("a verdict cannot be written: %s", type(error).__name__)  # noqa: TRY400
            judgement = failed(entry, error, now, patience())._replace(error=error)
            return _write_with_barrier([judgement], snapshots, now)
        middle = len(judgements) // 2
        return [
            *_write_with_barrier(judgements[:middle], snapshots, now),
            *_write_with_barrier(judgements[middle:], snapshots, now),
        ]


def _write(judgements: Sequence[Judgement], snapshots: Snapshots, now: datetime) -> list[Judgement]:
    """Returns the judgements that became verdicts: of the others there were final ones already."""
    keys = _write_verdicts(judgements, now)
    written = [judgement for judgement in judgements if judgement.key in keys]
    record_decisions(
        decision
        for judgement in written
        if _is_told(judgement)
        for decision in _decisions(judgement)
    )
    _write_blacklist_checks(judgements, now)
    final = [judgement for judgement in written if judgement.state is not VerdictState.WAITING]
    passed = [judgement for judgement in final if judgement.state is VerdictState.PASSED]
    candidates = [_candidate(judgement) for judgement in passed]
    replace_tasks(withdrawals(final, snapshots), candidates, now)
    return written


def _is_told(judgement: Judgement) -> bool:
    """Whether the ledger tells of it. That an application waits is recorded once, however often it
    is tried again; that it is handed over to a service is no decision."""
    if judgement.state is not VerdictState.WAITING:
        return True
    return not judgement.is_handed_over and not judgement.entry.told


def _tell_of_errors(written: Sequence[Judgement], now: datetime) -> None:
    """Keep unexpected errors with their verdicts, and forget those of verdicts that are final."""
    errors = {str(judgement.key): judgement.error for judgement in written if judgement.error}
    set_aside_all(AttentionKind.VERDICT, errors, now)
    mended = [
        judgement.key
        for judgement in written
        if judgement.entry.told and not judgement.error and not judgement.is_handed_over
    ]
    if mended:
        handled(AttentionKind.VERDICT, mended)


def _write_verdicts(judgements: Sequence[Judgement], now: datetime) -> set[VerdictKey]:
    """The keys of the verdicts that were written."""
    waiting = [judgement.state is VerdictState.WAITING for judgement in judgements]
    columns: list[list[Any]] = [
        [judgement.application.id for judgement in judgements],
        [judgement.campaign_id for judgement in judgements],
        [judgement.state.value for judgement in judgements],
        [judgement.rule for judgement in judgements],
        [judgement.reason for judgement in judgements],
        [judgement.entry.cascade.version for judgement in judgements],
        [_next_try(judgement, now) for judgement in judgements],
        [judgement.waits_for for judgement in judgements],
        [
            judgement.application.stream if waits else ""
            for judgement, waits in zip(judgements, waiting, strict=True)
        ],
    ]
    with connection.cursor() as cursor:
        cursor.execute(WRITE_VERDICTS, columns)
        return {VerdictKey(*key) for key in cursor.fetchall()}


def _next_try(judgement: Judgement, now: datetime) -> datetime | None:
    """When a waiting verdict is tried again: after longer and longer pauses, and not all of them at
    the same moment. At once when it was handed over to a service."""
    if judgement.state is not VerdictState.WAITING:
        return None
    if judgement.is_handed_over:
        return now
    waited = now - judgement.entry.entered_at
    shortest = timedelta(seconds=settings.SERVICE_RETRY_SECONDS)
    pause = max(shortest, min(LONGEST_PAUSE, PAUSE_SHARE * waited))
    return now + pause * random.uniform(1.0, 1.2)  # noqa: S311 - spreads the load, hides nothing


def _decisions(judgement: Judgement) -> Iterator[NewDecision]:
    """A row for each filter that judged: those that were passed, and the one that decided."""
    last = NewDecision(
        step=Step.FILTER,
        verdict=DECISION_VERDICTS[judgement.state],
        rule=judgement.rule or WHOLE_CASCADE,
        reason=judgement.reason,
        phone=judgement.application.phone,
        source_key=judgement.application.source_key,
        campaign_id=judgement.campaign_id,
        settings_version=judgement.entry.cascade.version,
    )
    for rule in judgement.passed_rules():
        yield replace(last, verdict=DecisionVerdict.PASSED, rule=rule, reason="")
    yield last


def _record_without_campaign(applications: Sequence[ApplicationFacts]) -> None:
    if not applications:
        return
    record_decisions(
        NewDecision(
            step=Step.FILTER,
            verdict=DecisionVerdict.STOPPED,
            rule=NO_CAMPAIGN,
            reason=_("no active campaign takes the stream %s") % application.stream,
            phone=application.phone,
            source_key=application.source_key,
        )
        for application in applications
    )


def _candidate(judgement: Judgement) -> Candidate:
    application = judgement.application
    return Candidate(
        campaign_id=judgement.campaign_id,
        phone=application.phone,
        client_info=client_info(application, judgement.answers),
        source_key=application.source_key,
        subject_key=subject_key(application.stream, application.application_number),
        changed_at=application.changed_at,
    )


def _write_blacklist_checks(judgements: Sequence[Judgement], now: datetime) -> None:
    answers = {
        BlacklistKey(
            judgement.application.phone, judgement.application.device_id
        ): judgement.answers.blacklist
        for judgement in judgements
        if judgement.answers and judgement.answers.blacklist
    }
    write_blacklist_checks(answers, now)


def write_blacklist_checks(answers: Mapping[BlacklistKey, BlacklistAnswer], now: datetime) -> None:
    """Remember what BlackList answered about these clients, and when. A newer answer stays."""
    if not answers:
        return
    phones, devices = zip(*answers, strict=True)
    blocked = [answer.blocked for answer in answers.values()]
    with connection.cursor() as cursor:
        cursor.execute(WRITE_BLACKLIST_CHECKS, [now, list(phones), list(devices), blocked])
