"""The whole number of a client, where the workplace shows it masked."""

from apps.arm.types import COMMUNICATION
from apps.campaigns import selectors as campaigns
from apps.campaigns.types import CommunicationNotFoundError
from apps.security import services as security
from apps.security.types import Access, Visitor


def reveal_phone(visitor: Visitor, communication_id: int) -> str:
    """The number of the client with whom the operator talks now, or whose result is awaited. The
    access log has a record before it is given. Raises CommunicationNotFoundError for any other
    communication. Never call it in a transaction."""
    live = campaigns.live_communication(visitor.operator_id)
    if live is None or live.id != communication_id:
        raise CommunicationNotFoundError
    phone = campaigns.communication_of(visitor.operator_id, communication_id).phone
    security.record_access(visitor, Access.NUMBER_REVEALED, COMMUNICATION, communication_id)
    return phone
