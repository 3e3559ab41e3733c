"""How to tell that a program is ready to work."""

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
BEAT_SECONDS = 2.0  # a wrong schedule or broker ends it within the first second
SERVER_ERROR = 500


def answers(port: int, path: str, accept: range = range(200, 201)) -> bool:
    """Whether GET on the port answers with an accepted status; proxies are never asked."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status in accept
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def page(port: int) -> bool:
    """Whether something serves HTTP there, be it a redirect."""
    return answers(port, "/", accept=range(200, SERVER_ERROR))


def worker(node: str, environment: dict[str, str]) -> Callable[[Child], bool]:
    """Ready when it answers a ping over the broker; asked only once its log says so too."""
    return lambda child: " ready." in child.output() and _pings(node, environment)


def beat(child: Child) -> bool:
    """Beat answers nobody: ready when it has said so and has not ended since."""
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
