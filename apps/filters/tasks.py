"""Celery tasks of the filters: sweeps that find in the tables whatever waits to be done."""

import logging

from celery import shared_task
from django.db import InterfaceError, OperationalError

from apps.filters import selectors, services
from common.clock import now

logger = logging.getLogger(__name__)

BATCHES_PER_LOOK = 20


@shared_task
def judge_applications() -> None:
    """Judge every batch that waits; several workers may run it in parallel.

    A batch that cannot be judged stays for the next sweep and holds up no other.
    """
    after = 0
    while batch_ids := selectors.next_batches(after, BATCHES_PER_LOOK):
        for batch_id in batch_ids:
            try:
                counts = services.judge_batch(batch_id, now())
            except Exception:  # this entry point is the outermost, and the next batches must go on
                logger.exception("batch %d could not be judged", batch_id)
            else:
                if counts is not None:
                    logger.info("batch %d judged: %s", batch_id, counts)
        after = batch_ids[-1]


@shared_task
def judge_waiting() -> None:
    """Try the waiting verdicts again whose time has come."""
    counts = services.judge_waiting_applications(now())
    if counts is not None and (counts.passed or counts.stopped or counts.waiting):
        logger.info("waiting applications judged again: %s", counts)


@shared_task
def send_blacklist_notices() -> None:
    """Put clients who asked never to be called again on the blacklist."""
    sent = services.send_blacklist_notices(now())
    if sent:
        logger.info("%d do-not-call entries sent to the blacklist", sent)


@shared_task
def advance_dry_runs() -> None:
    """Do the runs over stored applications, a slice of each in turn, until none is left."""
    while sum(map(_advance, selectors.unfinished_runs())):
        pass


def _advance(run_id: int) -> bool:
    """True when slices of the run are left for this worker."""
    try:
        return services.advance_run(run_id, now())
    except (OperationalError, InterfaceError):  # the row is as it was: the next sweep tries again
        logger.exception("a slice of dry run %d was lost", run_id)
        return False
