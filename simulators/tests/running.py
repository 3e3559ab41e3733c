"""A real process of the simulators, and the words in which the tests speak to it."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]
SERVICES = ("blacklist", "casper", "abram", "mightycall", "control")
TIMEOUT_SEC = 5.0
API = "/enterprise/v1"
SPEED = 100  # a ring lasts 20 ms, a talk 80 to 250 ms, a wrap-up 0.6 s

Json = dict[str, Any]
_numbers = itertools.count(1)


class Simulators:
    """`python -m simulators` on free ports. The first line that it prints names them."""

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
        self.ports: dict[str, int] = json.loads(self._process.stdout.readline())
        self._http = requests.Session()
        self._http.trust_env = False

    def call(self, service: str, method: str, path: str, **more: Any) -> requests.Response:
        url = f"http://127.0.0.1:{self.ports[service]}{path}"
        return self._http.request(method, url, **{"timeout": TIMEOUT_SEC, **more})

    def mightycall(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.call("mightycall", method, API + path, **more)

    def control(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.call("control", method, path, **more)

    def open_session(self, extension: str, *campaign_ids: str, key: str = "key") -> str:
        body = {"extension": extension, "campaignIds": campaign_ids, "externalSessionId": key}
        answer = self.mightycall("POST", "/agent-sessions", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["sessionId"])

    def add_task(self, campaign: str, phone: str, **more: Any) -> str:
        """Queue one task of a new external id; that id."""
        external_id = unique()
        task = {"externalId": external_id, "campaignId": campaign, "phone": phone, **more}
        answer = self.mightycall("POST", "/call-tasks", json={"tasks": [task]})
        assert answer.json()["data"][0]["state"] == "Queued", answer.text
        return external_id

    def task(self, external_id: str) -> Json:
        answer = self.mightycall("GET", "/call-tasks", params={"externalId": external_id})
        found: Json = answer.json()["data"]
        return found

    def wait_for_task(self, external_id: str, state: str) -> Json:
        until(lambda: self.task(external_id)["state"] == state)
        return self.task(external_id)

    def events_until(self, path: str, is_last: Callable[[Json], bool]) -> list[Json]:
        """Follow a feed from its beginning until the event that is waited for has come."""
        events: list[Json] = []
        cursor, deadline = "", time.monotonic() + TIMEOUT_SEC
        while not any(is_last(event) for event in events):
            assert time.monotonic() < deadline, [event["type"] for event in events]
            query: dict[str, Any] = {"cursor": cursor, "waitSec": 1}
            page = self.mightycall("GET", path, params=query).json()
            events += page["events"]
            cursor = page["nextCursor"]
        return events

    def call_events(self, extension: str, external_id: str, last: str) -> list[Json]:
        """The events of one call, up to the last kind that is waited for."""

        def is_last(event: Json) -> bool:
            return bool(event["externalId"] == external_id and event["type"] == last)

        events = self.events_until(f"/agents/{extension}/events", is_last)
        return [event for event in events if event["externalId"] == external_id]

    def call_events_of_all(self, extension: str, count: int) -> list[str]:
        """The external ids of the agent's first calls, in the order of dialling."""
        dialled: list[str] = []

        def is_last(event: Json) -> bool:
            if event["type"] == "CallDialing" and event["externalId"] not in dialled:
                dialled.append(event["externalId"])
            return len(dialled) == count

        self.events_until(f"/agents/{extension}/events", is_last)
        return dialled

    def waiting_polls(self) -> int:
        return int(self.control("GET", "/state").json()["mightycall"]["waiting_polls"])

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        self._process.send_signal(number)
        code = self._process.wait(TIMEOUT_SEC)
        self._http.close()
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code


def unique() -> str:
    """A number that no other test of this run uses: for extensions, campaigns and keys."""
    return str(next(_numbers) + 1000)


def until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_SEC
    while not is_true():
        assert time.monotonic() < deadline, "it did not come true in time"
