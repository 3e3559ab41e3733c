"""Facts about processes from /proc, so that a reused pid is never taken for one of ours."""

import contextlib
import os
import subprocess
from pathlib import Path

PROC = Path("/proc")
STATE_FIELD = 0  # fields of /proc/<pid>/stat, counted after the name in brackets
SESSION_FIELD = 3
START_TIME_FIELD = 19


def is_alive(pid: int) -> bool:
    """True if the process runs; a zombie does not run."""
    if PROC.joinpath("self").exists():
        fields = _stat(pid)
        return bool(fields) and fields[STATE_FIELD] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def identity(pid: int) -> str:
    """What no other process with this pid ever has (its start time); empty when it has ended."""
    if not PROC.joinpath("self").exists():
        return _ps(pid, "lstart=")
    fields = _stat(pid)
    boot = PROC.joinpath("sys/kernel/random/boot_id")
    return f"{boot.read_text().strip()} {fields[START_TIME_FIELD]}" if fields else ""


def command_line(pid: int) -> str:
    if not PROC.joinpath("self").exists():
        return _ps(pid, "command=")
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def session_members(session: int) -> list[int]:
    """The pids of a session, its leader first; only the leader where there is no /proc."""
    entries = PROC.iterdir() if PROC.joinpath("self").exists() else iter(())
    pids = [int(entry.name) for entry in entries if entry.name.isdigit()]
    members = [pid for pid in pids if pid != session and _session(pid) == session]
    return [session, *members]


def _session(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[SESSION_FIELD]) if fields else None


def _stat(pid: int) -> list[str]:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        # the name may hold blanks and brackets; the fields start after the last one
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return []


def _ps(pid: int, column: str) -> str:
    done = subprocess.run(
        ["ps", "-o", column, "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
