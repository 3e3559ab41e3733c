"""The simulated MightyCall as the tests of telephony observe and disturb it."""

from collections import Counter
from typing import Any

from testing.simulators import Simulators
from testing.waiting import until

QUICK = {"speed": 50.0, "wrap_up_sec": 60.0}  # a call of half a minute takes half a second
A_DAY = 24 * 60 * 60.0


class SimulatedMightyCall:
    """MightyCall in a running process of the simulators, seen through its control port."""

    def __init__(self, simulators: Simulators) -> None:
        self._simulators = simulators
        self._earlier: Counter[str] = Counter()
        self.url = simulators.url("mightycall")

    def begin(self) -> None:
        """Start a test: calls are quick, and tasks of earlier tests do not count."""
        self._earlier = Counter(self.state()["tasks"])
        self.set_pace(**QUICK)

    def end(self) -> None:
        """End a test: a day passes, after which nobody is on line and nothing is queued."""
        self.clear_faults()
        self.set_pace(speed=1_000)
        self.move_clock(A_DAY)
        until(self._is_idle, "MightyCall is idle")
        self.move_clock(0)

    def _is_idle(self) -> bool:
        state = self.state()
        live = {"Queued", "Dialing", "InCall"} & set(state["tasks"])
        return not (state["agents"] or live or state["calls_in_progress"])

    def put_faults(self, **faults: Any) -> None:
        self._simulators.put_faults("mightycall", **faults)

    def clear_faults(self) -> None:
        self._simulators.clear_faults("mightycall")

    def faults(self) -> dict[str, Any]:
        faults: dict[str, Any] = self._simulators.control("GET", "/faults/mightycall").json()
        return faults

    def set_pace(self, **pace: float) -> None:
        self._simulators.set_pace(**pace)

    def move_clock(self, seconds: float) -> None:
        self._simulators.move_clock(seconds)

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._simulators.state()["mightycall"]
        return state

    def calls(self) -> list[dict[str, Any]]:
        """Return MightyCall's own list of calls, newest first."""
        answer = self._simulators.control("GET", "/mightycall/calls?limit=10000").json()
        calls: list[dict[str, Any]] = answer["calls"]
        return calls

    def agents(self) -> dict[str, dict[str, Any]]:
        """Return the agents on line by their extension."""
        return {agent["extension"]: agent for agent in self.state()["agents"]}

    def tasks(self) -> dict[str, int]:
        """Return how many of this test's tasks are in which state."""
        return dict(Counter(self.state()["tasks"]) - self._earlier)
