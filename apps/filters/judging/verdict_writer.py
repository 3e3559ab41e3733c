"""Writes judgements in bulk: verdicts, the ledger and the candidates, all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.campaigns.services import add_candidates, record_decisions
from apps.campaigns.types import Candidate, DecisionVerdict, NewDecision, Step
from apps.filters.facts import ApplicationFacts
from apps.filters.judging.judge import Judgement
from apps.filters.judging.task_payload import client_info
from apps.filters.states import VerdictState

# the rule that an application without any campaign is recorded under
NO_CAMPAIGN = "NO_CAMPAIGN"

# A verdict is final once it is not waiting: who judges again changes nothing and gets no row back.
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
class Written:
    """How many verdicts of each kind a batch wrote; those that stood already are not counted."""

    passed: int = 0
    stopped: int = 0
    waiting: int = 0

    def __add__(self, other: "Written") -> "Written":
        return Written(
            self.passed + other.passed, self.stopped + other.stopped, self.waiting + other.waiting
        )


@transaction.atomic
def write(
    judgements: Sequence[Judgement],
    unwanted: Sequence[ApplicationFacts],
    next_try: dict[tuple[int, int], datetime],
    now: datetime,
) -> Written:
    """Write the judgements, ledger and candidates; a verdict that is final already stays.

    ``unwanted`` are applications that no campaign takes, ``next_try`` when a waiting one
    (application id, campaign id) is tried again.
    """
    is_new = _write_verdicts(judgements, next_try)
    written = [j for j in judgements if (j.application.id, j.campaign_id) in is_new]
    record_decisions(
        [
            _decision(judgement)
            for judgement in written
            if judgement.state is not VerdictState.WAITING
            or is_new[judgement.application.id, judgement.campaign_id]
        ]
    )
    _record_unwanted(unwanted)
    _write_blacklist_checks(judgements, now)
    passed = [judgement for judgement in written if judgement.state is VerdictState.PASSED]
    add_candidates([_candidate(judgement) for judgement in passed], now)
    waiting = sum(judgement.state is VerdictState.WAITING for judgement in written)
    return Written(len(passed), len(written) - len(passed) - waiting, waiting)


def _write_verdicts(
    judgements: Sequence[Judgement], next_try: dict[tuple[int, int], datetime]
) -> dict[tuple[int, int], bool]:
    """The pairs (application, campaign) that were written; True where there was no row before."""
    if not judgements:
        return {}
    columns: list[list[Any]] = [
        [j.application.id for j in judgements],
        [j.campaign_id for j in judgements],
        [j.state.value for j in judgements],
        [j.rule for j in judgements],
        [j.reason for j in judgements],
        [j.version for j in judgements],
        [next_try.get((j.application.id, j.campaign_id)) for j in judgements],
    ]
    with connection.cursor() as cursor:
        cursor.execute(WRITE_VERDICTS, columns)
        return {(application, campaign): new for application, campaign, new in cursor.fetchall()}


LEDGER_WORDS = {
    VerdictState.PASSED: DecisionVerdict.PASSED,
    VerdictState.STOPPED: DecisionVerdict.STOPPED,
    VerdictState.WAITING: DecisionVerdict.WAITING,
}


def _decision(judgement: Judgement) -> NewDecision:
    application = judgement.application
    return NewDecision(
        step=Step.FILTER,
        verdict=LEDGER_WORDS[judgement.state],
        rule=judgement.rule or "CASCADE",
        reason=judgement.reason,
        phone=application.phone,
        source_key=application.source_key,
        campaign_id=judgement.campaign_id,
        settings_version=judgement.version,
    )


def _record_unwanted(unwanted: Sequence[ApplicationFacts]) -> None:
    if not unwanted:
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
        for application in unwanted
    )


def _candidate(judgement: Judgement) -> Candidate:
    application = judgement.application
    return Candidate(
        campaign_id=judgement.campaign_id,
        phone=application.phone,
        client_info=client_info(application, judgement.answers),
        source_key=application.source_key,
    )


def _write_blacklist_checks(judgements: Sequence[Judgement], now: datetime) -> None:
    answered = {
        (j.application.phone, j.application.device_id): j.answers.blacklist.blocked
        for j in judgements
        if j.answers and j.answers.blacklist
    }
    write_blacklist_checks(answered, now)


def write_blacklist_checks(answered: dict[tuple[str, str], bool], now: datetime) -> None:
    """Remember when BlackList last answered about these clients (phone, device id)."""
    if not answered:
        return
    phones, devices = zip(*answered, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE_BLACKLIST_CHECKS, [now, list(phones), list(devices), list(answered.values())]
        )
