"""Events that could not be applied: kept without personal data, and tried again ever later.

``apps.campaigns.services.set_aside`` shows each in the back office, with its error; what is
released there is tried at once.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from pydantic import TypeAdapter

from apps.campaigns.services import handled, set_aside, waiting_keys
from apps.campaigns.types import AttentionKind, CallEvent
from apps.telephony.barrier import apply_each
from apps.telephony.models import MightyCallRejectedEvent
from apps.telephony.queue.call_reports import take_reports

TRIED_AT_ONCE = 100  # of one sweep; the next one takes the others
EVENT: TypeAdapter[CallEvent] = TypeAdapter(CallEvent)


def keep_rejected(key: str, event: CallEvent | None, error: Exception, now: datetime) -> None:
    """Keep an event with its error. It is tried again, unless it is None: it could not be read.

    ``key`` is the same whenever the event comes again. One that is kept already waits for longer.
    """
    written = None if event is None else EVENT.dump_python(event, mode="json")
    row = MightyCallRejectedEvent(event_id=key, event=written)
    with transaction.atomic():
        MightyCallRejectedEvent.objects.bulk_create([row], ignore_conflicts=True)
        set_aside(AttentionKind.CALL_EVENT, key, error, now)


def retry_rejected_events(now: datetime) -> int:
    """Apply the events whose pause is over, or that were released. Returns how many were tried.

    One that cannot be applied again waits for longer than before.
    """
    due = _due(now)
    apply_each(due, partial(_apply, now=now), partial(_keep_waiting, now=now))
    return len(due)


def _due(now: datetime) -> list[tuple[int, str]]:
    """Return the keys of the rows to be tried, and of their events, oldest first."""
    readable = MightyCallRejectedEvent.objects.filter(event__isnull=False).order_by("pk")
    kept = list(readable.values_list("pk", "event_id"))
    waiting = waiting_keys(AttentionKind.CALL_EVENT, now) if kept else set()
    return [row for row in kept if row[1] not in waiting][:TRIED_AT_ONCE]


def _apply(due: Sequence[tuple[int, str]], now: datetime) -> None:
    """What another process tries at this moment is left to it."""
    rows = MightyCallRejectedEvent.objects.select_for_update(skip_locked=True)
    mine = list(rows.filter(pk__in=[pk for pk, _ in due]).order_by("pk"))
    take_reports([EVENT.validate_python(row.event) for row in mine], now)
    MightyCallRejectedEvent.objects.filter(pk__in=[row.pk for row in mine]).delete()
    handled(AttentionKind.CALL_EVENT, [row.event_id for row in mine])


def _keep_waiting(due: tuple[int, str], error: Exception, now: datetime) -> None:
    set_aside(AttentionKind.CALL_EVENT, due[1], error, now)
