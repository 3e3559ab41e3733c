"""The MightyCall simulator as a process of its own, and its control port."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests

SERVICES = ("blacklist", "casper", "abram", "mightycall", "control")
QUICK = {"speed": 50.0, "wrap_up_sec": 60.0}  # a call of half a minute takes half a second
A_DAY = 24 * 60 * 60.0


class Simulator:
    """What the tests ask of the simulator beside what MightyCall offers."""

    def __init__(self, ports: dict[str, int]) -> None:
        self.url = f"http://127.0.0.1:{ports['mightycall']}"
        self._control = f"http://127.0.0.1:{ports['control']}"
        self._earlier: Counter[str] = Counter()

    def begin(self) -> None:
        """As it starts: real time, quick calls, no faults; earlier tasks do not count."""
        self._earlier = Counter(self.state()["tasks"])
        self.set_pace(**QUICK)

    def end(self) -> None:
        """Nobody is on line and nothing is queued or called any more: a day has passed."""
        self.clear_faults()
        self.set_pace(speed=1_000)
        self.move_clock(A_DAY)
        until(self._is_idle)
        self.move_clock(0)

    def _is_idle(self) -> bool:
        state = self.state()
        live = {"Queued", "Dialing", "InCall"} & set(state["tasks"])
        return not (state["agents"] or live or state["calls_in_progress"])

    def put_faults(self, **faults: Any) -> None:
        self._put("/faults/mightycall", faults)

    def clear_faults(self) -> None:
        requests.delete(f"{self._control}/faults/mightycall", timeout=5).raise_for_status()

    def faults(self) -> dict[str, Any]:
        faults: dict[str, Any] = self._get("/faults/mightycall")
        return faults

    def set_pace(self, **pace: float) -> None:
        self._put("/speed", pace)

    def move_clock(self, seconds: float) -> None:
        self._put("/clock", {"offset_sec": seconds})

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._get("/state")["mightycall"]
        return state

    def agents(self) -> dict[str, dict[str, Any]]:
        return {agent["extension"]: agent for agent in self.state()["agents"]}

    def tasks(self) -> dict[str, int]:
        """How many of this test's tasks are in which state."""
        return dict(Counter(self.state()["tasks"]) - self._earlier)

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


def until(is_so: Callable[[], Any], seconds: float = 30.0) -> Any:
    """What ``is_so`` returns once it is true; fails when it is not in time."""
    give_up_at = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < give_up_at, "it did not happen in time"
        time.sleep(0.02)
    return found
