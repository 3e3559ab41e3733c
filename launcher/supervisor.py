"""Starts programs, keeps them running, and ends them stage by stage."""

import time
from collections.abc import Sequence
from typing import NoReturn

from launcher import leftovers
from launcher.failures import LauncherError
from launcher.processes import Child, Program
from launcher.terminal import say
from launcher.waiting import Patience

LOG_LINES = 25
WATCH_SECONDS = 0.5
RECORD_SECONDS = 5.0  # how often the record is renewed: web workers come and go
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0  # after running so long a program starts again with the first pause


class Supervisor:
    """The processes of one launcher."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._stages: list[list[Child]] = []
        self._pauses: dict[str, float] = {}
        self._restart_at: dict[str, float] = {}
        self._recorded_at = 0.0

    @property
    def children(self) -> list[Child]:
        return [child for stage in self._stages for child in stage]

    def start(self, stages: Sequence[Sequence[Program]], seconds: float) -> None:
        """Start all at once and return when all are ready; `stop` ends the stages in reverse order.

        Raises LauncherError when one ends or is not ready in time.
        """
        waiting: list[Child] = []
        for programs in stages:
            self._stages.append([])
            waiting += [self._launch(program, self._stages[-1]) for program in programs]

        def all_ready() -> bool:
            waiting[:] = [child for child in waiting if not _is_ready(child)]
            return not waiting

        if not self._patience.until(all_ready, seconds):
            _give_up(waiting[0], f"is not ready after {seconds:.0f} s")
        self._record()

    def run_to_end(self, program: Program, seconds: float) -> None:
        """Run a program that ends by itself. Raises LauncherError when it fails or takes longer."""
        child = Child(program)
        try:
            if not self._patience.until(child.has_ended, seconds):
                _give_up(child, f"has not finished in {seconds:.0f} s")
        finally:
            child.end()
        if child.process.returncode != 0:
            _give_up(child, f"failed with exit code {child.process.returncode}")

    def watch(self) -> None:
        """Restart whatever ends, until a stop is requested."""
        while True:
            self.look_once()
            self._patience.sleep(WATCH_SECONDS)

    def look_once(self) -> None:
        for stage in self._stages:
            for place, child in enumerate(stage):
                if child.has_ended():
                    stage[place] = self._revive(child)
        if time.monotonic() - self._recorded_at > RECORD_SECONDS:
            self._record()

    def stop(self) -> None:
        """End everything, the last stage first. A repeated call goes on where the first one
        stopped.
        """
        while self._stages:
            stage = self._stages[-1]
            for child in stage:
                child.ask_to_end()
            for child in stage:
                child.end()
            self._stages.pop()
        leftovers.forget()

    def _launch(self, program: Program, stage: list[Child]) -> Child:
        child = Child(program)
        stage.append(child)
        self._record()
        return child

    def _revive(self, child: Child) -> Child:
        """The ended child until its pause is over, then a new one."""
        name, now = child.name, time.monotonic()
        if name not in self._restart_at:
            pause = self._next_pause(child)
            self._restart_at[name] = now + pause
            _say_ended(child, pause)
        if now < self._restart_at[name]:
            return child
        del self._restart_at[name]
        successor = Child(child.program)
        say(f"{name}: started again (pid {successor.pid})")
        self._recorded_at = 0.0
        return successor

    def _next_pause(self, child: Child) -> float:
        has_proved_itself = time.monotonic() - child.started_at > STEADY_SECONDS
        last = 0.0 if has_proved_itself else self._pauses.get(child.name, 0.0)
        pause = min(last * 2 or FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        self._pauses[child.name] = pause
        return pause

    def _record(self) -> None:
        leftovers.record(self.children)
        self._recorded_at = time.monotonic()


def _is_ready(child: Child) -> bool:
    if child.has_ended():
        _give_up(child, f"ended while starting, exit code {child.process.returncode}")
    return child.is_ready()


def _give_up(child: Child, what: str) -> NoReturn:
    tail = "\n".join(f"    {line}" for line in child.output().splitlines()[-LOG_LINES:])
    log = child.program.log
    raise LauncherError(f"{child.name} {what}. The end of {log}:\n{tail or '    (empty)'}")


def _say_ended(child: Child, pause: float) -> None:
    code = child.process.returncode
    cause = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
    say(f"{child.name}: ended ({cause}), starting again in {pause:.0f} s; see {child.program.log}")
