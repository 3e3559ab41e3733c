"""Makes tasks of candidates. A newer candidate supersedes an older task; during a conversation it
waits."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from apps.campaigns.engine.transitions import Move, apply_move
from apps.campaigns.models import DeferredCandidate
from apps.campaigns.ports import dialer
from apps.campaigns.states import TaskOutcome, TaskState
from apps.campaigns.types import AddedCandidates, Candidate
from common.announce import announce
from common.locks import LockSpace, transaction_lock

# A draft that its operator never finishes must not hold back a newer application for ever.
DRAFT_HOLDS_FOR = timedelta(hours=24)
PROMOTED_AT_ONCE = 1_000

SUPERSEDED = gettext_noop("superseded by a newer application")

# Those of the clients with whom an operator is talking or whose result is still awaited.
TALKING = """
SELECT DISTINCT given.campaign_id, given.phone
FROM unnest(%s::bigint[], %s::text[]) AS given (campaign_id, phone)
JOIN "tm$communications" AS communication ON communication.phone = given.phone
JOIN "tm$campaign_tasks" AS task
    ON task.id = communication.campaign_task_id AND task.campaign_id = given.campaign_id
WHERE communication.state = 'NEW'
   OR ((communication.state = 'DRAFT' OR communication.ended_at IS NULL)
       AND communication.started_at > %s)
"""
OPEN_TASKS = """
SELECT task.campaign_id, task.phone, task.id, task.task_state
FROM unnest(%s::bigint[], %s::text[]) AS given (campaign_id, phone)
JOIN "tm$campaign_tasks" AS task USING (campaign_id, phone)
WHERE task.task_state IN ('NEW', 'IN_PROGRESS')
ORDER BY task.id FOR UPDATE OF task
"""
# A blocked client stays blocked: the newer task starts when the block of the older one ends.
TAKE_OVER_BLOCKS = """
UPDATE "tm$campaign_tasks" AS task SET redial_at = NULL, outcome = 'SUPERSEDED'
FROM (
    SELECT earlier.id, earlier.redial_at AS blocked_until
    FROM unnest(%s::bigint[], %s::text[]) AS given (campaign_id, phone)
    JOIN "tm$campaign_tasks" AS earlier USING (campaign_id, phone)
    WHERE earlier.redial_at IS NOT NULL
    ORDER BY earlier.id FOR UPDATE OF earlier
) AS blocked
WHERE task.id = blocked.id
RETURNING task.campaign_id, task.phone, blocked.blocked_until
"""
CREATE_TASKS = """
COPY "tm$campaign_tasks"
    (campaign_id, phone, client_info, source_key, task_time, task_state, outcome)
FROM STDIN
"""
TAKE_DEFERRED = """
DELETE FROM "tm$deferred_candidates" AS deferred
USING unnest(%s::bigint[], %s::text[]) AS given (campaign_id, phone)
WHERE deferred.campaign_id = given.campaign_id AND deferred.phone = given.phone
RETURNING deferred.campaign_id, deferred.phone, deferred.client_info, deferred.source_key
"""
DEFER = """
INSERT INTO "tm$deferred_candidates" (campaign_id, phone, client_info, source_key)
SELECT unnest(%s::bigint[]), unnest(%s::text[]), unnest(%s::text[])::jsonb, unnest(%s::text[])
"""


class ClientInCampaign(NamedTuple):
    """One client of one campaign: at most one unfinished task."""

    campaign_id: int
    phone: str


@dataclass(frozen=True, slots=True)
class _Batch:
    """The newest candidate of each client, and the older ones of the same batch."""

    newest: dict[ClientInCampaign, Candidate]
    older: list[Candidate]


@dataclass(frozen=True, slots=True)
class _OpenTask:
    """An unfinished task, locked."""

    client: ClientInCampaign
    id: int
    state: TaskState


@transaction.atomic
def add_candidates(candidates: Sequence[Candidate], now: datetime) -> AddedCandidates:
    """Make tasks of the candidates, which come oldest first [source 2.6.3].

    There is at most one unfinished task per client and campaign. An older unfinished task becomes
    DONE as superseded, and its order in telephony is cancelled. A conversation that goes on is not
    interrupted: the candidate waits in ``tm$deferred_candidates`` and replaces one that waited
    there. Runs in the caller's transaction, with the same few queries for any number of candidates.
    """
    if not candidates:
        return AddedCandidates(created=0, superseded=0, deferred=0)
    for campaign_id in sorted({candidate.campaign_id for candidate in candidates}):
        # one transaction at a time opens tasks of a campaign: no unique index is violated
        transaction_lock(LockSpace.OPEN_TASKS, campaign_id)
    batch = _newest_of_each_client(candidates)
    # locked before conversations are looked up: no conversation can start in these tasks meanwhile
    open_tasks = _locked_open_tasks(batch.newest)
    talking = _clients_talking(batch.newest, now)
    deferred = [candidate for client, candidate in batch.newest.items() if client in talking]
    fresh = {client: c for client, c in batch.newest.items() if client not in talking}
    outdated = _take_deferred(batch.newest) + batch.older
    _defer(deferred)
    superseded = _supersede([task for task in open_tasks if task.client in fresh])
    _create(fresh, outdated, now)
    announce("apps.campaigns.tasks.hand_over")
    return AddedCandidates(
        created=len(fresh),
        superseded=superseded + len(outdated),
        deferred=len(deferred),
    )


def promote_deferred(now: datetime) -> int:
    """Make tasks of deferred candidates whose conversation has its result. Returns how many."""
    campaigns = DeferredCandidate.objects.order_by("campaign_id").values_list("campaign_id")
    return sum(_promote(campaign_id, now) for (campaign_id,) in list(campaigns.distinct()))


@transaction.atomic
def _promote(campaign_id: int, now: datetime) -> int:
    # before any row, in the order of ``add_candidates``: the two cannot deadlock
    transaction_lock(LockSpace.OPEN_TASKS, campaign_id)
    deferred = DeferredCandidate.objects.filter(campaign_id=campaign_id).order_by("pk")
    rows = deferred.values_list("campaign_id", "phone")[:PROMOTED_AT_ONCE]
    waiting = [ClientInCampaign(*row) for row in rows]
    talking = _clients_talking(waiting, now)
    free = _take_deferred([client for client in waiting if client not in talking])
    add_candidates(free, now)
    return len(free)


def _newest_of_each_client(candidates: Sequence[Candidate]) -> _Batch:
    newest: dict[ClientInCampaign, Candidate] = {}
    older = []
    for candidate in candidates:
        client = ClientInCampaign(candidate.campaign_id, candidate.phone)
        if client in newest:
            older.append(newest[client])
        newest[client] = candidate
    return _Batch(newest, older)


def _columns(clients: Collection[ClientInCampaign]) -> list[list[int] | list[str]]:
    return [[client.campaign_id for client in clients], [client.phone for client in clients]]


def _clients_talking(clients: Collection[ClientInCampaign], now: datetime) -> set[ClientInCampaign]:
    with connection.cursor() as cursor:
        cursor.execute(TALKING, [*_columns(clients), now - DRAFT_HOLDS_FOR])
        return {ClientInCampaign(*row) for row in cursor.fetchall()}


def _locked_open_tasks(clients: Collection[ClientInCampaign]) -> list[_OpenTask]:
    with connection.cursor() as cursor:
        cursor.execute(OPEN_TASKS, _columns(clients))
        return [
            _OpenTask(
                client=ClientInCampaign(campaign_id, phone),
                id=task_id,
                state=TaskState(state),
            )
            for campaign_id, phone, task_id, state in cursor.fetchall()
        ]


def _take_deferred(clients: Collection[ClientInCampaign]) -> list[Candidate]:
    """Remove the deferred candidates of these clients and return them."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_DEFERRED, _columns(clients))
        return [
            Candidate(
                campaign_id=campaign_id,
                phone=phone,
                client_info=json.loads(client_info),
                source_key=source_key,
            )
            for campaign_id, phone, client_info, source_key in cursor.fetchall()
        ]


def _defer(candidates: Sequence[Candidate]) -> None:
    if not candidates:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            DEFER,
            [
                [candidate.campaign_id for candidate in candidates],
                [candidate.phone for candidate in candidates],
                [json.dumps(candidate.client_info) for candidate in candidates],
                [candidate.source_key for candidate in candidates],
            ],
        )


def _supersede(open_tasks: Sequence[_OpenTask]) -> int:
    superseded = 0
    for state in (TaskState.NEW, TaskState.IN_PROGRESS):
        ids = [task.id for task in open_tasks if task.state is state]
        move = Move(state, TaskState.DONE, why=SUPERSEDED, outcome=TaskOutcome.SUPERSEDED)
        won = apply_move(ids, move)
        superseded += len(won)
        if state is TaskState.IN_PROGRESS and won:
            dialer().cancel_calls(won)
    return superseded


def _create(
    fresh: dict[ClientInCampaign, Candidate], outdated: Sequence[Candidate], now: datetime
) -> None:
    blocked_until = _take_over_blocks(fresh)
    with connection.cursor() as cursor, cursor.copy(CREATE_TASKS) as copy:
        for candidate in outdated:
            copy.write_row((*_task_columns(candidate), now, TaskState.DONE, TaskOutcome.SUPERSEDED))
        for client, candidate in fresh.items():
            starts_at = max(now, blocked_until.get(client, now))
            copy.write_row((*_task_columns(candidate), starts_at, TaskState.NEW, None))


def _task_columns(candidate: Candidate) -> tuple[int, str, str, str]:
    return (
        candidate.campaign_id,
        candidate.phone,
        json.dumps(candidate.client_info, ensure_ascii=False),
        candidate.source_key,
    )


def _take_over_blocks(fresh: dict[ClientInCampaign, Candidate]) -> dict[ClientInCampaign, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(TAKE_OVER_BLOCKS, _columns(fresh))
        return {
            ClientInCampaign(campaign_id, phone): until
            for campaign_id, phone, until in cursor.fetchall()
        }
