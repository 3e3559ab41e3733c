"""Celery tasks that take files: one looks for streams to poll, one takes the files of a stream."""

from celery import shared_task

from apps.ingest import services
from common.clock import now


@shared_task
def poll_streams() -> None:
    """Announce the streams whose files may be taken. It is quick: it looks into no folder."""
    services.poll_streams(now())


@shared_task
def take_files(stream: str) -> None:
    """Import what has arrived in one stream. Several workers may run it: one of them takes it."""
    services.take_files(stream)
