"""Celery tasks of incoming files and call lists: which streams to poll, the files of one stream,
one list, old files."""

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


@shared_task
def delete_old_files() -> None:
    """Delete source files that are older than ``CSV_KEEP_DAYS``, files of old call lists,
    and uploads that nobody has finished."""
    services.delete_old_files(now())
    services.delete_old_lists(now())
    services.delete_abandoned_corrections(now())


@shared_task
def advance_call_lists() -> None:
    """Announce the call lists that a worker has something to do with."""
    services.announce_lists()


@shared_task
def advance_call_list(list_id: int) -> None:
    """Bring a call list on for a slice of time. Several workers may run it: one of them does."""
    services.advance_list(list_id, now)
