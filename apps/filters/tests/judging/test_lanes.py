"""Streams and campaigns take turns, and what waits for a service holds up nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from prometheus_client import CollectorRegistry, generate_latest

from apps.filters.judging.batches import judge_for_a_while
from apps.filters.judging.service_flow import QueueKey
from apps.filters.judging.service_lane import ask_services_for_a_while
from apps.filters.judging.waiting import Shard, due_applications, queues
from apps.filters.metrics import JudgingCollector
from apps.filters.models import JudgementBatch, Verdict
from common.clock import now
from testing.factories.filters import NOW, ApplicationFactory, CascadeFactory, batch_of
from testing.simulators import Simulators

pytestmark = pytest.mark.django_db

BOTH = {"data-streams": ["MOBILE_LOANS", "POS_REJECT"]}
OWN: dict[str, Any] = {**BOTH, "filters-order": []}
BLACKLIST: dict[str, Any] = {**BOTH, "filters-order": ["PHONE_BLACK_LIST"]}


def test_a_small_file_gets_its_turn_after_one_batch_of_a_large_one() -> None:
    CascadeFactory.create(settings=OWN)
    for _batch in range(5):
        batch_of(*ApplicationFactory.create_batch(2))
    small = batch_of(ApplicationFactory.create(stream="POS_REJECT"))

    done = judge_for_a_while(lambda: NOW, seconds=0)

    assert done.is_rest_left
    small.refresh_from_db()
    assert small.judged_at == NOW
    assert JudgementBatch.objects.filter(judged_at=None).count() == 4


def test_our_own_filters_end_without_a_call_and_hand_the_rest_over(services: Simulators) -> None:
    services.put_faults("blacklist", hang=1)
    CascadeFactory.create(settings=OWN)
    CascadeFactory.create(settings=BLACKLIST)
    batch_of(ApplicationFactory.create())

    done = judge_for_a_while(lambda: NOW)

    assert done.counts.passed == 1
    handed_over = Verdict.objects.get(state="WAITING")
    assert (handed_over.rule, handed_over.reason) == ("PHONE_BLACK_LIST", "")
    assert (handed_over.waits_for, handed_over.stream) == ("blacklist", "MOBILE_LOANS")
    assert handed_over.next_try_at == NOW


def test_each_campaign_and_stream_has_a_queue_of_its_own(services: Simulators) -> None:
    first = CascadeFactory.create(settings=BLACKLIST).campaign_id
    second = CascadeFactory.create(settings={**BOTH, "filters-order": ["ML_FACE"]}).campaign_id
    for stream in BOTH["data-streams"]:
        batch_of(*ApplicationFactory.create_batch(2, stream=stream))
    judge_for_a_while(lambda: NOW)

    assert queues() == [
        QueueKey("abram", second, "MOBILE_LOANS"),
        QueueKey("abram", second, "POS_REJECT"),
        QueueKey("blacklist", first, "MOBILE_LOANS"),
        QueueKey("blacklist", first, "POS_REJECT"),
    ]
    whole = Shard(0, 1)
    found = due_applications(QueueKey("abram", second, "POS_REJECT"), NOW, whole, [], 10)
    assert len(found) == 2
    later = QueueKey("abram", second, "POS_REJECT")
    assert due_applications(later, NOW - timedelta(seconds=1), whole, [], 10) == []
    assert due_applications(later, NOW, whole, found[:1], 10) == found[1:]


def test_metrics_tell_of_batches_waiting_verdicts_and_breakers(services: Simulators) -> None:
    cache.clear()
    CascadeFactory.create(settings=BLACKLIST)
    services.put_faults("blacklist", error_rate=1, error_status=500)
    batch_of(*ApplicationFactory.create_batch(3))
    judge_for_a_while(now)
    for _try in range(4):
        Verdict.objects.update(next_try_at=now())
        ask_services_for_a_while(now)
    batch_of(*ApplicationFactory.create_batch(2, stream="POS_REJECT"))
    registry = CollectorRegistry()
    registry.register(JudgingCollector())

    text = generate_latest(registry).decode()

    assert 'tm_batches_to_judge{stream="POS_REJECT"} 1.0' in text
    assert 'tm_applications_to_judge{stream="POS_REJECT"} 2.0' in text
    assert 'tm_batches_oldest_seconds{stream="POS_REJECT"}' in text
    assert 'tm_waiting_verdicts{service="blacklist"} 3.0' in text
    assert 'tm_service_cut_off{service="blacklist"}' in text
    assert 'tm_service_cut_off{service="casper"} 0.0' in text
