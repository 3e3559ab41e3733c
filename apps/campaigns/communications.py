"""Reads communications of operators and clients."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, Q, QuerySet

from apps.campaigns.models import Communication
from apps.campaigns.states import CommunicationState
from apps.campaigns.types import CommunicationNotFoundError, CommunicationView, LiveCommunication

HISTORY_LENGTH = 50  # what an operator can take in during a call


def live_communication(operator_id: int) -> LiveCommunication | None:
    """The conversation the operator is in: the call goes on (even if a result is saved already),
    or its result is awaited. None: there is no such conversation.
    """
    return live_communications([operator_id]).get(operator_id)


def live_communications(operator_ids: Collection[int]) -> dict[int, LiveCommunication]:
    """``live_communication`` of each of these operators who is in one."""
    rows = (
        Communication.objects.filter(operator__in=operator_ids)
        .filter(Q(state=CommunicationState.NEW) | Q(ended_at__isnull=True))
        .order_by("started_at", "pk")
    )
    return {row.operator_id: _live(row) for row in rows}  # the last one of an operator stays


def _live(row: Communication) -> LiveCommunication:
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


def _correctable_until(fixed_at: datetime | None) -> datetime | None:
    return fixed_at + timedelta(seconds=settings.CORRECTION_SECONDS) if fixed_at else None


def operator_of_communication(communication_id: int) -> int | None:
    """Whose communication this is, or None where there is none."""
    rows = Communication.objects.filter(pk=communication_id)
    return rows.values_list("operator_id", flat=True).first()


def live_communications_without(found: QuerySet[Any, Any], limit: int) -> list[int]:
    """Ids of conversations that go on or whose result is awaited, for which the query ``found``
    has no row. ``found`` refers to the communication as ``OuterRef("pk")``.
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
    """Communications of this phone in all campaigns before the one given: newest first, at most
    ``HISTORY_LENGTH``."""
    rows = _with_everything(phone=phone, pk__lt=before_id).order_by("-started_at", "-pk")
    return [_view(row) for row in rows[:HISTORY_LENGTH]]


def views_of(rows: QuerySet[Communication]) -> list[CommunicationView]:
    """These communications as the workplace shows them, in one query."""
    return [_view(row) for row in rows.select_related("campaign_task__campaign", "operator")]


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
        campaign_time_zone=campaign.time_zone,
        script=campaign.script,
        client_info=row.campaign_task.client_info,
        source_key=row.campaign_task.source_key,
        result=row.result_details,
        operator_id=row.operator_id,
        operator_first_name=row.operator.first_name,
        operator_last_name=row.operator.last_name,
        version=row.result_version,
        correctable_until=_correctable_until(row.fixed_at),
    )
