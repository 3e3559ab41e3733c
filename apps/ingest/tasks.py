"""The Celery task that looks into the folders of all streams."""

from celery import shared_task

from apps.ingest import services


@shared_task
def poll_streams() -> None:
    """Import what has arrived. Several workers may run it at once: each stream is polled by one."""
    services.poll_streams()
