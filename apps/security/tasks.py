"""Doors for Celery."""

from celery import shared_task

from apps.security import services


@shared_task
def delete_expired_tokens() -> None:
    """Tokens that ran out are deleted."""
    services.delete_expired_tokens()
