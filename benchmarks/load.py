"""Many operators at work at once against what ``make run`` starts, while files arrive and the
outside services are slow, one of them lying.

The operators come one after another within the start of the shift. Each logs in, polls
``hasChanges`` each second, fetches the card of each call and saves a result once the call has
ended. Everything is on this machine and stops by itself. At the end the promises of
``testing.invariants`` must hold, and telephony's own list has no client in two calls.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from apps.ingest.services import write_sample
from apps.security.hashing import OneAtATimeArgon2Hasher
from benchmarks._operator import PASSWORD, Operator, Outcome
from benchmarks._processors import ProcessorTime
from benchmarks.bars import Bar
from common.clock import now
from testing.invariants import AT_ONCE, broken, broken_after_a_while, clients_in_two_calls
from testing.waiting import until
from testing.whole_system import RunningSystem

POLL_SECONDS = 1.0
TIMEOUT = aiohttp.ClientTimeout(total=30)
WATCH_SECONDS = 10.0  # between two looks at the promises while the load goes on
FILE_EVERY_SECONDS = 15.0
ROWS_OF_A_FILE = 500
FAULTS: Mapping[str, Mapping[str, float]] = {
    "blacklist": {"latency_ms": 300, "latency_jitter_ms": 200},
    "casper": {"latency_ms": 500, "latency_jitter_ms": 300},
    "abram": {"latency_ms": 200, "malformed": 0.2},
    "mightycall": {"doubled_events": 0.05, "reordered_events": 0.05},
}
FAST = 0.2  # seconds: what ``hasChanges`` may take at worst, once all are in
SETTLE_SECONDS = 60.0  # in which the sweeps do what is left to do
MAKE_OPERATORS = """
INSERT INTO "tm$operators" (login, password, first_name, last_name)
SELECT 'load' || number, %s, 'Оператор', number::text FROM generate_series(1, %s) AS number
RETURNING id, login
"""
MAKE_ACCOUNTS = """
INSERT INTO "tm$mightycall_operators" (login, password, operator_id)
SELECT '7' || lpad(id::text, 6, '0'), 'unused', id FROM unnest(%s::bigint[]) AS id
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many operators work for how long, and how much there is to do for them."""

    operators: int
    seconds: float
    first_rows: int  # applications that are there when they come
    call_speed: float = 1.0  # 1: as long as in life
    start_seconds: float = 0.0  # in which all come, evenly; 0: all at once


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--operators", type=int, default=300, help="bar: 300")
    parser.add_argument("--seconds", type=float, default=120, help="bar: 120")
    parser.add_argument("--start-seconds", type=float, default=300, help="in which all log in")
    parser.add_argument("--plot", type=Path, help="where the distribution is written, as SVG")


def measure(options: argparse.Namespace) -> Sequence[Bar]:
    """Starts the system in a folder of its own; the database of this process is not used."""
    plan = Plan(
        options.operators,
        options.seconds,
        first_rows=20 * options.operators,
        start_seconds=options.start_seconds,
    )
    with tempfile.TemporaryDirectory() as name, running_system(Path(name)) as system:
        outcome = put_load_on(system, plan)
    print(outcome.table(), flush=True)
    latencies = outcome.latencies
    if options.plot:
        title = f"{plan.operators} operators, all in after {plan.start_seconds:.0f} s"
        latencies.plot(options.plot, title, {"bar of hasChanges, p99": FAST})
    broken_promises = {**outcome.broken_meanwhile, **outcome.broken}
    for promise, rows in broken_promises.items():
        print(f"  BROKEN {promise}: {rows[:3]}", flush=True)
    p50, p99 = (1e3 * latencies.percentile("hasChanges", share) for share in (0.5, 0.99))
    return [
        Bar(f"hasChanges p99, {plan.operators} operators", p99, 1e3 * FAST, "ms", at_most=True,
            notes=f"p50 {p50:.0f} ms"),
        Bar("promises broken at any moment", len(broken_promises), 0, "", at_most=True),
        Bar("clients in two calls", len(outcome.clients_in_two_calls), 0, "", at_most=True),
        Bar("results saved", outcome.saved, 1, ""),
    ]  # fmt: skip


@contextmanager
def running_system(folder: Path) -> Iterator[RunningSystem]:
    """What ``make run`` starts, until the end of the block."""
    system = RunningSystem(folder)
    try:
        system.wait_until_ready()
        yield system
    finally:
        system.stop()


def put_load_on(system: RunningSystem, plan: Plan) -> Outcome:
    """Let the operators work and return what was measured, and which promises are broken."""
    system.control("/speed", {"speed": plan.call_speed})
    logins = _make_operators(system, plan.operators)
    _put_file(system, "first.csv", plan.first_rows, seed=1)
    until(lambda: _tasks(system) > 0, "there are clients to be called", 120)
    for service, faults in FAULTS.items():
        system.control(f"/faults/{service}", dict(faults))
    outcome = asyncio.run(_Shift(system, plan, logins).work())
    for service in FAULTS:
        system.control(f"/faults/{service}", {})
    outcome.broken = broken_after_a_while(system.query, SETTLE_SECONDS)
    outcome.clients_in_two_calls = clients_in_two_calls(system.calls_of_telephony())
    return outcome


def _make_operators(system: RunningSystem, count: int) -> list[str]:
    """Operators with accounts in telephony, who all have the same password: one hash is enough."""
    # as the system hashes: a hash of other parameters would be made anew at the log-in
    hasher = OneAtATimeArgon2Hasher()
    hashed = hasher.encode(PASSWORD, hasher.salt())
    made = system.query(MAKE_OPERATORS, hashed, count)
    system.query(MAKE_ACCOUNTS, [operator_id for operator_id, _ in made])
    return [login for _, login in made]


def _tasks(system: RunningSystem) -> int:
    return system.count('SELECT count(*) FROM "tm$campaign_tasks"')


def _put_file(system: RunningSystem, name: str, rows: int, seed: int) -> None:
    made = system.folder / name
    with made.open("w", encoding="utf-8", newline="") as out:
        write_sample(out, rows, seed, 0)
    system.put_file(made, name)
    made.unlink()


class _Shift:
    """The operators of one system, from their log-in to their log-out."""

    def __init__(self, system: RunningSystem, plan: Plan, logins: Sequence[str]) -> None:
        self._system = system
        self._plan = plan
        self._logins = logins
        self._outcome = Outcome()
        self._all_are_in = asyncio.Event()
        self._inside = 0
        self._processors = ProcessorTime(system.process.pid)
        self._ends_at = float("inf")

    async def work(self) -> Outcome:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(
            self._system.site(""), connector=connector, timeout=TIMEOUT
        ) as http:
            beside = [asyncio.create_task(act()) for act in (self._bring_files, self._watch)]
            pause = self._plan.start_seconds / len(self._logins)
            await asyncio.gather(
                *(self._operator(http, login, n * pause) for n, login in enumerate(self._logins))
            )
            self._outcome.processors["all are in"] = self._processors.shares()
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
        return self._outcome

    async def _watch(self) -> None:
        """Look at the promises that hold at every moment, also in the middle of the load."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            found = await asyncio.to_thread(broken, now(), AT_ONCE, self._system.query)
            self._outcome.broken_meanwhile.update(found)

    async def _bring_files(self) -> None:
        await self._all_are_in.wait()
        for number in range(2, 10_000):
            name = f"file{number}.csv"
            await asyncio.to_thread(_put_file, self._system, name, ROWS_OF_A_FILE, number)
            await asyncio.sleep(FILE_EVERY_SECONDS)

    async def _operator(self, http: aiohttp.ClientSession, login: str, comes_after: float) -> None:
        operator = Operator(http, self._outcome, random.Random(login))
        await asyncio.sleep(comes_after)
        await operator.log_in(login)
        self._inside += 1
        if self._inside == len(self._logins):
            self._ends_at = time.monotonic() + self._plan.seconds
            self._outcome.processors["while they log in"] = self._processors.shares()
            self._processors = ProcessorTime(self._system.process.pid)
            self._all_are_in.set()
        while time.monotonic() < self._ends_at:
            began = time.monotonic()
            await operator.look(is_measured=self._all_are_in.is_set())
            await asyncio.sleep(max(0.0, POLL_SECONDS - (time.monotonic() - began)))
        await operator.ask("logout", "GET")
