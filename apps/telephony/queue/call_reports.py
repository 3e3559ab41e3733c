"""What is reported of call orders goes to the core, and its end is noted in the queue."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from apps.arm.services import take_call_events
from apps.campaigns.types import CallEvent, CallEventKind
from apps.telephony.queue.call_queue import mark_ended

# after these nothing more is awaited of an order
ENDS = frozenset(
    {
        CallEventKind.ENDED,
        CallEventKind.EXPIRED,
        CallEventKind.WITHDRAWN,
        CallEventKind.REJECTED,
        CallEventKind.LOST,
    }
)


def take_reports(events: Sequence[CallEvent], now: datetime) -> None:
    """Have the core apply the events, in their order. Runs in the caller's transaction, in as many
    statements for hundreds of events as for a few.

    A time later than ``now`` is the fault of a clock that is fast: it is taken for now, so that no
    conversation ends in the future.
    """
    if not events:
        return
    take_call_events([replace(event, at=min(event.at, now)) for event in events])
    mark_ended([event.order_id for event in events if event.kind in ENDS], now)
