"""The door for Celery: looks into every stream's folder."""

from celery import shared_task

from apps.ingest import services


@shared_task
def poll_streams() -> None:
    """Import what has arrived. Several workers may poll at once: a stream is polled by one."""
    services.poll_streams()
