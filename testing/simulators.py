"""The simulators of the outside services, as a real process."""

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings

from simulators.options import DEFAULT_PORTS

Json = dict[str, Any]

ROOT = Path(__file__).parents[1]
SERVICES = tuple(DEFAULT_PORTS)
TIMEOUT_SECONDS = 5.0
SPEED = 100  # a ring lasts 20 ms, a talk 80 to 250 ms, a wrap-up 0.6 s
# nobody is blacklisted by chance, every check is passed, Casper knows everybody
EVERYBODY_PASSES = (
    "--blacklisted-share=0",
    "--checks-passed-share=1",
    "--casper-found-share=1",
    "--casper-other-person-share=0",
)
_numbers = itertools.count(1001)


class Simulators:
    """``python -m simulators`` on free ports, until `stop` or `kill`.

    ``options`` are those of the command line. ``credentials`` are environment variables by name.
    """

    def __init__(self, *options: str, credentials: dict[str, str] | None = None) -> None:
        ports = [f"--{name}-port=0" for name in SERVICES]
        self._process = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "simulators", *ports, f"--speed={SPEED}", *options],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **(credentials or {})},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        # the first line that the process prints names its ports
        self._ports: dict[str, int] = json.loads(self._process.stdout.readline())
        self._http = requests.Session()
        self._http.trust_env = False

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self._ports[service]}"

    def call(self, service: str, method: str, path: str, **more: Any) -> requests.Response:
        """Send a request as a client of the service does."""
        arguments = {"timeout": TIMEOUT_SECONDS, **more}
        return self._http.request(method, self.url(service) + path, **arguments)

    def control(self, method: str, path: str, **more: Any) -> requests.Response:
        """Send a request to the control port."""
        return self.call("control", method, path, **more)

    def put_faults(self, service: str, **faults: Any) -> None:
        """Let the service fail in this way until `clear_faults`."""
        self.control("PUT", f"/faults/{service}", json=faults).raise_for_status()

    def clear_faults(self, *services: str) -> None:
        for service in services:
            self.control("DELETE", f"/faults/{service}").raise_for_status()

    def set_pace(self, **pace: float) -> None:
        """Change how long parts of a call take. The rest of the pace stays as it is."""
        self.control("PUT", "/speed", json=pace).raise_for_status()

    def move_clock(self, seconds: float) -> None:
        """Set the simulators' clock so many seconds ahead of the real time."""
        self.control("PUT", "/clock", json={"offset_sec": seconds}).raise_for_status()

    def state(self) -> Json:
        state: Json = self.control("GET", "/state").json()
        return state

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End the process in an orderly way and return its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        self._process.send_signal(number)
        code = self._process.wait(TIMEOUT_SECONDS)
        self._http.close()
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code


def unique() -> str:
    """Return a number that no other test of this run uses: for phones, extensions and keys."""
    return str(next(_numbers))


@pytest.fixture(scope="session")
def simulators() -> Iterator[Simulators]:
    """One process for all tests of the applications. Everybody passes every check of it."""
    running = Simulators(
        *EVERYBODY_PASSES, credentials={"MIGHTYCALL_API_KEY": settings.MIGHTYCALL_API_KEY}
    )
    yield running
    assert running.stop() == 0


@pytest.fixture
def unused_phone() -> Callable[[], str]:
    """A maker of phones that no other test of this run uses."""
    return lambda: f"7988{int(unique()):07d}"
