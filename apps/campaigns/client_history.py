"""Looks up when phones were last called, and whether their owners refused."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from apps.campaigns.models import Communication, DoNotCallEntry
from apps.campaigns.types import ListedPhone, Meaning


def last_called_at(phones: Sequence[str]) -> dict[str, datetime]:
    """When each of these phones last talked with an operator, in any campaign; absent: never."""
    rows = (
        Communication.objects.filter(phone__in=phones)
        .values("phone")
        .annotate(latest=Max("started_at"))
    )
    return {row["phone"]: row["latest"] for row in rows}


def refused_phones(phones: Sequence[str]) -> set[str]:
    """Which of these phones belong to people who refused for good, in any campaign."""
    listed = DoNotCallEntry.objects.filter(phone__in=phones).values_list("phone", flat=True)
    refused = Communication.objects.filter(
        phone__in=phones, disposition__meaning__in=[Meaning.REFUSED, Meaning.NEVER_AGAIN]
    ).values_list("phone", flat=True)
    return {*listed, *refused}


def do_not_call_after(entry_id: int, limit: int) -> list[ListedPhone]:
    """At most ``limit`` entries of the do-not-call list with greater ids, in the order of ids."""
    rows = DoNotCallEntry.objects.filter(pk__gt=entry_id).order_by("pk")
    return [ListedPhone(*row) for row in rows.values_list("pk", "phone", "reason")[:limit]]
