"""Streams of changes: how soon a change is on the screen after its commit, and what a thousand open
streams cost beside as many operators who ask once a second.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from apps.arm import changes
from apps.arm.models import Workplace
from benchmarks._loader import get
from benchmarks._servers import (
    HAS_CHANGES,
    Server,
    cache_kept_warm,
    change_streams,
    operators_with_tokens,
    web,
)
from benchmarks._stream_clients import Clients, Heard, Kind, hold_streams, one_process, poll
from benchmarks.bars import Bar
from testing.whole_system import free_port

CHANGES_A_SECOND = 20  # a thousand operators who each have a call in a minute: it starts, it ends
SETTLE_SECONDS = 12.0  # in which all have connected
TELL_SECONDS = 3.0  # in which the last change is told
PERCENTILE = 0.99
FAST_MS = 300
CHANGED = b"REWORK_LIST_CHANGED"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--streams", type=int, default=1_000, help="bar: 1000")
    parser.add_argument("--stream-seconds", type=float, default=20, help="of each of both")


def measure(options: argparse.Namespace) -> Sequence[Bar]:
    numbers, credentials = operators_with_tokens(options.streams)
    web_port, streams_port = free_port(), free_port()
    with (
        web(web_port, streams_port) as pages,
        change_streams(streams_port, web_port) as streams,
        cache_kept_warm(),
    ):
        measured = Measured(web_port, [pages, streams], numbers, options.stream_seconds)
        questions = [get(HAS_CHANGES, one) for one in credentials]
        polled, _ = measured.cost(poll, questions)
        opened = [get("/api/arm/v1/changes", one) for one in credentials]
        streamed, delays = measured.cost(hold_streams, opened)
        memory = streams.megabytes()
    p50, p99 = (1e3 * delays[int(share * len(delays))] for share in (0.5, PERCENTILE))
    return [
        Bar(f"commit → screen p99, {options.streams:,} streams", p99, FAST_MS, "ms", at_most=True,
            notes=f"p50 {p50:.0f}, longest {1e3 * delays[-1]:.0f} ms, {len(delays)} changes"),
        Bar("processor time of streams / of polling", streamed / polled, 1, "×", at_most=True,
            notes=f"{streamed:.1f} s and {polled:.1f} s in {options.stream_seconds:.0f} s"),
        Bar("memory of their process (PSS)", memory, 150, "MB", at_most=True),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """The servers under test, the operators by the number of their client, and for how long."""

    port: int
    servers: Sequence[Server]
    operator_ids: Sequence[int]
    seconds: float

    def cost(self, kind: Kind, requests: Sequence[bytes]) -> tuple[float, Sequence[float]]:
        """The processor seconds of the servers while there are such clients and changes, and the
        seconds from each commit to its client, the shortest first.
        """
        until = time.monotonic() + SETTLE_SECONDS + self.seconds + TELL_SECONDS
        with one_process() as process:
            clients = kind(process, Clients(self.port, requests, until))
            time.sleep(SETTLE_SECONDS)
            before = self._processor_seconds()
            committed = self._change(time.monotonic() + self.seconds)
            spent = self._processor_seconds() - before
            heard = clients.result()
        with transaction.atomic():
            Workplace.objects.filter(operator__in=self.operator_ids).delete()
            changes.refresh(*self.operator_ids)
        return spent, sorted(_delays(committed, heard))

    def _processor_seconds(self) -> float:
        return sum(server.processor_seconds() for server in self.servers)

    def _change(self, end: float) -> list[float]:
        """Change one operator after the other; the moments of the commits by client."""
        committed: list[float] = []
        for number, operator_id in enumerate(self.operator_ids):
            if time.monotonic() > end:
                break
            # as what the operator does is told, and as what happens to them is
            tell = changes.invalidate if number % 2 else changes.refresh
            with transaction.atomic():
                Workplace.objects.create(operator_id=operator_id, rework_list_changed=True)
                transaction.on_commit(lambda: committed.append(time.monotonic()))
                tell(operator_id)
            time.sleep(1 / CHANGES_A_SECOND)
        return committed


def _delays(committed: Sequence[float], heard: Sequence[Heard]) -> list[float]:
    """Raises RuntimeError when a client was never told."""
    first: dict[int, float] = {}
    for one in heard:
        if CHANGED in one.text:
            first[one.client] = min(one.at, first.get(one.client, one.at))
    missing = set(range(len(committed))) - first.keys()
    if missing:
        raise RuntimeError(f"{len(missing)} of {len(committed)} changes were never told")
    return [first[client] - at for client, at in enumerate(committed)]
