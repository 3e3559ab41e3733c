"""Processes that outlived a launcher: recorded while it runs, ended by the next one.

A process is ours only if both its pid and its start time are the recorded ones.
"""

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from launcher import proc
from launcher.places import RUN
from launcher.processes import Child
from launcher.terminal import say

RECORD = RUN / "processes.json"
GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class Trace:
    """What identifies one process later."""

    name: str
    pid: int
    identity: str
    stop_signal: int

    @property
    def is_alive(self) -> bool:
        return proc.is_alive(self.pid) and proc.identity(self.pid) == self.identity

    def send(self, number: int) -> None:
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def record(children: Iterable[Child]) -> None:
    """Record every process of every child; the last record is replaced atomically."""
    traces = [
        Trace(child.name, pid, proc.identity(pid), child.program.stop_signal)
        for child in children
        for pid in proc.session_members(child.pid)
    ]
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    draft = RECORD.with_suffix(".draft")
    draft.write_text(json.dumps([asdict(trace) for trace in traces], indent=1))
    draft.replace(RECORD)


def forget() -> None:
    RECORD.unlink(missing_ok=True)


def end_recorded() -> None:
    """End the processes that an earlier run left.

    They get their stop signal, and SIGKILL after the grace time.
    """
    alive = [trace for trace in _read() if trace.is_alive]
    if alive:
        say(f"ending {len(alive)} processes that an earlier run left behind")
    # servers were started first and end last, so that the others can close their connections
    for trace in reversed(alive):
        trace.send(trace.stop_signal)
    deadline = time.monotonic() + GRACE_SECONDS
    while any(trace.is_alive for trace in alive) and time.monotonic() < deadline:
        time.sleep(0.1)
    for trace in alive:
        trace.send(signal.SIGKILL)
    forget()


def _read() -> list[Trace]:
    try:
        return [Trace(**fields) for fields in json.loads(RECORD.read_text())]
    except (FileNotFoundError, ValueError, TypeError):
        return []  # no earlier run, or a record from another version of this file
