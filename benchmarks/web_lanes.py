"""How long a question of the workplace takes while something else is at its worst.

Each figure is a ratio to an idle system in the same run.
"""

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

from benchmarks.bars import Bar
from testing.whole_system import OperatorClient, RunningSystem, half_sent_posts, standing_still

SECONDS = 8
LOG_INS = 24
STORM = 300  # operators at the beginning of a shift
PERCENTILE = 0.99
PSS = re.compile(r"^Pss: +(\d+) kB", re.MULTILINE)
# one client asks at a pace that leaves the two cores free for what is measured
PAUSE_SECONDS = 0.02


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--log-ins", type=int, default=STORM, help="log-ins of the storm")


def measure(options: argparse.Namespace) -> Sequence[Bar]:
    """Starts what ``make run`` starts, in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        system = RunningSystem(Path(name))
        try:
            system.wait_until_ready()
            system.stop_calling()
            return _bars(system, options.log_ins)
        finally:
            system.stop()


def _bars(system: RunningSystem, storm: int) -> Sequence[Bar]:
    operator = OperatorClient(system, "operator1")
    _latencies(operator, _for(SECONDS / 2))  # warm
    idle = _latencies(operator, _for(SECONDS))
    memory = _memory(system)
    log_ins, _ = _beside_log_ins(system, operator, LOG_INS)
    crowd, crowd_seconds = _beside_log_ins(system, operator, storm)
    memory = max(memory, _memory(system))
    clients = half_sent_posts(system, 2)
    half_sent = _latencies(operator, _for(SECONDS))
    for client in clients:
        client.close()
    with standing_still(system.back_office_pids()):
        back_office = _latencies(operator, _for(SECONDS))
    with standing_still(system.redis_pids()):
        hung = _latencies(operator, _for(SECONDS))
    base = _p99(idle)
    notes = f"idle p99 {base * 1_000:.1f} ms"
    return [
        _ratio("hasChanges p99 beside two half-sent POSTs", half_sent, base, 3, notes),
        _ratio("hasChanges p99 beside 24 log-ins", log_ins, base, 25),
        _ratio(f"hasChanges p99 beside {storm} log-ins", crowd, base, 25,
               f"all in {crowd_seconds:.1f} s"),
        _ratio("hasChanges p99 with the back office hung", back_office, base, 3),
        Bar("time-outs of Redis per second while it hangs",
            sum(seconds > 0.9 for seconds in hung) / SECONDS, 0.5, "/s", at_most=True,
            notes=f"median {_median(hung) / _median(idle):.1f} × idle, longest {max(hung):.2f} s"),
        Bar("memory of make run (PSS)", memory, 2_048, "MB", at_most=True),
    ]  # fmt: skip


def _ratio(name: str, taken: list[float], base: float, bar: float, notes: str = "") -> Bar:
    figures = f"p50 {_median(taken) * 1_000:.1f} p99 {_p99(taken) * 1_000:.1f} ms"
    return Bar(
        name, _p99(taken) / base, bar, "×", at_most=True, notes=f"{figures} {notes}".rstrip()
    )


def _beside_log_ins(
    system: RunningSystem, operator: OperatorClient, number: int
) -> tuple[list[float], float]:
    """The latencies until all have logged in, and how many seconds that took."""
    started = time.monotonic()
    with ThreadPoolExecutor(number) as crowd:
        log_ins = [crowd.submit(OperatorClient, system, "operator2") for _ in range(number)]
        taken = _latencies(operator, lambda: not wait(log_ins, timeout=0).not_done)
    for log_in in log_ins:
        log_in.result()
    return taken, time.monotonic() - started


def _latencies(operator: OperatorClient, is_over: Callable[[], bool]) -> list[float]:
    taken = []
    while not is_over():
        started = time.perf_counter()
        operator.get("hasChanges")
        taken.append(time.perf_counter() - started)
        time.sleep(PAUSE_SECONDS)
    return taken


def _for(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _median(taken: list[float]) -> float:
    return sorted(taken)[len(taken) // 2]


def _p99(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * PERCENTILE)]


def _memory(system: RunningSystem) -> float:
    """Megabytes of all processes of the system; shared pages are divided among those that share.

    The same by hand: ``awk '/^Pss:/ {sum += $2} END {print sum / 1024}' /proc/PID/smaps_rollup``
    for each process.
    """
    ours = f"VAR_DIR={system.folder}".encode()
    kilobytes = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            if ours in (process / "environ").read_bytes():
                found = PSS.search((process / "smaps_rollup").read_text())
                kilobytes += int(found[1]) if found else 0
    return kilobytes / 1024
