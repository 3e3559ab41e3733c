"""Readiness checks: web page, workers, beat."""

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from launcher.places import PYTHON, ROOT
from launcher.ports import LOOPBACK
from launcher.processes import Child

PROBE_SECONDS = 3.0
PING_SECONDS = 20.0  # on a machine busy with starting, loading the application takes most of it
BEAT_SECONDS = 2.0  # with a wrong schedule or broker it ends within the first second
SERVER_ERROR = 500


def answers(port: int, path: str, accept: range = range(200, 201)) -> bool:
    """True if GET on the port answers with an accepted status; no proxy is used."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status in accept
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def page(port: int) -> bool:
    """True if HTTP is served there; a redirect counts."""
    return answers(port, "/", accept=range(200, SERVER_ERROR))


def workers(
    queues: Sequence[str], logs: Sequence[Path], environment: dict[str, str]
) -> Callable[[Child], bool]:
    """True if the worker of each queue answers a ping over the broker, and beat runs.

    A ping costs a process, so it is sent only when every log says that its fork has started.
    """
    nodes = [f"{queue}@{socket.gethostname()}" for queue in queues]

    def are_ready(child: Child) -> bool:
        age = time.monotonic() - child.started_at
        return (
            age > BEAT_SECONDS
            and all(_has_started(log) for log in logs)
            and _ping(nodes, environment)
        )

    return are_ready


def _has_started(log: Path) -> bool:
    text = log.read_text(errors="replace") if log.exists() else ""
    return " ready." in text or "beat: Starting..." in text


def _ping(nodes: Sequence[str], environment: dict[str, str]) -> bool:
    command = [PYTHON, "-m", "celery", "-A", "telemarketing", "inspect", "ping"]
    try:
        done = subprocess.run(
            [*command, "--destination", ",".join(nodes), "--json"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            timeout=PING_SECONDS,
            check=True,
        )
        return set(nodes) <= set(json.loads(done.stdout))
    except (subprocess.SubprocessError, ValueError):
        return False
