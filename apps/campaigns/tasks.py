"""Doors for Celery. Each is a sweep: what it does stands in the tables, and a lost message loses
nothing."""

from celery import shared_task

from apps.campaigns import services
from common.clock import now


@shared_task
def hand_over() -> int:
    """Due tasks go to telephony."""
    return services.hand_over_due_tasks(now())


@shared_task
def wake_redials() -> int:
    """Redials that fall due become NEW tasks."""
    return services.wake_redials(now())


@shared_task
def promote_deferred() -> int:
    """Candidates that waited for a conversation become tasks."""
    return services.promote_deferred(now())


@shared_task
def withdraw_paused() -> int:
    """Tasks of paused campaigns come back from telephony."""
    return services.withdraw_paused_tasks(now())


@shared_task
def recover_lost() -> int:
    """Tasks that telephony never reported back are found."""
    return services.recover_lost_tasks(now())
