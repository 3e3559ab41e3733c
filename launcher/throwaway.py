"""PostgreSQL and Valkey for one command, started before it and removed after it."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from launcher import environment
from launcher.environment import Servers
from launcher.failures import LauncherError
from launcher.places import ROOT, VAR
from launcher.ports import find_free
from launcher.postgres import THROWAWAY, Postgres
from launcher.processes import Child, Program, die_with_parent
from launcher.valkey import Valkey
from launcher.waiting import Patience

READY_SECONDS = 30.0
TEST_FOLDERS = VAR / "test"


def run(command: Sequence[str]) -> int:
    """Run the command against servers of its own; returns its exit code."""
    with _folder() as folder, contextlib.ExitStack() as running:
        variables = environment.throwaway(_servers(folder, running), folder)
        return _run(command, environment.for_children(variables))


def _servers(folder: Path, running: contextlib.ExitStack) -> Servers:
    """The servers in DATABASE_URL and REDIS_URL, or new ones that end with the stack."""
    return Servers(
        database_url=os.environ.get("DATABASE_URL") or _start_postgres(folder, running),
        redis_url=os.environ.get("REDIS_URL") or _start_valkey(folder, running),
    )


def _start_postgres(folder: Path, running: contextlib.ExitStack) -> str:
    server = Postgres(folder / "postgres", find_free(), folder / "postgres.log", THROWAWAY)
    running.callback(server.remove)
    _start(server.program(), running)
    return server.url


def _start_valkey(folder: Path, running: contextlib.ExitStack) -> str:
    server = Valkey(folder / "redis", find_free(), folder / "redis.log", is_durable=False)
    _start(server.program(), running)
    return server.url


def _start(program: Program, running: contextlib.ExitStack) -> None:
    child = Child(program)
    running.callback(child.end)
    is_settled = Patience().until(lambda: child.is_ready() or child.has_ended(), READY_SECONDS)
    if not is_settled or child.has_ended():
        raise LauncherError(f"{program.name} did not start:\n{child.output()}")


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder for this run, locked while it is in use."""
    _remove_abandoned()
    folder = TEST_FOLDERS / str(os.getpid())
    draft = folder.with_name(f"draft-{os.getpid()}")
    draft.mkdir(parents=True, exist_ok=True)
    with (draft / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        draft.rename(folder)  # it is locked when it appears, so that no other run removes it
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned() -> None:
    """Remove the folders of runs that were killed: nobody holds their lock."""
    for lock_file in TEST_FOLDERS.glob("[0-9]*/lock"):
        with contextlib.suppress(BlockingIOError, FileNotFoundError), lock_file.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            abandoned = Postgres(lock_file.parent / "postgres", 0, lock_file)
            if abandoned.home.exists():
                abandoned.clear_leftovers()
                abandoned.remove()
            shutil.rmtree(lock_file.parent, ignore_errors=True)


def _run(command: Sequence[str], variables: dict[str, str]) -> int:
    """Run the command. The terminal sends it Ctrl-C; other stop signals are passed on to it."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=variables, preexec_fn=die_with_parent(signal.SIGTERM)
    )

    def pass_on(_number: int, _frame: FrameType | None) -> None:
        process.terminate()

    signal.signal(signal.SIGINT, lambda _number, _frame: None)
    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGHUP, pass_on)
    return process.wait()
