"""`python -m telemarketing.workers`: the workers of all lanes, and beat, as forks of one process.

The application is loaded once, and the forks share its memory: eight workers that load it
themselves take twice as much. Each fork is an ordinary Celery worker with a log of its own. One
that ends is started again; when this process ends, all do. In containers each lane is a container.
"""

import ctypes
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from django.db import connections

from telemarketing.celery import app
from telemarketing.lanes import LANES, WorkerLane
from telemarketing.start import refuse_weak_settings

logger = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0  # a fork that ran for so long starts again with the first pause
# of the lanes that give way: on a busy machine they get a third of what the quick ones get
NICENESS = 5
USAGE = "usage: python -m telemarketing.workers LOG_FOLDER BEAT_SCHEDULE"

# loaded here: between fork and start nothing should be imported
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Fork:
    """One worker, or beat: what it runs, and its present process."""

    name: str
    work: Callable[[], object]
    log: Path
    pid: int = 0
    started_at: float = 0.0
    pause: float = 0.0

    def start(self) -> None:
        self.started_at = time.monotonic()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            self._be_the_child(parent)

    def next_pause(self) -> float:
        was_steady = time.monotonic() - self.started_at > STEADY_SECONDS
        longer = FIRST_PAUSE_SECONDS if was_steady else self.pause * 2 or FIRST_PAUSE_SECONDS
        self.pause = min(longer, LONGEST_PAUSE_SECONDS)
        return self.pause

    def _be_the_child(self, parent: int) -> NoReturn:
        code = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            _name_process(self.name)
            _die_with(parent)
            self._write_to_log()
            self.work()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except Exception:  # the outermost entry point of the fork
            logger.exception("%s failed", self.name)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)  # the parent's handlers and buffers are not ours

    def _write_to_log(self) -> None:
        log = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        for stream in (1, 2):
            os.dup2(log, stream)


class Nursery:
    """Starts the forks, and starts again each one that ends, until SIGTERM or SIGINT."""

    def __init__(self, forks: list[Fork]) -> None:
        self._forks = forks
        self._is_stopping = False
        self._due: dict[str, float] = {}

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for fork in self._forks:
            fork.start()
        while not self._is_stopping:
            self._collect()
            self._start_due()
            time.sleep(0.2)
        self._end_all()

    def _collect(self) -> None:
        for fork in self._forks:
            if fork.pid and os.waitpid(fork.pid, os.WNOHANG) != (0, 0):
                fork.pid = 0
                pause = fork.next_pause()
                self._due[fork.name] = time.monotonic() + pause
                print(f"{fork.name}: ended, starting again in {pause:.0f} s", flush=True)  # noqa: T201

    def _start_due(self) -> None:
        for fork in self._forks:
            if time.monotonic() >= self._due.get(fork.name, float("inf")):
                del self._due[fork.name]
                fork.start()
                print(f"{fork.name}: started again (pid {fork.pid})", flush=True)  # noqa: T201

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _end_all(self) -> None:
        """Celery ends warmly at SIGTERM; whoever waits for us kills what takes too long."""
        alive = [fork for fork in self._forks if fork.pid]
        for fork in alive:
            os.kill(fork.pid, signal.SIGTERM)
        for fork in alive:
            os.waitpid(fork.pid, 0)


def main(arguments: list[str]) -> None:
    if len(arguments) != 2:
        raise SystemExit(USAGE)
    logs, schedule = Path(arguments[0]), arguments[1]
    app.loader.import_default_modules()  # Django, its checks, all tasks
    refuse_weak_settings()
    connections.close_all()  # the checks may have asked; a connection cannot be shared
    gc.collect()
    gc.freeze()  # a collection in a fork would write to, and so copy, what is shared
    forks = [Fork(lane.queue, _worker(lane), logs / f"worker-{lane.queue}.log") for lane in LANES]
    forks.append(Fork("beat", _beat(schedule), logs / "beat.log"))
    Nursery(forks).run()


def _worker(lane: WorkerLane) -> Callable[[], object]:
    def work() -> None:
        os.nice(NICENESS if lane.gives_way else 0)
        app.worker_main(["worker", *lane.options])

    return work


def _beat(schedule: str) -> Callable[[], object]:
    arguments = ["beat", "--loglevel", "INFO", "--schedule", schedule, "--pidfile="]
    return lambda: app.start(arguments)


def _name_process(name: str) -> None:
    """What `top` and `ps -o comm` show, for the children of this process too."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_NAME, name.encode(), 0, 0, 0)


def _die_with(parent: int) -> None:
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:  # it ended before the request
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
