"""Entry points for Celery."""

from celery import shared_task

from apps.arm import services
from common.clock import now


@shared_task
def prepare_card(*communication_ids: int) -> None:
    """Conversations started: prepare their client cards."""
    services.prepare_cards(communication_ids, now())


@shared_task
def prepare_cards() -> int:
    """Sweep: prepare the cards whose message was lost. Returns how many."""
    return services.prepare_missing_cards(now())


@shared_task
def draft_overdue() -> int:
    """Sweep: results that did not come in time; their communications become drafts. Returns how
    many operators this concerned."""
    return services.draft_overdue(now())


@shared_task
def refresh_changes() -> int:
    """Sweep: compute what every page should react to, before it expires in the cache. Returns of
    how many operators."""
    return services.refresh_signed_in()


@shared_task
def sweep_states() -> int:
    """Sweep: record what operators are doing. Returns of how many it was news."""
    return services.sweep_states(now())
