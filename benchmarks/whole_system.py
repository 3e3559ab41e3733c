"""The whole system from outside: how soon a new application reaches a free operator, and how
fast the workplace answers while a large file is imported.
"""

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.bars import Bar
from testing.waiting import until
from testing.whole_system import OperatorClient, RunningSystem

ARRIVALS = 5
ROWS_OF_AN_ARRIVAL = 5  # the first that passes the cascade is called
# in the simulator, numbers that end in 00 are answered; PACE makes them answered at once
PHONE = re.compile(r"(?<=;)(7\d{8})\d\d(?=;)")
PACE = {"dial_sec": 0, "ring_sec": 0, "talk_min_sec": 1, "talk_max_sec": 1}
QUESTIONS_A_SECOND = 50
IDLE_SECONDS = 5
PERCENTILE = 0.99


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--system-rows", type=int, default=200_000, help="bar: 2000000")


def measure(options: argparse.Namespace) -> Sequence[Bar]:
    """Starts what ``make run`` starts, in a folder of its own, and uses it over HTTP and files."""
    with tempfile.TemporaryDirectory() as name:
        system = RunningSystem(Path(name))
        try:
            system.wait_until_ready()
            system.control("/speed", PACE)
            seconds = [_arrival(system, number) for number in range(ARRIVALS)]
            idle, busy = _answers(system, options.system_rows)
        finally:
            system.stop()
    return [
        Bar("arrival of a file → card of its call", statistics.median(seconds), 5, "s",
            at_most=True, notes=f"from {min(seconds):.1f} to {max(seconds):.1f} s"),
        Bar(f"hasChanges p99 while {options.system_rows:,} rows are imported", busy, 200, "ms",
            at_most=True, notes=f"{idle:.0f} ms when idle"),
    ]  # fmt: skip


def _arrival(system: RunningSystem, number: int) -> float:
    """Seconds from the moment a file lies in its folder until the operator's card is ready."""
    _end_waiting_tasks(system)
    made = system.folder / f"made-{number}.csv"
    _make(system, made, ROWS_OF_AN_ARRIVAL, seed=9_000 + number)
    made.write_text(PHONE.sub(r"\g<1>00", made.read_text(encoding="utf-8")), encoding="utf-8")
    operator = OperatorClient(system, "operator1")
    operator.post("setStatus", {"status": "READY"})
    until(lambda: _status(operator) == "READY", "the operator is free")
    start = time.monotonic()
    system.put_file(made, made.name)
    until(lambda: operator.has("CLIENT_CARD_READY"), "the card is ready")
    seconds = time.monotonic() - start
    _finish(operator)
    return seconds


def _make(system: RunningSystem, out: Path, rows: int, seed: int) -> None:
    arguments = ("--rows", str(rows), "--seed", str(seed), "--out", str(out))
    system.manage("make_applications", *arguments)


def _end_waiting_tasks(system: RunningSystem) -> None:
    """End the tasks of earlier files, so that only the new one's clients are called.

    Pausing the campaigns brings their tasks back from telephony.
    """
    system.execute('UPDATE "tm$campaigns" SET active = false')
    until(lambda: not _open_tasks(system, "IN_PROGRESS"), "nothing is in telephony")
    system.execute(
        """UPDATE "tm$campaign_tasks" SET task_state = 'DONE', outcome = 'FORBIDDEN'
        WHERE task_state = 'NEW'"""
    )
    system.execute('UPDATE "tm$campaign_tasks" SET redial_at = NULL')
    system.execute('UPDATE "tm$campaigns" SET active = true')


def _open_tasks(system: RunningSystem, state: str) -> int:
    return system.count('SELECT count(*) FROM "tm$campaign_tasks" WHERE task_state = %s', state)


def _status(operator: OperatorClient) -> Any:
    return operator.get("hasChanges")["operatorStatus"]


def _finish(operator: OperatorClient) -> None:
    """Go on a break, so that no other client of the file is called, and save the result."""
    operator.post("setStatus", {"status": "BREAK"})
    card = operator.get("getClientCard")["clientCard"]
    number = card["currentCommunication"]["id"]
    until(lambda: operator.has("CALL_FINISHED"), "the call ends")
    choices = operator.get(f"dictionaries?communicationId={number}")["results"]
    result = next(choice["text"] for choice in choices if choice["meaning"] == "SUCCESS")
    body = {
        "communicationId": number,
        "clientPhone": card["clientInfo"]["phone"],
        "communicationResult": {"result": result},
    }
    operator.post("saveCommunicationResult", body)


def _answers(system: RunningSystem, rows: int) -> tuple[float, float]:
    """p99 of ``hasChanges`` in milliseconds: when nothing happens, and during an import."""
    system.execute('UPDATE "tm$campaigns" SET active = false')
    operator = OperatorClient(system, "operator1")
    made = system.folder / "large.csv"
    _make(system, made, rows, seed=1)
    idle_until = time.monotonic() + IDLE_SECONDS
    idle = _p99(operator, lambda: time.monotonic() > idle_until)
    system.put_file(made, made.name)
    done = system.stream / "success" / made.name
    return idle, _p99(operator, done.exists)


def _p99(operator: OperatorClient, is_over: Any) -> float:
    latencies = []
    while not is_over():
        start = time.perf_counter()
        operator.get("hasChanges")
        latencies.append(time.perf_counter() - start)
        time.sleep(max(0.0, 1 / QUESTIONS_A_SECOND - latencies[-1]))
    return sorted(latencies)[int(len(latencies) * PERCENTILE)] * 1_000
