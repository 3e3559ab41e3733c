"""Entry points for Celery."""

from celery import shared_task

from apps.security import services


@shared_task
def delete_expired_tokens() -> None:
    """Delete the tokens that have expired."""
    services.delete_expired_tokens()


@shared_task
def seal_access_log() -> None:
    """Chain the new records of the access log."""
    services.seal_access_log()
