"""Forgets the ids of events that MightyCall cannot repeat any more."""

from datetime import datetime, timedelta

from django.conf import settings

from apps.campaigns.services import handled
from apps.campaigns.types import AttentionKind
from apps.telephony.models import MightyCallEvent, MightyCallRejectedEvent

DELETED_AT_ONCE = 5_000  # a transaction of some 50 ms
BATCHES_OF_A_RUN = 200  # a million a run; the next one, an hour later, deletes the others


def forget_old_events(now: datetime) -> int:
    """Delete what was recorded more than TELEPHONY_EVENT_DAYS ago, batch by batch, and the events
    that could not be applied in all that time. Returns how many ids are forgotten.
    """
    before = now - timedelta(days=settings.TELEPHONY_EVENT_DAYS)
    _give_up(before)
    forgotten = 0
    for _ in range(BATCHES_OF_A_RUN):
        deleted = _forget(before)
        forgotten += deleted
        if deleted < DELETED_AT_ONCE:
            break
    return forgotten


def _forget(before: datetime) -> int:
    old = MightyCallEvent.objects.filter(wtime__lt=before).order_by("wtime")
    batch = old.values("pk")[:DELETED_AT_ONCE]
    deleted, _ = MightyCallEvent.objects.filter(pk__in=batch).delete()
    return deleted


def _give_up(before: datetime) -> None:
    rejected = MightyCallRejectedEvent.objects.filter(wtime__lt=before)
    event_ids = list(rejected.values_list("event_id", flat=True)[:DELETED_AT_ONCE])
    if event_ids:
        MightyCallRejectedEvent.objects.filter(event_id__in=event_ids).delete()
        handled(AttentionKind.CALL_EVENT, event_ids)
