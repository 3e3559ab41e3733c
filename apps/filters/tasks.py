"""Doors for Celery: sweeps that find in the tables what waits to be judged."""

import logging

from celery import shared_task

from apps.filters.adapters.blacklist_notices import tell_refusals
from apps.filters.judging.batches import judge_batch, judge_waiting_applications, next_batches
from common.clock import now

logger = logging.getLogger(__name__)

BATCHES_PER_LOOK = 20


@shared_task
def judge_applications() -> None:
    """Judge every batch that waits; several workers may sweep side by side.

    A batch that cannot be judged stays for the next sweep and holds up no other.
    """
    after = 0
    while found := next_batches(after, BATCHES_PER_LOOK):
        for batch_id in found:
            try:
                written = judge_batch(batch_id, now())
            except Exception:  # the outermost door; the batches behind must not starve
                logger.exception("batch %d could not be judged", batch_id)
            else:
                if written is not None:
                    logger.info("batch %d judged: %s", batch_id, written)
        after = found[-1]


@shared_task
def judge_waiting() -> None:
    """Try again the applications that wait for a service."""
    written = judge_waiting_applications(now())
    if written is not None and (written.passed or written.stopped or written.waiting):
        logger.info("waiting applications judged again: %s", written)


@shared_task
def tell_blacklist() -> None:
    """Put clients who asked not to be called on the blacklist."""
    told = tell_refusals(now())
    if told:
        logger.info("%d refusals told to the blacklist", told)
