"""Requests to MightyCall's queue, as rows: taking them, and writing down their answers.

Two senders never take the same row.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop

from apps.telephony.mightycall.transport import CALLS_AT_ONCE, QueuedCall
from apps.telephony.models import CALL_END_AWAITED, MightyCallTask
from apps.telephony.states import QueueTaskState, QueueTaskType
from common.bulk_update import update_rows

# the answer of an ADD that was never sent
CANCELLED_UNSENT = gettext_noop("cancelled before it was sent")
ID_DIGITS = 18  # a bigint holds every number of so many digits
REQUESTS_AT_ONCE = 4  # one sender then sends 4,000 calls a second where an answer takes 100 ms
LOOK_UP_AFTER = timedelta(seconds=5)  # after a request that was not answered
# the answer of a row whose own answer breaks the contract or rejects the request
ODD_ANSWER = gettext_noop("MightyCall's answer cannot be used")
LONGEST_ODD_PAUSE = timedelta(minutes=10)


def external_id(row: MightyCallTask) -> str:
    """Return MightyCall's id of the call that this row queues or removes: its call order's id.

    A redial is a new order of the same campaign task, so an answer about one is never taken for an
    answer about the other.
    """
    return str(row.order_id)


def order_id_of(external_id: str) -> int | None:
    """Return the call order that an external id names. None where it cannot be one of ours."""
    is_id = external_id.isascii() and external_id.isdecimal() and len(external_id) <= ID_DIGITS
    return int(external_id) if is_id else None


def queued_call(row: MightyCallTask) -> QueuedCall:
    return QueuedCall(external_id(row), row.campaign_id, row.phone, row.priority, row.expires_at)


@transaction.atomic
def take_new(sender: int) -> list[MightyCallTask]:
    """Take the oldest NEW rows for a sender, enough for a few requests. Returns after the commit.

    A row waits while an earlier row of the same campaign task is unfinished, so a DELETE never
    overtakes its ADD.
    """
    earlier = MightyCallTask.objects.filter(
        ~Q(task_state=QueueTaskState.DONE),
        campaign_task=OuterRef("campaign_task"),
        pk__lt=OuterRef("pk"),
    )
    rows = list(
        MightyCallTask.objects.select_for_update(skip_locked=True)
        .filter(~Exists(earlier), task_state=QueueTaskState.NEW)
        .order_by("pk")[: CALLS_AT_ONCE * REQUESTS_AT_ONCE]
    )
    MightyCallTask.objects.filter(pk__in=[row.pk for row in rows]).update(
        task_state=QueueTaskState.IN_PROGRESS, sender=sender
    )
    return rows


def take_unsettled(sender: int, now: datetime) -> list[MightyCallTask]:
    """Return rows in progress that are due to be looked up: this sender, or a dead one in the same
    slot, has sent them or was about to, and their answer is unknown.
    """
    return list(
        MightyCallTask.objects.filter(
            Q(next_try_at__isnull=True) | Q(next_try_at__lte=now),
            task_state=QueueTaskState.IN_PROGRESS,
            sender=sender,
        ).order_by("pk")[:CALLS_AT_ONCE]
    )


def is_stalled(sender: int) -> bool:
    """Return True if a whole request of this sender, or more, is unanswered. MightyCall is failing
    then, and more rows would only have to be looked up too. Rows with an odd answer of their own
    do not count.
    """
    unanswered = MightyCallTask.objects.filter(
        task_state=QueueTaskState.IN_PROGRESS, sender=sender
    ).exclude(answer=ODD_ANSWER)
    return unanswered.count() >= CALLS_AT_ONCE


def cancelled_orders(adds: Sequence[MightyCallTask]) -> set[int]:
    """Return the orders of those of these ADDs that a DELETE cancels."""
    deletes = MightyCallTask.objects.filter(
        task_type=QueueTaskType.DELETE, order__in=[row.order_id for row in adds]
    )
    return set(deletes.values_list("order_id", flat=True))


def unsent_orders(deletes: Sequence[MightyCallTask]) -> set[int]:
    """Return the orders of those of these DELETEs whose ADD was cancelled before it was sent."""
    adds = MightyCallTask.objects.filter(
        task_type=QueueTaskType.ADD,
        order__in=[row.order_id for row in deletes],
        answer=CANCELLED_UNSENT,
    )
    return set(adds.values_list("order_id", flat=True))


def settle(rows: Sequence[MightyCallTask], answers: Mapping[int, str], now: datetime) -> None:
    """Mark the rows DONE, each with its answer by its key. The end of queued calls is awaited from
    now on.

    Makes one query for each different answer, of which there are few.
    """
    look_up_at = now + timedelta(seconds=settings.TELEPHONY_RECONCILE_SECONDS)
    rows_by_answer: dict[str, list[int]] = {}
    for row in rows:
        rows_by_answer.setdefault(answers[row.pk], []).append(row.pk)
    for answer, pks in rows_by_answer.items():
        MightyCallTask.objects.filter(pk__in=pks).update(
            task_state=QueueTaskState.DONE, answer=answer, next_try_at=look_up_at
        )


def postpone(rows: Iterable[MightyCallTask], now: datetime) -> None:
    """Have these rows looked up a little later."""
    pks = [row.pk for row in rows]
    MightyCallTask.objects.filter(pk__in=pks).update(next_try_at=now + LOOK_UP_AFTER)


def postpone_odd(rows: Sequence[MightyCallTask], now: datetime) -> None:
    """Have these rows looked up again, ever later: their own answer cannot be used."""
    for row in rows:
        pause = min(max(now - row.wtime, LOOK_UP_AFTER), LONGEST_ODD_PAUSE)
        row.answer, row.next_try_at = ODD_ANSWER, now + pause
    update_rows(rows, ("answer", "next_try_at"))


def awaiting_end(rows: QuerySet[MightyCallTask]) -> QuerySet[MightyCallTask]:
    """Keep the ADDs that MightyCall has answered and whose end is not known."""
    return rows.filter(CALL_END_AWAITED)


def mark_ended(order_ids: Iterable[int], at: datetime) -> None:
    """Set the end of the ADDs of these orders. One that has ended keeps its time."""
    MightyCallTask.objects.filter(
        task_type=QueueTaskType.ADD, order__in=list(order_ids), ended_at__isnull=True
    ).update(ended_at=at)
