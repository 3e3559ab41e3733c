"""The operator's own day, as the workplace shows it beneath the cards for rework."""

from dataclasses import replace
from datetime import datetime, time

from apps.arm.communication_summary import summary_of
from apps.arm.periods.totals import time_in_states
from apps.arm.types import Bucket, CommunicationSummary, OwnDay
from apps.campaigns import selectors as campaign_selectors
from apps.campaigns.types import CommunicationView
from common.clock import MOSCOW


def day_of(operator_id: int, now: datetime) -> OwnDay:
    """What the operator has done since midnight in Moscow, how long they were in each state, and
    whom they have promised a call."""
    midnight = datetime.combine(now.astimezone(MOSCOW).date(), time(), MOSCOW)
    day = campaign_selectors.day_of(operator_id, midnight)
    times = time_in_states(midnight, now, bucket=Bucket.DAY, now=now, operator_ids=[operator_id])
    return OwnDay(
        talks=day.talks,
        talk_seconds=day.talk_seconds,
        results=day.results,
        states=tuple(times),
        promised=day.promised,
        latest=tuple(_talk(one, now) for one in day.latest),
    )


def _talk(communication: CommunicationView, now: datetime) -> CommunicationSummary:
    until = communication.correctable_until
    return replace(
        summary_of(communication),
        version=communication.version,
        correctable_until=until if until and until > now else None,
    )
