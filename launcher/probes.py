"""Readiness checks: web page, worker, beat."""

import http.client
import json
import subprocess
import time
from collections.abc import Callable

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


def worker(node: str, environment: dict[str, str]) -> Callable[[Child], bool]:
    """True if the worker answers a ping over the broker.

    A ping costs a process, so it is sent only when the log says that the worker is ready.
    """
    return lambda child: " ready." in child.output() and _pings(node, environment)


def beat(child: Child) -> bool:
    """True if beat has logged that it started and still runs; it answers no requests."""
    age = time.monotonic() - child.started_at
    return age > BEAT_SECONDS and "beat: Starting..." in child.output()


def _pings(node: str, environment: dict[str, str]) -> bool:
    command = [PYTHON, "-m", "celery", "-A", "telemarketing", "inspect", "ping"]
    try:
        done = subprocess.run(
            [*command, "--destination", node, "--json"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            timeout=PING_SECONDS,
            check=True,
        )
        return node in json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return False
