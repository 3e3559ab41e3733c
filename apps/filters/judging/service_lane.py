"""Judges by services the applications that our own filters have let through.

A worker takes a share of the applications (a shard, held by an advisory lock that PostgreSQL
releases when the worker dies), leads them through the services (``service_flow``) and writes
verdicts as they come. What it has not finished when its slice ends waits in the tables as before.
"""

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from apps.filters.integrations import abram, blacklist, casper
from apps.filters.integrations.blacklist import CLIENTS_PER_SEARCH
from apps.filters.judging.batches import Slice
from apps.filters.judging.breakers import publish_breakers
from apps.filters.judging.entries import client_history, entries_of_due
from apps.filters.judging.judge import Judgement, apply_own_filters, outdated
from apps.filters.judging.service_flow import QueueKey, ServiceFlow, Traveller
from apps.filters.judging.snapshots import snapshots_of
from apps.filters.judging.verdict_writer import VerdictCounts, patience, write_judgements
from apps.filters.judging.waiting import (
    Shard,
    due_applications,
    due_of_applications,
    facts_of,
    queues,
)
from common.locks import LockSpace, try_lock

SERVICES = (abram.NAME, blacklist.NAME, casper.NAME)
SHARDS = 2  # workers that can ask at once
SLICE_SECONDS = 10.0  # after so long a worker takes in no more, and announces the rest
LOOK_SECONDS = 0.2  # between two looks at the tables for more to take in
WRITE_SECONDS = 1.0  # a verdict is written after so long at the latest
WRITTEN_AT_ONCE = 500
# Applications of one queue on their way at once, for each call that a service may have at once: so
# many that it never waits, and so few that little is lost which is let go at the end of a slice.
ON_THE_WAY_PER_CALL = 4


def ask_services_for_a_while(
    clock: Callable[[], datetime], seconds: float = SLICE_SECONDS
) -> Slice:
    """Judge the due verdicts that wait for services, until none is left or so many seconds have
    passed for each shard that no other worker holds.

    Must be called outside a transaction: services are asked.
    """
    total, is_rest_left = VerdictCounts(), False
    for number in range(SHARDS):
        with try_lock(LockSpace.SERVICE_SHARD, number) as won:
            if won:
                done = _ServiceSlice(clock, Shard(number, SHARDS)).run(seconds)
                total += done.counts
                is_rest_left |= done.is_rest_left
    return Slice(total, is_rest_left)


class _ServiceSlice:
    """The work of one worker on one shard."""

    def __init__(self, clock: Callable[[], datetime], shard: Shard) -> None:
        self._clock = clock
        self._shard = shard
        slots = {name: settings.SERVICE_LIMITS[name.upper()]["concurrency"] for name in SERVICES}
        self._most = ON_THE_WAY_PER_CALL * max(slots.values())
        self._flow = ServiceFlow(slots, patience(), clock)
        self._queues: list[QueueKey] = []  # those that may hold more
        self._looked_at = 0.0
        self._unwritten: list[Judgement] = []
        self._counts = VerdictCounts()
        self._written_at = time.monotonic()

    def run(self, seconds: float) -> Slice:
        deadline = time.monotonic() + seconds
        with self._flow:
            while True:
                is_over = time.monotonic() > deadline
                found = 0 if is_over else self._refill()
                if is_over:
                    self._flow.forget_queues()
                self._flow.start_calls()
                if not found and not self._flow.is_asking:
                    break
                self._unwritten += self._flow.judgements(0.0 if found else LOOK_SECONDS)
                self._write_when_due()
        self._write()
        publish_breakers(SERVICES)
        return Slice(self._counts, is_over)

    def _refill(self) -> int:
        """Take in applications from every queue that has few on the way; returns how many.

        A queue that gave all that it had is left alone until the next look at the tables.
        """
        if time.monotonic() - self._looked_at > LOOK_SECONDS or not self._flow.is_asking:
            self._looked_at = time.monotonic()
            self._queues = [queue for queue in queues() if queue.waits_for]
        on_the_way = Counter(self._flow.held.values())
        found = 0
        for queue in list(self._queues):
            most = max(self._most, CLIENTS_PER_SEARCH * (queue.waits_for == blacklist.NAME))
            if on_the_way[queue] <= most // 2:
                taken = self._take_in(queue, most - on_the_way[queue])
                found += taken
                if taken < most - on_the_way[queue]:
                    self._queues.remove(queue)
        return found

    def _take_in(self, queue: QueueKey, room: int) -> int:
        """Returns how many applications were taken.

        Own filters come first again: since they let the application through, its client may have
        been called, and a newer snapshot may have come.
        """
        now = self._clock()
        besides = {*self._flow.held, *(one.application.id for one in self._unwritten)}
        ids = due_applications(queue, now, self._shard, besides, room)
        if not ids:
            return 0
        entries = entries_of_due(due_of_applications(ids, now), facts_of(ids))
        history = client_history(entries, now)
        judged = apply_own_filters(entries, history, patience())
        self._unwritten += judged.judgements
        old = snapshots_of(ids).outdated
        travellers: dict[int, Traveller] = {}
        for pending in judged.pending:
            application_id = pending.entry.application.id
            if application_id in old:
                self._unwritten.append(outdated(pending.handed_over()))
            elif traveller := travellers.get(application_id):
                traveller.pending.append(pending)
            else:
                travellers[application_id] = Traveller(queue, [pending], history)
        for traveller in travellers.values():
            self._unwritten += self._flow.add(traveller)
        return len(ids)

    def _write_when_due(self) -> None:
        is_late = time.monotonic() - self._written_at > WRITE_SECONDS
        if is_late or len(self._unwritten) >= WRITTEN_AT_ONCE:
            self._write()

    def _write(self) -> None:
        self._written_at = time.monotonic()
        if self._unwritten:
            self._counts += write_judgements(self._unwritten, [], self._clock())
            self._unwritten = []
