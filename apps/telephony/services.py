"""What may be asked of telephony: by its Celery tasks and by the back office.

The core asks through the ports that ``MightyCallDialer`` and ``MightyCallSessions`` implement.
"""

from apps.telephony.accounts import save_account
from apps.telephony.events.event_poller import poll_events
from apps.telephony.queue.queue_sender import send_queue
from apps.telephony.queue.reconciliation import reconcile_calls
from apps.telephony.sessions.presence import send_presence, sweep_presence

__all__ = [
    "poll_events",
    "reconcile_calls",
    "save_account",
    "send_presence",
    "send_queue",
    "sweep_presence",
]
