"""Turns candidates into tasks: a newer one supersedes, a call that goes on makes it wait."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from apps.campaigns.engine.orders import withdraw_orders_of
from apps.campaigns.engine.transitions import Move, apply_move
from apps.campaigns.models import DeferredCandidate
from apps.campaigns.states import TaskOutcome, TaskState
from apps.campaigns.types import AddedCandidates, Candidate
from common.announce import announce
from common.locks import LockSpace, transaction_lock

PROMOTED_AT_ONCE = 1_000

SUPERSEDED = gettext_noop("superseded by a newer application")

# Clients, of those given, whose call in this campaign goes on or whose result is due.
IN_A_CALL = """
SELECT DISTINCT campaign_id, call_order.phone
FROM unnest(%s::bigint[], %s::text[]) AS asked (campaign_id, phone)
JOIN "tm$call_orders" AS call_order USING (campaign_id, phone)
WHERE call_order.state IN ('CALLING', 'RESULT_DUE')
"""
# Tasks that a newer candidate would take the place of: unfinished, or waiting for a redial.
EARLIER_TASKS = """
SELECT task.campaign_id, task.phone, task.id, task.task_state, task.redial_at,
    task.subject_changed_at, task.callback_at, task.callback_operator_id
FROM unnest(%s::bigint[], %s::text[]) AS asked (campaign_id, phone)
JOIN "tm$campaign_tasks" AS task USING (campaign_id, phone)
WHERE task.task_state IN ('NEW', 'IN_PROGRESS') OR task.redial_at IS NOT NULL
"""
LOCKED_EARLIER_TASKS = f"{EARLIER_TASKS} ORDER BY task.id FOR UPDATE OF task"
DROP_REDIALS = """
UPDATE "tm$campaign_tasks" SET redial_at = NULL, outcome = 'SUPERSEDED'
WHERE id = ANY(%s) AND redial_at IS NOT NULL
"""
CREATE_TASKS = """
COPY "tm$campaign_tasks"
    (campaign_id, phone, client_info, source_key, subject_key, subject_changed_at,
     task_time, callback_at, callback_operator_id, task_state, outcome)
FROM STDIN
"""
TAKE_DEFERRED = """
DELETE FROM "tm$deferred_candidates" AS deferred
USING (
    SELECT id FROM unnest(%s::bigint[], %s::text[]) AS asked (campaign_id, phone)
    JOIN "tm$deferred_candidates" USING (campaign_id, phone)
    ORDER BY id FOR UPDATE OF "tm$deferred_candidates"
) AS locked
WHERE deferred.id = locked.id
RETURNING deferred.campaign_id, deferred.phone, deferred.client_info, deferred.source_key,
    deferred.subject_key, deferred.subject_changed_at
"""
DEFER = """
INSERT INTO "tm$deferred_candidates"
    (campaign_id, phone, client_info, source_key, subject_key, subject_changed_at)
SELECT campaign_id, phone, client_info::jsonb, source_key, subject_key, subject_changed_at
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
    AS candidate (campaign_id, phone, client_info, source_key, subject_key, subject_changed_at)
"""


class ClientInCampaign(NamedTuple):
    """The client of a campaign: one unfinished task and one deferred candidate at most."""

    campaign_id: int
    phone: str


class _EarlierTask(NamedTuple):
    campaign_id: int
    phone: str
    id: int
    state: str
    redial_at: datetime | None
    changed_at: datetime | None
    callback_at: datetime | None
    callback_operator_id: int | None

    @property
    def client(self) -> ClientInCampaign:
        return ClientInCampaign(self.campaign_id, self.phone)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The newest candidate of each client, and those that it supersedes."""

    newest: dict[ClientInCampaign, Candidate]
    left_behind: list[Candidate]


@transaction.atomic
def add_candidates(candidates: Sequence[Candidate], now: datetime) -> AddedCandidates:
    """Make tasks of the candidates, which come in the order of their arrival [source 2.6.3].

    Guaranteed: at most one unfinished task for a client and campaign. Of two candidates of a
    client, or a candidate and a task, the one that changed later is the newer; of two that changed
    in the same moment, the one that came later. The older one is kept as superseded; where it is an
    unfinished task, telephony is asked to remove its order. A call that goes on is not cut: its
    candidate waits in ``tm$deferred_candidates``. Runs in the caller's transaction, a few
    statements for any number of candidates.
    """
    if not candidates:
        return AddedCandidates(created=0, superseded=0, deferred=0)
    lock_campaigns(candidate.campaign_id for candidate in candidates)
    clients = {_client_of(candidate) for candidate in candidates}
    # locked before the calls are asked about: none can start in a task of theirs meanwhile
    earlier = _locked_earlier_tasks(clients)
    batch = _newest_of_each_client([*_take_deferred(clients), *candidates])
    batch = _without_outdated(batch, earlier)
    in_a_call = _clients_in_a_call(batch.newest)
    deferred = [candidate for client, candidate in batch.newest.items() if client in in_a_call]
    fresh = {client: c for client, c in batch.newest.items() if client not in in_a_call}
    _defer(deferred)
    replaced = [task for task in earlier if task.client in fresh]
    superseded = _supersede(replaced)
    _create(fresh, batch.left_behind, replaced, now)
    announce("apps.campaigns.tasks.hand_over")
    return AddedCandidates(
        created=len(fresh),
        superseded=superseded + len(batch.left_behind),
        deferred=len(deferred),
    )


def tasks_before(candidates: Iterable[Candidate]) -> list[int]:
    """Ids of the tasks that ``add_candidates`` would lock; none of them is locked here."""
    with connection.cursor() as cursor:
        cursor.execute(EARLIER_TASKS, _columns({_client_of(one) for one in candidates}))
        return [_EarlierTask(*row).id for row in cursor.fetchall()]


def lock_campaigns(campaign_ids: Iterable[int]) -> None:
    """Let one transaction at a time open or withdraw tasks of these campaigns, until it ends.

    So the unique index is never hit. A transaction that both adds candidates and withdraws tasks
    asks for all its campaigns first: then two such never deadlock.
    """
    for campaign_id in sorted(set(campaign_ids)):
        transaction_lock(LockSpace.OPEN_TASKS, campaign_id)


def promote_deferred(now: datetime) -> int:
    """Make tasks of deferred candidates whose call has its result. Returns how many."""
    campaigns = DeferredCandidate.objects.order_by("campaign_id").values_list("campaign_id")
    return sum(_promote(campaign_id, now) for (campaign_id,) in list(campaigns.distinct()))


@transaction.atomic
def _promote(campaign_id: int, now: datetime) -> int:
    # before the rows, as ``add_candidates`` takes them: the two never deadlock
    lock_campaigns([campaign_id])
    deferred = DeferredCandidate.objects.filter(campaign_id=campaign_id).order_by("pk")
    waiting = [
        ClientInCampaign(*row)
        for row in deferred.values_list("campaign_id", "phone")[:PROMOTED_AT_ONCE]
    ]
    _locked_earlier_tasks(waiting)
    in_a_call = _clients_in_a_call(waiting)
    free = _take_deferred([client for client in waiting if client not in in_a_call])
    return add_candidates(free, now).created


def _client_of(candidate: Candidate) -> ClientInCampaign:
    return ClientInCampaign(candidate.campaign_id, candidate.phone)


def _newest_of_each_client(candidates: Iterable[Candidate]) -> _Sorted:
    newest: dict[ClientInCampaign, Candidate] = {}
    left_behind = []
    for candidate in candidates:
        client = _client_of(candidate)
        known = newest.get(client)
        if known is None:
            newest[client] = candidate
        elif known.changed_at > candidate.changed_at:
            left_behind.append(candidate)
        else:
            left_behind.append(known)
            newest[client] = candidate
    return _Sorted(newest, left_behind)


def _without_outdated(batch: _Sorted, earlier: Sequence[_EarlierTask]) -> _Sorted:
    """Candidates that are older than their client's task supersede nothing."""
    latest: dict[ClientInCampaign, datetime] = {}
    for task in earlier:
        if task.changed_at is not None:
            latest[task.client] = max(latest.get(task.client, task.changed_at), task.changed_at)
    outdated = {
        client
        for client, candidate in batch.newest.items()
        if client in latest and latest[client] > candidate.changed_at
    }
    return _Sorted(
        {client: c for client, c in batch.newest.items() if client not in outdated},
        [*batch.left_behind, *(batch.newest[client] for client in sorted(outdated))],
    )


def _columns(clients: Collection[ClientInCampaign]) -> list[list[int] | list[str]]:
    return [[client.campaign_id for client in clients], [client.phone for client in clients]]


def _clients_in_a_call(clients: Collection[ClientInCampaign]) -> set[ClientInCampaign]:
    with connection.cursor() as cursor:
        cursor.execute(IN_A_CALL, _columns(clients))
        return {ClientInCampaign(*row) for row in cursor.fetchall()}


def _locked_earlier_tasks(clients: Collection[ClientInCampaign]) -> list[_EarlierTask]:
    with connection.cursor() as cursor:
        cursor.execute(LOCKED_EARLIER_TASKS, _columns(clients))
        return [_EarlierTask(*row) for row in cursor.fetchall()]


def _take_deferred(clients: Collection[ClientInCampaign]) -> list[Candidate]:
    """The candidates of these clients that waited, which wait no longer."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_DEFERRED, _columns(clients))
        return [
            Candidate(
                campaign_id=campaign_id,
                phone=phone,
                client_info=json.loads(client_info),
                source_key=source_key,
                subject_key=subject_key,
                changed_at=changed_at,
            )
            for campaign_id, phone, client_info, source_key, subject_key, changed_at in (
                cursor.fetchall()
            )
        ]


def _defer(candidates: Sequence[Candidate]) -> None:
    if not candidates:
        return
    columns: list[list[Any]] = [
        [candidate.campaign_id for candidate in candidates],
        [candidate.phone for candidate in candidates],
        [_json(candidate) for candidate in candidates],
        [candidate.source_key for candidate in candidates],
        [candidate.subject_key for candidate in candidates],
        [candidate.changed_at for candidate in candidates],
    ]
    with connection.cursor() as cursor:
        cursor.execute(DEFER, columns)


def _supersede(replaced: Sequence[_EarlierTask]) -> int:
    superseded = 0
    for state in (TaskState.NEW, TaskState.IN_PROGRESS):
        ids = [task.id for task in replaced if task.state == state]
        move = Move(state, TaskState.DONE, SUPERSEDED, TaskOutcome.SUPERSEDED)
        moved = apply_move(ids, move)
        withdraw_orders_of(moved)
        superseded += len(moved)
    with connection.cursor() as cursor:
        cursor.execute(DROP_REDIALS, [[task.id for task in replaced]])
    return superseded


def _blocks(replaced: Sequence[_EarlierTask]) -> dict[ClientInCampaign, datetime]:
    """A blocked client stays blocked: the newer task starts when the block of the older ends."""
    return {task.client: task.redial_at for task in replaced if task.redial_at is not None}


def _promises(
    replaced: Iterable[_EarlierTask],
) -> dict[ClientInCampaign, tuple[datetime, int | None]]:
    """A callback that is owed to a client is owed for the newer application too."""
    return {
        task.client: (task.callback_at, task.callback_operator_id)
        for task in replaced
        if task.callback_at is not None
    }


def _create(
    fresh: dict[ClientInCampaign, Candidate],
    left_behind: Sequence[Candidate],
    replaced: Sequence[_EarlierTask],
    now: datetime,
) -> None:
    blocks, promises = _blocks(replaced), _promises(replaced)
    done = (now, None, None, TaskState.DONE.value, TaskOutcome.SUPERSEDED.value)
    with connection.cursor() as cursor, cursor.copy(CREATE_TASKS) as copy:
        for candidate in left_behind:
            copy.write_row((*_task_columns(candidate), *done))
        for client, candidate in fresh.items():
            starts_at = max(now, blocks.get(client, now))
            promise = promises.get(client, (None, None))
            row = (*_task_columns(candidate), starts_at, *promise, TaskState.NEW.value, None)
            copy.write_row(row)


def _task_columns(candidate: Candidate) -> tuple[Any, ...]:
    return (
        candidate.campaign_id,
        candidate.phone,
        _json(candidate),
        candidate.source_key,
        candidate.subject_key,
        candidate.changed_at,
    )


def _json(candidate: Candidate) -> str:
    return json.dumps(candidate.client_info, ensure_ascii=False)
