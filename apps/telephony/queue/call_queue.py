"""MightyCall's queue as rows: how they are taken and settled. No row is taken by two senders."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_noop

from apps.telephony.mightycall.transport import CALLS_AT_ONCE, QueuedCall
from apps.telephony.models import MightyCallTask
from apps.telephony.states import QueueTaskState, QueueTaskType

CANCELLED_UNSENT = gettext_noop("taken back")  # the answer of an ADD that was never sent
REQUESTS_AT_ONCE = 4  # one sender then sends 4,000 calls a second where an answer takes 100 ms
ASK_AGAIN_AFTER = timedelta(seconds=5)  # what became of a request that was not answered


def external_id(row: MightyCallTask) -> str:
    """The name in MightyCall of the ADD that this row is or undoes: the campaign task, and which
    request of it.

    A redial is a new request of the same task; with a name of its own, an answer about one is never
    taken for the other.
    """
    return f"{row.campaign_task_id}-{row.undoes_id or row.pk}"


def ids_of(external_id: str) -> tuple[int, int] | None:
    """The campaign task and the queue row that an external id names, None where it is not one of
    ours.
    """
    task_id, _, row_id = external_id.partition("-")
    if task_id.isdecimal() and row_id.isdecimal():
        return int(task_id), int(row_id)
    return None


def queued_call(row: MightyCallTask) -> QueuedCall:
    return QueuedCall(external_id(row), row.campaign_id, row.phone, row.priority, row.expires_at)


@transaction.atomic
def take_new(sender: int) -> list[MightyCallTask]:
    """The oldest NEW rows, now the sender's, enough for a few requests; committed on return.

    A row waits while an earlier request of the same campaign task is unfinished, so a DELETE never
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
    """Rows that this sender, or a dead one in its place, has sent or was about to send: nobody
    knows what became of them.
    """
    return list(
        MightyCallTask.objects.filter(
            Q(next_try_at__isnull=True) | Q(next_try_at__lte=now),
            task_state=QueueTaskState.IN_PROGRESS,
            sender=sender,
        ).order_by("pk")[:CALLS_AT_ONCE]
    )


def is_in_doubt(sender: int) -> bool:
    """Whether a whole request's worth of what this sender sent is unknown: then MightyCall is ill,
    and more would only wait.
    """
    unknown = MightyCallTask.objects.filter(task_state=QueueTaskState.IN_PROGRESS, sender=sender)
    return unknown.count() >= CALLS_AT_ONCE


def taken_back(rows: Sequence[MightyCallTask]) -> set[int]:
    """Which of these ADDs a later DELETE takes back."""
    deletes = MightyCallTask.objects.filter(
        task_type=QueueTaskType.DELETE, undoes__in=[row.pk for row in rows]
    )
    return set(deletes.values_list("undoes_id", flat=True))


def settle(rows: Sequence[MightyCallTask], answers: Mapping[int, str], now: datetime) -> None:
    """DONE, each with its answer; of calls that are queued the end is awaited from now on.

    One query for each different answer, of which there are few.
    """
    ask_at = now + timedelta(seconds=settings.TELEPHONY_RECONCILE_SECONDS)
    alike: dict[str, list[int]] = {}
    for row in rows:
        alike.setdefault(answers[row.pk], []).append(row.pk)
    for answer, pks in alike.items():
        MightyCallTask.objects.filter(pk__in=pks).update(
            task_state=QueueTaskState.DONE, answer=answer, next_try_at=ask_at
        )


def postpone(rows: Iterable[MightyCallTask], now: datetime) -> None:
    """Ask again, a little later, what became of these."""
    pks = [row.pk for row in rows]
    MightyCallTask.objects.filter(pk__in=pks).update(next_try_at=now + ASK_AGAIN_AFTER)


def mark_ended(row_ids: Iterable[int | None], at: datetime) -> None:
    """Nothing more will come of these ADDs."""
    MightyCallTask.objects.filter(pk__in=list(row_ids), ended_at__isnull=True).update(ended_at=at)
