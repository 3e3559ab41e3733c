"""The MightyCall simulator as a process of its own, and its control port."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests

SERVICES = ("blacklist", "casper", "abram", "mightycall", "control")
QUICK = {"speed": 50.0}  # a call of half a minute takes half a second


class Simulator:
    """What the tests ask of the simulator beside what MightyCall offers."""

    def __init__(self, ports: dict[str, int]) -> None:
        self.url = f"http://127.0.0.1:{ports['mightycall']}"
        self._control = f"http://127.0.0.1:{ports['control']}"

    def put_faults(self, **faults: Any) -> None:
        self._put("/faults/mightycall", faults)

    def clear_faults(self) -> None:
        requests.delete(f"{self._control}/faults/mightycall", timeout=5).raise_for_status()

    def set_pace(self, **pace: float) -> None:
        self._put("/speed", pace)

    def move_clock(self, seconds: float) -> None:
        self._put("/clock", {"offset_sec": seconds})

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._get("/state")["mightycall"]
        return state

    def agents(self) -> dict[str, dict[str, Any]]:
        return {agent["extension"]: agent for agent in self.state()["agents"]}

    def calls(self) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = self._get("/mightycall/calls?limit=10000")["calls"]
        return calls

    def task_count(self) -> int:
        return sum(self.state()["tasks"].values())

    def _get(self, path: str) -> Any:
        return requests.get(f"{self._control}{path}", timeout=5).json()

    def _put(self, path: str, body: dict[str, Any]) -> None:
        requests.put(f"{self._control}{path}", json=body, timeout=5).raise_for_status()


@contextmanager
def running_simulator(api_key: str) -> Iterator[Simulator]:
    ports = [f"--{name}-port=0" for name in SERVICES]
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "simulators", *ports],
        stdout=subprocess.PIPE,
        env={**os.environ, "MIGHTYCALL_API_KEY": api_key},
        text=True,
    )
    assert process.stdout is not None
    try:
        yield Simulator(json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def until(is_so: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What ``is_so`` returns once it is true; fails when it is not in time."""
    give_up_at = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < give_up_at, "it did not happen in time"
        time.sleep(0.02)
    return found
