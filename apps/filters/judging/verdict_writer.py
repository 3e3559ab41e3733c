"""Writes judgements in bulk: verdicts, rows of the ledger and candidates, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.campaigns.services import add_candidates, record_decisions
from apps.campaigns.types import Candidate, DecisionVerdict, NewDecision, Step
from apps.filters.facts import ApplicationFacts, BlacklistAnswer
from apps.filters.integrations.blacklist import BlacklistKey
from apps.filters.judging.judge import Judgement, VerdictKey
from apps.filters.judging.task_payload import client_info
from apps.filters.states import VerdictState
from apps.filters.types import subject_key

# What the ledger names as the rule where no single filter decided:
NO_CAMPAIGN = "NO_CAMPAIGN"  # no active campaign takes the application's stream
WHOLE_CASCADE = "CASCADE"  # the application passed every filter

DECISION_VERDICTS = {
    VerdictState.PASSED: DecisionVerdict.PASSED,
    VerdictState.STOPPED: DecisionVerdict.STOPPED,
    VerdictState.WAITING: DecisionVerdict.WAITING,
}

# A verdict that is not waiting is final. A second judging of the same application changes nothing
# and returns no row. ``xmax = 0`` is true for a row that did not exist before.
WRITE_VERDICTS = """
INSERT INTO "tm$verdicts"
    (application_id, campaign_id, state, rule, reason, settings_version, next_try_at)
SELECT * FROM unnest(
    %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::int[], %s::timestamptz[]
)
ON CONFLICT (application_id, campaign_id) DO UPDATE SET
    state = excluded.state,
    rule = excluded.rule,
    reason = excluded.reason,
    settings_version = excluded.settings_version,
    next_try_at = excluded.next_try_at
WHERE "tm$verdicts".state = 'WAITING'
RETURNING application_id, campaign_id, xmax = 0
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
    """How many verdicts of each state were written; those that were final already do not count."""

    passed: int = 0
    stopped: int = 0
    waiting: int = 0

    def __add__(self, other: "VerdictCounts") -> "VerdictCounts":
        return VerdictCounts(
            self.passed + other.passed, self.stopped + other.stopped, self.waiting + other.waiting
        )


@transaction.atomic
def write_judgements(
    judgements: Sequence[Judgement],
    without_campaign: Sequence[ApplicationFacts],
    next_tries: Mapping[VerdictKey, datetime],
    now: datetime,
) -> VerdictCounts:
    """Write verdicts, ledger rows and candidates. A verdict that is final already stays.

    ``without_campaign`` are applications that no active campaign takes: the ledger alone tells of
    them. ``next_tries`` has a time for each judgement that is waiting. Returns how many verdicts
    were written.
    """
    is_new = _write_verdicts(judgements, next_tries)
    written = [judgement for judgement in judgements if judgement.key in is_new]
    # that an application waits is recorded once, however often it is tried again
    record_decisions(
        [
            _decision(judgement)
            for judgement in written
            if judgement.state is not VerdictState.WAITING or is_new[judgement.key]
        ]
    )
    _record_without_campaign(without_campaign)
    _write_blacklist_checks(judgements, now)
    passed = [judgement for judgement in written if judgement.state is VerdictState.PASSED]
    add_candidates([_candidate(judgement) for judgement in passed], now)
    waiting = sum(judgement.state is VerdictState.WAITING for judgement in written)
    stopped = len(written) - len(passed) - waiting
    return VerdictCounts(passed=len(passed), stopped=stopped, waiting=waiting)


def _write_verdicts(
    judgements: Sequence[Judgement], next_tries: Mapping[VerdictKey, datetime]
) -> dict[VerdictKey, bool]:
    """The verdicts that were written; True where there was none before."""
    if not judgements:
        return {}
    columns: list[list[Any]] = [
        [judgement.application.id for judgement in judgements],
        [judgement.campaign_id for judgement in judgements],
        [judgement.state.value for judgement in judgements],
        [judgement.rule for judgement in judgements],
        [judgement.reason for judgement in judgements],
        [judgement.version for judgement in judgements],
        [next_tries.get(judgement.key) for judgement in judgements],
    ]
    with connection.cursor() as cursor:
        cursor.execute(WRITE_VERDICTS, columns)
        return {VerdictKey(*key): is_new for *key, is_new in cursor.fetchall()}


def _decision(judgement: Judgement) -> NewDecision:
    return NewDecision(
        step=Step.FILTER,
        verdict=DECISION_VERDICTS[judgement.state],
        rule=judgement.rule or WHOLE_CASCADE,
        reason=judgement.reason,
        phone=judgement.application.phone,
        source_key=judgement.application.source_key,
        campaign_id=judgement.campaign_id,
        settings_version=judgement.version,
    )


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
