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
    """Withdraw the tasks of paused campaigns from telephony. Returns how many."""
    return services.withdraw_paused_tasks(now())


@shared_task
def recover_lost() -> int:
    """Make tasks NEW again whose call telephony never reported. Returns how many."""
    return services.recover_lost_tasks(now())
