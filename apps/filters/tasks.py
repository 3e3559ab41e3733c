"""Celery tasks of the filters: sweeps that find in the tables whatever waits to be done."""

import logging

from celery import shared_task
from django.db import InterfaceError, OperationalError

from apps.filters import selectors, services
from common.announce import announce
from common.clock import now

logger = logging.getLogger(__name__)


@shared_task
def judge_applications() -> None:
    """Judge applications by our own filters for a while; several workers may do it at once."""
    done = services.judge_for_a_while(now)
    if done.is_rest_left:
        announce(judge_applications)


@shared_task
def judge_waiting() -> None:
    """Judge by services, for a while, the verdicts that wait for them and are due."""
    done = services.ask_services_for_a_while(now)
    if done.counts.total:
        logger.info("judged by services: %s", done.counts)
    if done.is_rest_left:
        announce(judge_waiting)


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


@shared_task
def forget_old_runs() -> int:
    """Delete runs that were finished long ago; returns how many."""
    return services.forget_old_runs(now())


def _advance(run_id: int) -> bool:
    """True when slices of the run are left for this worker."""
    try:
        return services.advance_run(run_id, now())
    except (OperationalError, InterfaceError):  # the row is as it was: the next sweep tries again
        logger.exception("a slice of dry run %d was lost", run_id)
        return False
