"""Celery tasks. Each is a sweep: it finds its work in the tables, so no message has to arrive."""

from celery import shared_task

from apps.campaigns import services
from common.clock import now


@shared_task
def hand_over() -> int:
    """Hand due tasks over to telephony. Returns how many."""
    return services.hand_over_due_tasks(now())


@shared_task
def wake_redials() -> int:
    """Make tasks NEW whose redial falls due. Returns how many."""
    return services.wake_redials(now())


@shared_task
def promote_deferred() -> int:
    """Make tasks of candidates that waited for a conversation. Returns how many."""
    return services.promote_deferred(now())


@shared_task
def withdraw_paused() -> int:
    """Withdraw the orders of paused campaigns from telephony. Returns how many."""
    return services.withdraw_paused_orders()


@shared_task
def withdraw_lost() -> int:
    """Withdraw orders that telephony never reported back. Returns how many."""
    return services.withdraw_lost_orders(now())
