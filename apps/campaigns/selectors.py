"""What others may ask about campaigns, tasks, calls and communications."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, Max, Q, QuerySet

from apps.campaigns.models import (
    Campaign,
    Communication,
    Disposition,
    DispositionReason,
    DoNotCallEntry,
)
from apps.campaigns.states import CommunicationState
from apps.campaigns.story import story_of
from apps.campaigns.types import (
    CampaignBrief,
    CommunicationNotFoundError,
    CommunicationView,
    DispositionChoice,
    FormChoices,
    LiveCommunication,
    Meaning,
)

__all__ = [
    "active_campaigns",
    "campaign_brief",
    "communication_of",
    "do_not_call_after",
    "form_choices",
    "history_of",
    "last_called_at",
    "live_communication",
    "live_communications_without",
    "operator_of_communication",
    "refused_phones",
    "story_of",
    "unfinished_communications",
]

HISTORY_LENGTH = 50  # what an operator can take in during a call


def active_campaigns() -> list[CampaignBrief]:
    """The campaigns that take candidates now, in the order of their numbers."""
    return [_brief(campaign) for campaign in Campaign.objects.filter(active=True).order_by("pk")]


def campaign_brief(campaign_id: int) -> CampaignBrief | None:
    """The campaign, or None where there is none."""
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    return _brief(campaign) if campaign else None


def _brief(campaign: Campaign) -> CampaignBrief:
    return CampaignBrief(campaign.pk, campaign.name, campaign.description or "", campaign.active)


def last_called_at(phones: Sequence[str]) -> dict[str, datetime]:
    """When each of these phones last talked with an operator, in any campaign; absent: never."""
    rows = (
        Communication.objects.filter(phone__in=phones)
        .values("phone")
        .annotate(latest=Max("started_at"))
    )
    return {row["phone"]: row["latest"] for row in rows}


def refused_phones(phones: Sequence[str]) -> set[str]:
    """Those of these phones whose owners refused for good, in any campaign."""
    listed = DoNotCallEntry.objects.filter(phone__in=phones).values_list("phone", flat=True)
    refused = Communication.objects.filter(
        phone__in=phones,
        disposition__meaning__in=[Meaning.REFUSED.value, Meaning.NEVER_AGAIN.value],
    ).values_list("phone", flat=True)
    return {*listed, *refused}


def do_not_call_after(entry_id: int, limit: int) -> list[tuple[int, str, str]]:
    """Entries of the do-not-call list with greater numbers, in order: number, phone, reason."""
    rows = DoNotCallEntry.objects.filter(pk__gt=entry_id).order_by("pk")
    return list(rows.values_list("pk", "phone", "reason")[:limit])


def live_communication(operator_id: int) -> LiveCommunication | None:
    """The conversation the operator is in: the call goes on (whatever was saved of it), or its
    result is awaited.
    """
    row = (
        Communication.objects.filter(operator_id=operator_id)
        .filter(Q(state=CommunicationState.NEW) | Q(ended_at__isnull=True))
        .order_by("-started_at", "-pk")
        .first()
    )
    if row is None:
        return None
    awaited = row.state == CommunicationState.NEW and row.ended_at is not None
    return LiveCommunication(
        id=row.pk,
        started_at=row.started_at,
        ended_at=row.ended_at,
        result_due_at=_due(row.ended_at) if awaited else None,
        card_fetched=row.card_fetched_at is not None,
    )


def _due(ended_at: datetime | None) -> datetime | None:
    return ended_at + timedelta(seconds=settings.RESULT_SECONDS) if ended_at else None


def operator_of_communication(communication_id: int) -> int | None:
    """Whose communication this is, or None where there is none."""
    rows = Communication.objects.filter(pk=communication_id)
    return rows.values_list("operator_id", flat=True).first()


def live_communications_without(found: QuerySet[Any, Any], limit: int) -> list[int]:
    """Conversations that go on or whose result is awaited, except those for which the query, which
    asks about ``OuterRef("pk")``, finds a row.
    """
    return list(
        Communication.objects.filter(~Exists(found), state=CommunicationState.NEW)
        .order_by("pk")
        .values_list("pk", flat=True)[:limit]
    )


def communication_of(operator_id: int, communication_id: int) -> CommunicationView:
    """One of the operator's own communications. Raises CommunicationNotFoundError, also for a
    colleague's."""
    row = _with_everything(operator_id=operator_id, pk=communication_id).first()
    if row is None:
        raise CommunicationNotFoundError
    return _view(row)


def unfinished_communications(operator_id: int) -> list[CommunicationView]:
    """Cards for rework: DRAFT, or the call ended without a result; oldest first."""
    rows = (
        _with_everything(operator_id=operator_id)
        .exclude(state=CommunicationState.FIXED)
        .filter(Q(state=CommunicationState.DRAFT) | Q(ended_at__isnull=False))
    )
    return [_view(row) for row in rows.order_by("started_at", "pk")]


def history_of(phone: str, before_id: int) -> list[CommunicationView]:
    """Earlier communications of this phone in all campaigns, newest first, a screen's worth."""
    rows = _with_everything(phone=phone, pk__lt=before_id).order_by("-started_at", "-pk")
    return [_view(row) for row in rows[:HISTORY_LENGTH]]


def _with_everything(**conditions: object) -> QuerySet[Communication]:
    return Communication.objects.select_related("campaign_task__campaign", "operator").filter(
        **conditions
    )


def _view(row: Communication) -> CommunicationView:
    campaign = row.campaign_task.campaign
    return CommunicationView(
        id=row.pk,
        state=row.state,
        phone=row.phone,
        started_at=row.started_at,
        ended_at=row.ended_at,
        campaign_id=campaign.pk,
        campaign_name=campaign.name,
        campaign_description=campaign.description or "",
        script=campaign.script,
        client_info=row.campaign_task.client_info,
        source_key=row.campaign_task.source_key,
        result=row.result_details,
        operator_id=row.operator_id,
        operator_first_name=row.operator.first_name,
        operator_last_name=row.operator.last_name,
    )


def form_choices(campaign_id: int) -> FormChoices:
    """What the result form of the campaign offers, in its order."""
    reasons = DispositionReason.objects.filter(campaign_id=campaign_id, active=True)
    results = Disposition.objects.filter(campaign_id=campaign_id, active=True)
    return FormChoices(
        reasons=tuple(reasons.order_by("position", "pk").values_list("pk", "text")),
        results=tuple(
            DispositionChoice(
                row.pk, row.result, Meaning(row.meaning), row.meaning == Meaning.CALLBACK
            )
            for row in results.order_by("position", "pk")
        ),
    )
