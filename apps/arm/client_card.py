"""The client card as an operator opens it: what was prepared, and the conversation of now."""

from dataclasses import replace
from datetime import datetime

from apps.arm.card_preparation import card_so_far, stored_card
from apps.arm.changes import refresh
from apps.arm.communication_summary import summary_of
from apps.arm.types import COMMUNICATION, OpenedCard
from apps.campaigns import selectors as campaign_selectors
from apps.campaigns import services as campaigns
from apps.campaigns.types import CommunicationNotFoundError
from apps.security import services as security
from apps.security.types import Access, Visitor


def current_card(visitor: Visitor, now: datetime) -> OpenedCard:
    """The card of the conversation the operator is in; it counts as fetched from now on. Raises
    CommunicationNotFoundError when there is no conversation."""
    live = campaign_selectors.live_communication(visitor.operator_id)
    if live is None:
        raise CommunicationNotFoundError
    card = card_of(visitor, live.id, now)
    if campaigns.mark_card_fetched(live.id, now):
        refresh(visitor.operator_id)
        # stored between our reading and our mark, it would never be told of
        card = replace(card, prepared=stored_card(live.id) or card.prepared)
    return card


def card_of(visitor: Visitor, communication_id: int, now: datetime) -> OpenedCard:
    """The card of one of the operator's own communications; the access log has a record before it
    is given. Raises CommunicationNotFoundError, also for a colleague's. Asks no service. Never call
    it in a transaction."""
    communication = campaign_selectors.communication_of(visitor.operator_id, communication_id)
    card = OpenedCard(card_so_far(communication, now), summary_of(communication))
    security.record_access(visitor, Access.CARD_OPENED, COMMUNICATION, communication.id)
    return card
