"""Looks up what our own tables know of clients: their latest calls, refusals, and kept facts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Max, QuerySet

from apps.campaigns.models import CampaignTask, Communication, DoNotCallEntry
from apps.campaigns.types import ListedPhone, Meaning


def last_called_at(phones: Sequence[str], before: datetime | None = None) -> dict[str, datetime]:
    """When each of these phones last talked with an operator, in any campaign; absent: never.

    With ``before`` as it was known at that moment.
    """
    talks = Communication.objects.filter(phone__in=phones)
    if before:
        talks = talks.filter(started_at__lt=before)
    rows = talks.values("phone").annotate(latest=Max("started_at"))
    return {row["phone"]: row["latest"] for row in rows}


def refused_phones(phones: Sequence[str], before: datetime | None = None) -> set[str]:
    """Which of these phones belong to people who refused for good, in any campaign.

    With ``before`` as it was known at that moment.
    """
    listed = DoNotCallEntry.objects.filter(phone__in=phones)
    refused = Communication.objects.filter(
        phone__in=phones, disposition__meaning__in=[Meaning.REFUSED, Meaning.NEVER_AGAIN]
    )
    if before:
        listed, refused = listed.filter(wtime__lt=before), refused.filter(fixed_at__lt=before)
    return {
        *listed.values_list("phone", flat=True),
        *refused.values_list("phone", flat=True),
    }


def kept_client_info(source_keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Source key → the ``client_info`` of the latest task that was made from it, in any campaign;
    absent where there is none.
    """
    tasks = CampaignTask.objects.filter(source_key__in=source_keys).order_by("pk")
    return dict(tasks.values_list("source_key", "client_info"))


def do_not_call_after(entry_id: int, limit: int) -> list[ListedPhone]:
    """At most ``limit`` entries of the do-not-call list with greater ids, in the order of ids."""
    return _listed(DoNotCallEntry.objects.filter(pk__gt=entry_id), limit)


def do_not_call_entries(entry_ids: Sequence[int]) -> list[ListedPhone]:
    """These entries of the do-not-call list, in the order of ids, without those that are gone."""
    return _listed(DoNotCallEntry.objects.filter(pk__in=entry_ids))


def _listed(entries: QuerySet[DoNotCallEntry], limit: int | None = None) -> list[ListedPhone]:
    correctable = timedelta(seconds=settings.CORRECTION_SECONDS)
    rows = entries.annotate(settled_at=F("communication__fixed_at") + correctable).order_by("pk")
    columns = rows.values_list("pk", "phone", "reason", "settled_at")
    return [ListedPhone(*row) for row in columns[:limit]]
