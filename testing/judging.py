"""Judging as the two lanes do it, one after the other."""

from datetime import datetime

from apps.filters.judging.batches import judge_batch, judge_for_a_while
from apps.filters.judging.service_lane import ask_services_for_a_while
from apps.filters.judging.verdict_writer import VerdictCounts

SERVICES = ("blacklist", "casper", "abram")  # which cascades ask; names of their simulators


def judge_fully(batch_id: int, now: datetime) -> VerdictCounts | None:
    """Judge a batch by our own filters, then by services what they have let through.

    Returns None when the batch is judged already, or another worker judges it.
    """
    own = judge_batch(batch_id, now)
    return own and own + ask_services_for_a_while(lambda: now).counts


def judge_due(now: datetime) -> VerdictCounts:
    """Judge all that waits and is due at this moment."""
    own = judge_for_a_while(lambda: now)
    return own.counts + ask_services_for_a_while(lambda: now).counts
