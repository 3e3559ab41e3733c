"""Judges applications again for one campaign: those that came before it, and those that settings
have stopped which are no longer the live ones.

First a trial says what would come of it. Then the verdicts are opened: they wait, and the sweep of
waiting verdicts judges them as it judges all others. What an opened verdict said before stays in
the ledger.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from apps.campaigns.services import record_decisions
from apps.campaigns.types import DecisionVerdict, NewDecision, Step
from apps.filters.cascade.compiled_cascade import CompiledCascade
from apps.filters.judging.dry_run import Comparison, judge_by_kept, known_of
from apps.filters.judging.stored_applications import Unjudged

REJUDGE = "REJUDGE"  # what verdicts and the ledger name as the filter of an opened verdict

# ``wtime`` begins anew, because services are waited for from then on.
OPEN_VERDICTS = """
INSERT INTO "tm$verdicts"
    (application_id, campaign_id, state, rule, reason, settings_version, next_try_at, stream)
SELECT application_id, %s, 'WAITING', %s, %s, %s, %s, stream
FROM unnest(%s::bigint[], %s::text[]) AS opened (application_id, stream)
ON CONFLICT (application_id, campaign_id) DO UPDATE SET
    state = excluded.state,
    rule = excluded.rule,
    reason = excluded.reason,
    settings_version = excluded.settings_version,
    next_try_at = excluded.next_try_at,
    stream = excluded.stream,
    wtime = now()
WHERE "tm$verdicts".state = 'STOPPED'
RETURNING application_id
"""


def try_again(
    result: Comparison, unjudged: Sequence[Unjudged], cascade: CompiledCascade, as_of: datetime
) -> None:
    """Add to the result what the cascade would make of these; ``live`` is how they stand now."""
    applications = [one.application for one in unjudged]
    known = known_of(applications, [cascade], as_of)
    for one in unjudged:
        if one.stopped_by:
            result.live.entered += 1
            result.live.stopped[one.stopped_by] += 1
        stop = judge_by_kept(result.changed, one.application, cascade, known)
        result.count(one.application.application_number, passed_before=False, stop=stop)


def open_verdicts(
    unjudged: Sequence[Unjudged], cascade: CompiledCascade, run_id: int, due: datetime
) -> int:
    """Let these verdicts wait until ``due``, to be judged then; in the caller's transaction.

    Returns how many. A verdict that was reached meanwhile stays.
    """
    if not unjudged:
        return 0
    reason = _("judged again, run No. %d") % run_id
    ids = [one.application.id for one in unjudged]
    streams = [one.application.stream for one in unjudged]
    with connection.cursor() as cursor:
        cursor.execute(
            OPEN_VERDICTS,
            [cascade.campaign_id, REJUDGE, reason, cascade.version, due, ids, streams],
        )
        opened = {application_id for (application_id,) in cursor.fetchall()}
    record_decisions(
        NewDecision(
            step=Step.FILTER,
            verdict=DecisionVerdict.WAITING,
            rule=REJUDGE,
            reason=reason,
            phone=one.application.phone,
            source_key=one.application.source_key,
            campaign_id=cascade.campaign_id,
            settings_version=cascade.version,
        )
        for one in unjudged
        if one.application.id in opened
    )
    return len(opened)
