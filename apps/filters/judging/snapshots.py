"""Tells which snapshots of applications are outdated, and what follows for earlier ones' tasks.

Of two snapshots of an application the newer is the one that changed later; of two that changed in
the same moment, the one that was stored later.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils.translation import gettext as _

from apps.campaigns.types import Withdrawal
from apps.filters.judging.judge import Judgement
from apps.filters.states import VerdictState
from apps.filters.types import subject_key

# Found by the unique index of snapshots, which begins with number and stream.
OTHER_SNAPSHOTS = """
SELECT this.id,
    bool_or((other.changed_at, other.id) > (this.changed_at, this.id)),
    bool_or((other.changed_at, other.id) < (this.changed_at, this.id))
FROM "tm$applications" AS this
JOIN "tm$applications" AS other USING (application_number, stream)
WHERE this.id = ANY(%s) AND other.id <> this.id
GROUP BY this.id
"""
# A withdrawal concerns tasks that changed before a moment. Those of the same moment count as well:
# their snapshot was stored earlier.
INCLUDED = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Ids of applications: those of which a newer snapshot is stored, and those with an older."""

    outdated: frozenset[int]
    with_older: frozenset[int]


def snapshots_of(application_ids: Collection[int]) -> Snapshots:
    """Compare these snapshots with all that are stored; one query for any number."""
    with connection.cursor() as cursor:
        cursor.execute(OTHER_SNAPSHOTS, [list(application_ids)])
        rows = cursor.fetchall()
    return Snapshots(
        outdated=frozenset(key for key, has_newer, _has_older in rows if has_newer),
        with_older=frozenset(key for key, _has_newer, has_older in rows if has_older),
    )


def withdrawals(judgements: Iterable[Judgement], snapshots: Snapshots) -> list[Withdrawal]:
    """Of final judgements of snapshots that follow an older one: what must not be called any more.

    All tasks of older snapshots where the application is stopped now, else those with another
    phone.
    """
    return [
        _withdrawal(judgement)
        for judgement in judgements
        if judgement.application.id in snapshots.with_older
        and judgement.application.id not in snapshots.outdated
    ]


def _withdrawal(judgement: Judgement) -> Withdrawal:
    application = judgement.application
    is_stopped = judgement.state is VerdictState.STOPPED
    if is_stopped:
        reason = _("a newer version of the application was stopped: %(rule)s, %(reason)s") % {
            "rule": judgement.rule,
            "reason": judgement.reason,
        }
    else:
        reason = _("the newer version of the application has another phone")
    return Withdrawal(
        campaign_id=judgement.campaign_id,
        subject_key=subject_key(application.stream, application.application_number),
        changed_at=application.changed_at + INCLUDED,
        reason=reason,
        phone="" if is_stopped else application.phone,
    )
