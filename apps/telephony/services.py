"""What may be asked of telephony: by its Celery tasks and by the back office.

The core asks through the ports that ``MightyCallDialer`` and ``MightyCallSessions`` implement.
"""

from apps.telephony.accounts import save_account
from apps.telephony.events.event_poller import poll_events
from apps.telephony.events.old_events import forget_old_events
from apps.telephony.queue.queue_sender import send_queue
from apps.telephony.queue.reconciliation import reconcile_calls
from apps.telephony.queue.rejected_events import retry_rejected_events
from apps.telephony.sessions.presence import send_presence, sweep_presence

__all__ = [
    "forget_old_events",
    "poll_events",
    "reconcile_calls",
    "retry_rejected_events",
    "save_account",
    "send_presence",
    "send_queue",
    "sweep_presence",
]
