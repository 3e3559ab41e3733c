"""What may be asked about telephony, by the back office."""

from apps.telephony.accounts import operators_without_account
from apps.telephony.monitoring import telephony_trouble
from apps.telephony.queue.call_queue import awaiting_end
from apps.telephony.sessions.operator_sessions import has_account

__all__ = ["awaiting_end", "has_account", "operators_without_account", "telephony_trouble"]
