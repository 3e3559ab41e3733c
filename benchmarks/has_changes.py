"""hasChanges beside the smallest Django view, both served by granian with two processes, in turns.

The bar is a ratio of requests a second in one run. What a request costs the processes of the server
is printed too: it says more where the load takes a part of the same cores.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks._loader import Load, get, put
from benchmarks._servers import (
    CONSTANT,
    HAS_CHANGES,
    Server,
    cache_kept_warm,
    operators_with_tokens,
    smallest_view,
    web,
)
from benchmarks.bars import Bar
from testing.whole_system import free_port

OPERATORS = 100  # each has an answer of their own in the cache
CONNECTIONS = 32
ROUNDS = 3  # of each, in turns
LEAST = 0.45


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--round-seconds", type=float, default=5, help="of each round of requests")


@dataclass(frozen=True, slots=True)
class Round:
    """Requests a second, and the milliseconds: p50, p99, and processor time of each."""

    per_second: float
    p50: float
    p99: float
    cost: float


def measure(options: argparse.Namespace) -> Sequence[Bar]:
    _, credentials = operators_with_tokens(OPERATORS)
    questions = [get(HAS_CHANGES, one) for one in credentials]
    with (
        smallest_view(free_port()) as smallest,
        web(free_port()) as ours,
        cache_kept_warm(),
    ):
        pairs = [(smallest, [get(CONSTANT)]), (ours, questions)]
        for server, requests in pairs:
            _round(server, requests, 1.0)  # warm
        rounds = [
            [_round(server, requests, options.round_seconds) for server, requests in pairs]
            for _ in range(ROUNDS)
        ]
    least, found = (_median(of_one) for of_one in zip(*rounds, strict=True))
    return [
        Bar("hasChanges / smallest view, requests/s", found.per_second / least.per_second, LEAST,
            "×", notes=_figures(found)),
        Bar("processor time of hasChanges / smallest view", found.cost / least.cost, 1 / LEAST,
            "×", at_most=True, notes=f"smallest: {_figures(least)}"),
    ]  # fmt: skip


def _round(server: Server, requests: Sequence[bytes], seconds: float) -> Round:
    before = server.processor_seconds()
    answered = put(Load(server.port, requests, CONNECTIONS, seconds))
    spent, taken = server.processor_seconds() - before, answered.latencies
    return Round(
        per_second=answered.per_second,
        p50=1e3 * taken[len(taken) // 2],
        p99=1e3 * taken[int(0.99 * len(taken))],
        cost=1e3 * spent / len(taken),
    )


def _median(rounds: Sequence[Round]) -> Round:
    """The round in the middle, by requests a second."""
    return sorted(rounds, key=lambda one: one.per_second)[len(rounds) // 2]


def _figures(one: Round) -> str:
    return (
        f"{one.per_second:,.0f}/s, p50 {one.p50:.1f} p99 {one.p99:.1f} ms,"
        f" {one.cost:.3f} ms of processor each"
    )
