"""Which program of the running system used how much of the processors."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
OWN = "load generator"
# fields of /proc/PID/stat after the name and the state
PARENT = 0
# in user and system mode, of the process and of its children that have ended
TIMES = slice(10, 14)


class ProcessorTime:
    """The processor time that the process ``root`` and all below it use from now on: every program
    of the system, PostgreSQL and Redis among them.
    """

    def __init__(self, root: int) -> None:
        self._root = root
        self._began = time.monotonic()
        self._before = self._used()

    def shares(self) -> list[tuple[str, float]]:
        """Programs with the share of one processor that each has used, the most first."""
        seconds = time.monotonic() - self._began
        shares = {
            name: (used - self._before.get(name, 0.0)) / seconds
            for name, used in self._used().items()
        }
        return sorted(shares.items(), key=lambda pair: -pair[1])

    def _used(self) -> dict[str, float]:
        used: Counter[str] = Counter()
        for pid, ticks in _below(self._root):
            with suppress(OSError):  # it has ended
                used[_program(Path(f"/proc/{pid}"))] += ticks
        used[OWN] = int(time.process_time() * TICKS_A_SECOND)
        return {name: ticks / TICKS_A_SECOND for name, ticks in used.items()}


def _below(root: int) -> Iterator[tuple[int, int]]:
    """The process ``root`` and all below it, with the ticks of each."""
    fields = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            stat = (process / "stat").read_text()
            fields[int(process.name)] = [int(one) for one in stat.rpartition(")")[2].split()[1:]]
    found = {root}
    while more := {pid for pid, each in fields.items() if each[PARENT] in found} - found:
        found |= more
    for pid in found & fields.keys():
        yield pid, sum(fields[pid][TIMES])


def _program(process: Path) -> str:
    """The name of the process; of Python's, the module that was started, and its port."""
    name = (process / "comm").read_text().strip()
    words = (process / "cmdline").read_text().split("\0")
    if not name.startswith(("python", "granian")) or "-m" not in words:
        return name
    port = words[words.index("--port") + 1] if "--port" in words else ""
    return f"{words[words.index('-m') + 1]} {port}".rstrip()
