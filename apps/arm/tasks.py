"""Doors for Celery."""

from celery import shared_task

from apps.arm import services
from common.clock import now


@shared_task
def prepare_card(communication_id: int) -> None:
    """A conversation started: its client card is prepared."""
    services.prepare_card(communication_id, now())


@shared_task
def prepare_cards() -> int:
    """Cards whose message was lost are prepared."""
    return services.prepare_missing_cards(now())


@shared_task
def draft_overdue() -> int:
    """Results that did not come in time: their communications become drafts."""
    return services.draft_overdue(now())
