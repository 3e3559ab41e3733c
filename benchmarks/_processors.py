"""Which program of the running system used how much of the processors."""

import os
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
OWN = "load generator"


class ProcessorTime:
    """The processor time that the programs of the system in ``folder`` use from now on."""

    def __init__(self, folder: Path) -> None:
        self._ours = f"VAR_DIR={folder}\0".encode()
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
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has ended
                if self._ours in (process / "environ").read_bytes():
                    used[_program(process)] += _ticks(process)
        used[OWN] = int(time.process_time() * TICKS_A_SECOND)
        return {name: ticks / TICKS_A_SECOND for name, ticks in used.items()}


def _ticks(process: Path) -> int:
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _program(process: Path) -> str:
    """The name of the process; of Python's, the module that was started, and its port."""
    name = (process / "comm").read_text().strip()
    words = (process / "cmdline").read_text().split("\0")
    if not name.startswith(("python", "granian")) or "-m" not in words:
        return name
    port = words[words.index("--port") + 1] if "--port" in words else ""
    return f"{words[words.index('-m') + 1]} {port}".rstrip()
