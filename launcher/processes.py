"""Start a program so that it does not outlive the launcher, and end it with all it started."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from launcher import secret_files

PR_SET_PDEATHSIG = 1
OWNER_ONLY = 0o077  # what programs write has personal data in it
KILL_SECONDS = 5.0  # after SIGKILL only a process that hangs in the kernel takes longer

# loaded here: between fork and exec nothing may be imported
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """A system user that a program runs as, where it may not run as root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Program:
    """Everything needed to start one long-running process, and to start it again."""

    name: str
    argv: tuple[str, ...]
    log: Path
    is_ready: "Callable[[Child], bool]"
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: Path = Path("/")
    account: Account | None = None
    stdin: bytes = b""
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10.0
    before_start: Callable[[], None] = lambda: None


class Child:
    """A running program, in a session of its own so that its whole group can be ended."""

    def __init__(self, program: Program) -> None:
        program.before_start()
        self.program = program
        self.log_offset = _size(program.log)
        self.started_at = time.monotonic()
        self.process = _spawn(program)
        self._is_collected = False

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_ready(self) -> bool:
        return self.program.is_ready(self)

    def has_ended(self) -> bool:
        """True if it has ended; processes that it left in its group are killed at once."""
        if not self._is_collected and self.process.poll() is not None:
            # once only: later the number may be that of another program's group
            self._is_collected = True
            _signal_group(self.pid, signal.SIGKILL)
        return self._is_collected

    def ask_to_end(self) -> None:
        """Send the stop signal; does nothing when it has ended."""
        if not self.has_ended():
            self.process.send_signal(self.program.stop_signal)

    def end(self) -> None:
        """Return when neither it nor its group runs any more.

        They get the stop signal, and SIGKILL after the grace time.
        """
        self.ask_to_end()
        self._wait(self.program.grace_seconds)
        if not self.has_ended():
            _signal_group(self.pid, signal.SIGKILL)
            self._wait(KILL_SECONDS)
            self.has_ended()

    def output(self) -> str:
        """What it has logged since it was started."""
        with self.program.log.open("rb") as log:
            log.seek(self.log_offset)
            return log.read().decode(errors="replace")

    def _wait(self, seconds: float) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends the signal when the launcher ends, even by SIGKILL."""
    return partial(_request_death_signal, death_signal, os.getpid())


def _request_death_signal(death_signal: signal.Signals, parent: int) -> None:
    if _LIBC is None:
        return
    _LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent:  # it ended before the request
        os._exit(1)


def _spawn(program: Program) -> subprocess.Popen[bytes]:
    program.log.parent.mkdir(parents=True, exist_ok=True)
    account = program.account
    with secret_files.open_log(program.log) as log:
        process = subprocess.Popen(
            program.argv,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=program.folder,
            env=program.environment,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            umask=OWNER_ONLY,
            start_new_session=True,
            preexec_fn=die_with_parent(program.stop_signal),
        )
    _feed(process, program.stdin)
    return process


def _feed(process: subprocess.Popen[bytes], text: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - it was started with a pipe
    with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(text)


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
