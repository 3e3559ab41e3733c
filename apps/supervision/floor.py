"""The live floor: operators, calls, campaigns, files and troubles of this moment.

Reads every app through its selectors and keeps nothing but a picture that is a few seconds old, so
that ten open pages cost as much as one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from apps.arm import selectors as arm
from apps.arm.types import Changes, OperatorStatus
from apps.campaigns import selectors as campaigns
from apps.campaigns.types import (
    AttentionKind,
    Callbacks,
    CampaignAtWork,
    ConversationNow,
)
from apps.ingest import selectors as ingest
from apps.ingest.types import ArrivedFile
from apps.security import selectors as security
from apps.supervision.troubles import Trouble, troubles_now
from apps.telephony import selectors as telephony
from common.clock import MOSCOW
from common.kept import Kept
from common.phones import masked

KEPT = timedelta(seconds=2)
FILES_SHOWN = 8
# the order in which a senior operator wants to see them
ORDER = (
    OperatorStatus.IN_CALL,
    OperatorStatus.WRAP_UP,
    OperatorStatus.READY,
    OperatorStatus.BREAK,
    OperatorStatus.OFFLINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAtWork:
    """One operator who is signed in or in a conversation.

    ``since``: when the call or the after-call work began, None otherwise. ``phone`` is masked.
    """

    id: int
    name: str
    status: OperatorStatus
    has_account: bool
    campaign: str
    phone: str
    communication_id: int | None
    since: datetime | None
    result_due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """All of the page; ``statuses`` counts the operators in the order of the page."""

    at: datetime
    troubles: Sequence[Trouble]
    statuses: Sequence[tuple[OperatorStatus, int]]
    operators: Sequence[OperatorAtWork]
    campaigns: Sequence[CampaignAtWork]
    files: Sequence[ArrivedFile]
    callbacks: Callbacks
    attention: Sequence[tuple[AttentionKind, int]]


def floor_now(now: datetime) -> Floor:
    """The floor as it is now, or was up to ``KEPT`` ago."""
    return _floor.at(now)


def forget_floor() -> None:
    """Let the next page show what was changed just now; in this process."""
    _floor.forget()


def count_floor(now: datetime) -> Floor:
    """The floor, counted in the tables. The day begins at midnight in Moscow."""
    today = datetime.combine(now.astimezone(MOSCOW).date(), time(), MOSCOW)
    operators = _operators()
    counts = Counter(operator.status for operator in operators)
    return Floor(
        at=now,
        troubles=troubles_now(now),
        statuses=[(status, counts[status]) for status in ORDER],
        operators=operators,
        campaigns=campaigns.campaigns_at_work(now, today),
        files=ingest.files_since(today, FILES_SHOWN),
        callbacks=campaigns.callbacks_at(now),
        attention=[(kind, items) for kind, items in campaigns.items_by_kind().items() if items],
    )


_floor = Kept(count_floor, KEPT)


def _operators() -> list[OperatorAtWork]:
    talks = {talk.operator_id: talk for talk in campaigns.conversations_now()}
    ids = sorted(security.signed_in_operator_ids() | talks.keys())
    names = security.full_names(ids)
    changes = arm.changes_in_tables(ids)
    without_account = telephony.operators_without_account(ids)
    found = [
        _operator(pk, names[pk], changes[pk], talks.get(pk), has_account=pk not in without_account)
        for pk in ids
        if pk in names
    ]
    return sorted(found, key=lambda one: (ORDER.index(one.status), one.name))


def _operator(
    operator_id: int,
    name: str,
    changes: Changes,
    talk: ConversationNow | None,
    *,
    has_account: bool,
) -> OperatorAtWork:
    return OperatorAtWork(
        id=operator_id,
        name=name,
        status=changes.status,
        has_account=has_account,
        campaign=talk.campaign_name if talk else "",
        phone=masked(talk.phone) if talk else "",
        communication_id=talk.communication_id if talk else None,
        since=(talk.ended_at or talk.started_at) if talk else None,
        result_due_at=changes.result_due_at,
    )
