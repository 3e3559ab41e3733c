"""Ends all calls to a client who asked never to be called again, and undoes it."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.campaigns.engine.orders import withdraw_orders_of
from apps.campaigns.engine.transitions import Move, apply_move, lock_tasks
from apps.campaigns.ledger import record_decisions
from apps.campaigns.models import CampaignTask, Communication, DeferredCandidate, DoNotCallEntry
from apps.campaigns.states import UNFINISHED, TaskOutcome, TaskState
from apps.campaigns.types import (
    DecisionVerdict,
    DoNotCallEffect,
    Meaning,
    NewDecision,
    Step,
)
from common.bulk_update import update_rows
from common.clock import parse_moment

ASKED_NOT_TO_BE_CALLED = gettext_noop("the client asked not to be called again")
ON_DO_NOT_CALL_LIST = gettext_noop("the phone is on the do-not-call list")
MAY_BE_CALLED_AGAIN = gettext_noop("the result was corrected: the client may be called")

# A candidate that waited for the end of a call becomes a task that is forbidden: so it is told of,
# and can come back.
FORBID_DEFERRED = """
WITH forbidden AS (
    DELETE FROM "tm$deferred_candidates" WHERE id = ANY(%s)
    RETURNING campaign_id, phone, client_info, source_key, subject_key, subject_changed_at
), ended AS (
    INSERT INTO "tm$campaign_tasks" (campaign_id, phone, client_info, source_key, subject_key,
        subject_changed_at, task_time, task_state, outcome)
    SELECT forbidden.*, now(), 'DONE', 'FORBIDDEN' FROM forbidden RETURNING id
)
INSERT INTO "tm$task_transitions" (task_id, to_state, outcome, why)
SELECT id, 'DONE', 'FORBIDDEN', %s FROM ended
"""
# Of each campaign the latest task of the client, where the do-not-call list ended it.
ENDED_BY_THE_LIST = """
SELECT latest.id FROM (
    SELECT DISTINCT ON (campaign_id) id, campaign_id, outcome FROM "tm$campaign_tasks"
    WHERE phone = %s ORDER BY campaign_id, id DESC
) AS latest
JOIN LATERAL (
    SELECT why, wtime FROM "tm$task_transitions" WHERE task_id = latest.id
    ORDER BY id DESC LIMIT 1
) AS step ON true
WHERE latest.outcome = 'FORBIDDEN' AND step.why = ANY(%s) AND step.wtime >= %s
  AND NOT EXISTS (
    SELECT FROM "tm$campaign_tasks" AS open
    WHERE open.campaign_id = latest.campaign_id AND open.phone = %s
      AND open.task_state IN ('NEW', 'IN_PROGRESS')
  )
ORDER BY latest.id
"""


@transaction.atomic
def never_call_again(phone: str, reason: str, communication_id: int | None = None) -> None:
    """No campaign calls this phone from now on.

    Unfinished tasks end as forbidden, deferred candidates too, their orders that are not dialled
    yet are withdrawn, redials are dropped, and the do-not-call list holds the phone, with the
    conversation whose result says so. A call that goes on is not cut.
    """
    tasks = CampaignTask.objects.filter(phone=phone)
    # before the list is written: whoever saves such a result holds the tasks when it comes here
    locked = lock_tasks(
        tasks.exclude(task_state=TaskState.DONE, redial_at=None).values_list("pk", flat=True)
    )
    entry, is_news = DoNotCallEntry.objects.get_or_create(
        phone=phone, defaults={"reason": reason, "communication_id": communication_id}
    )
    _drop_redials(tasks.filter(pk__in=locked), entry)
    # after the tasks, and in the order of their keys, as candidates take them
    deferred = DeferredCandidate.objects.select_for_update().filter(phone=phone).order_by("pk")
    _forbid_deferred([row.pk for row in deferred])
    for state in UNFINISHED:
        move = Move(state, TaskState.DONE, ASKED_NOT_TO_BE_CALLED, TaskOutcome.FORBIDDEN)
        withdraw_orders_of(apply_move(locked, move))
    if is_news:
        record_decisions([_decision(phone, reason, DecisionVerdict.STOPPED)])


def may_be_called_again(communication: Communication, now: datetime) -> DoNotCallEffect:
    """The conversation's result was not that the client wants no call. Undo what it did.

    The phone leaves the do-not-call list, unless another conversation has that result, or the list
    held the phone before. Then tasks that ended because of the list are open again, where they are
    the latest of their campaign, and redials wait again. The conversation's own task is done.

    Runs in the caller's transaction, which has written the corrected result, and has locked the
    client's campaigns and tasks.
    """
    entry = DoNotCallEntry.objects.select_for_update().filter(phone=communication.phone).first()
    if entry is None:
        return DoNotCallEffect.NONE  # a person took it off the list
    if entry.communication_id != communication.pk:
        return DoNotCallEffect.STAYS
    others = Communication.objects.filter(
        phone=communication.phone, disposition__meaning=Meaning.NEVER_AGAIN
    )
    other = others.exclude(pk=communication.pk).order_by("pk").first()
    if other is not None:
        entry.communication = other
        entry.save(update_fields=["communication"])
        return DoNotCallEffect.STAYS
    ended = _ended_by_the_list(entry)
    entry.delete()
    _open_again(ended, communication.campaign_task_id, now)
    _restore_redials(entry, communication.campaign_task_id)
    record_decisions([_decision(entry.phone, _(MAY_BE_CALLED_AGAIN), DecisionVerdict.PASSED)])
    return DoNotCallEffect.REMOVED


def _drop_redials(tasks: QuerySet[CampaignTask], entry: DoNotCallEntry) -> None:
    waiting = dict(tasks.filter(redial_at__isnull=False).values_list("pk", "redial_at"))
    if waiting:
        CampaignTask.objects.filter(pk__in=waiting).update(redial_at=None)
        entry.dropped_redials |= {str(pk): at.isoformat() for pk, at in waiting.items() if at}
        entry.save(update_fields=["dropped_redials"])


def _forbid_deferred(ids: Collection[int]) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(FORBID_DEFERRED, [list(ids), ASKED_NOT_TO_BE_CALLED])


def _ended_by_the_list(entry: DoNotCallEntry) -> list[int]:
    reasons = [ASKED_NOT_TO_BE_CALLED, ON_DO_NOT_CALL_LIST]
    with connection.cursor() as cursor:
        cursor.execute(ENDED_BY_THE_LIST, [entry.phone, reasons, entry.wtime, entry.phone])
        return [task_id for (task_id,) in cursor.fetchall()]


def _open_again(ended: Collection[int], own_task_id: int, now: datetime) -> None:
    # the list had ended it while the client and the operator talked
    CampaignTask.objects.filter(pk=own_task_id, outcome=TaskOutcome.FORBIDDEN).update(
        outcome=TaskOutcome.CALLED
    )
    move = Move(TaskState.DONE, TaskState.NEW, MAY_BE_CALLED_AGAIN)
    apply_move([task_id for task_id in ended if task_id != own_task_id], move, task_time=now)


def _restore_redials(entry: DoNotCallEntry, own_task_id: int) -> None:
    kept = {int(task_id): at for task_id, at in entry.dropped_redials.items()}
    kept.pop(own_task_id, None)
    done = CampaignTask.objects.filter(
        pk__in=kept, phone=entry.phone, task_state=TaskState.DONE, redial_at__isnull=True
    )
    waiting = list(done.filter(outcome__in=(TaskOutcome.CALLED, TaskOutcome.NOT_REACHED)))
    for task in waiting:
        task.redial_at = parse_moment(kept[task.pk])
    update_rows(waiting, ["redial_at"])


def _decision(phone: str, reason: str, verdict: DecisionVerdict) -> NewDecision:
    return NewDecision(
        step=Step.RESULT, verdict=verdict, rule=Meaning.NEVER_AGAIN, reason=reason, phone=phone
    )
