"""Celery tasks of the reports."""

from celery import shared_task

from apps.reports import services

SLICE_SECONDS = 10.0  # the sweep comes again after 30


@shared_task
def count_changed() -> int:
    """Count the hours that have changed. Returns how many."""
    return services.count_changed(SLICE_SECONDS)
