"""Collects what the judging needs: live cascades, and what our own tables know of clients."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.campaigns import selectors as campaigns
from apps.filters.cascade.compiled_cascade import CompiledCascade, build
from apps.filters.facts import ApplicationFacts, ClientHistory
from apps.filters.judging.judge import Entry
from apps.filters.judging.waiting import DueVerdict
from apps.filters.models import Cascade
from apps.filters.rules.communication_history import CommunicationHistory
from apps.filters.types import call_list_stream, campaign_of_call_lists
from common.clock import moscow_today

logger = logging.getLogger(__name__)


def live_cascades() -> list[CompiledCascade]:
    """The cascades of active campaigns, in the order of the campaigns' numbers."""
    active = campaigns.active_campaign_ids()
    return list(cascades_of(active).values())


def cascades_for(stream: str) -> list[CompiledCascade]:
    """The cascades that may take applications of this stream.

    Of a call list that of its campaign alone, also while it is not active: the list was uploaded
    for it.
    """
    campaign_id = campaign_of_call_lists(stream)
    return live_cascades() if campaign_id is None else list(cascades_of([campaign_id]).values())


def cascades_of(campaign_ids: Iterable[int]) -> dict[int, CompiledCascade]:
    """Campaign id → its cascade, in the order of the ids. A campaign without a cascade is absent.

    A cascade whose stored settings cannot be read is logged as an error and has a ``flaw``.
    """
    rows = Cascade.objects.filter(campaign_id__in=campaign_ids).order_by("campaign_id")
    cascades = [_built(row) for row in rows]
    for cascade in cascades:
        if cascade.flaw:
            logger.error("applications wait, the settings cannot be read: %s", cascade.flaw)
    return {cascade.campaign_id: cascade for cascade in cascades}


def _built(row: Cascade) -> CompiledCascade:
    """The barrier: settings that make the reading raise hold up only their own campaign."""
    try:
        return build(row.campaign_id, row.version, row.settings)
    except Exception as error:  # noqa: BLE001 - as the docstring says
        flaw = _("campaign %(number)d: unexpected error: %(error)s") % {
            "number": row.campaign_id,
            "error": type(error).__name__,
        }
        streams = _streams_in(row.settings) | {call_list_stream(row.campaign_id)}
        return CompiledCascade(row.campaign_id, row.version, streams=streams, flaw=flaw)


def _streams_in(stored: Any) -> frozenset[str]:
    """As many of the streams as can be read at all."""
    streams = stored.get("data-streams") if isinstance(stored, dict) else None
    if not isinstance(streams, list):
        return frozenset()
    return frozenset(stream for stream in streams if isinstance(stream, str))


def entries_of_due(
    due: Sequence[DueVerdict], applications: Mapping[int, ApplicationFacts]
) -> list[Entry]:
    """The entries of waiting verdicts. A campaign that was paused meanwhile still owes its verdict,
    by its settings of today; one without a cascade has none.
    """
    cascades = cascades_of({verdict.campaign_id for verdict in due})
    return [
        Entry(
            applications[verdict.application_id],
            cascades[verdict.campaign_id],
            entered_at=verdict.entered_at,
            told=verdict.told,
        )
        for verdict in due
        if verdict.campaign_id in cascades
    ]


def client_history(entries: Sequence[Entry], now: datetime) -> ClientHistory:
    """What our own tables know of the clients; they are read only where a filter needs them."""
    phones = list(
        {
            entry.application.phone
            for entry in entries
            if any(isinstance(rule, CommunicationHistory) for rule in entry.cascade.internal_rules)
        }
    )
    if not phones:
        return ClientHistory(now, moscow_today(now))
    return ClientHistory(
        now,
        moscow_today(now),
        last_called_at=campaigns.last_called_at(phones),
        refused_phones=frozenset(campaigns.refused_phones(phones)),
    )
