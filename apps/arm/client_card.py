"""The client card as an operator opens it: what was prepared, and the conversation of now."""

from datetime import datetime

from apps.arm.card_preparation import prepared_card_of
from apps.arm.changes import invalidate
from apps.arm.communication_summary import summary_of
from apps.arm.types import OpenedCard
from apps.campaigns import selectors as campaign_selectors
from apps.campaigns import services as campaigns
from apps.campaigns.types import CommunicationNotFoundError


def current_card(operator_id: int, now: datetime) -> OpenedCard:
    """The card of the conversation the operator is in; it counts as fetched from now on. Raises
    CommunicationNotFoundError when there is no conversation."""
    live = campaign_selectors.live_communication(operator_id)
    if live is None:
        raise CommunicationNotFoundError
    card = card_of(operator_id, live.id, now)
    if campaigns.mark_card_fetched(live.id, now):
        invalidate(operator_id)
    return card


def card_of(operator_id: int, communication_id: int, now: datetime) -> OpenedCard:
    """The card of one of the operator's own communications. Raises CommunicationNotFoundError, also
    for a colleague's. May ask the domain's services, so never call it in a transaction."""
    communication = campaign_selectors.communication_of(operator_id, communication_id)
    return OpenedCard(prepared_card_of(communication, now), summary_of(communication))
