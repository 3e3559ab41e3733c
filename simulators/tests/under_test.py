"""The simulators, and the requests to MightyCall that their own tests repeat."""

import time
from collections.abc import Callable
from typing import Any

import requests

from testing.simulators import TIMEOUT_SECONDS, Json, Simulators, unique
from testing.waiting import until

API = "/enterprise/v1"


class SimulatorsUnderTest(Simulators):
    """A process of the simulators that answers the requests of MightyCall's clients."""

    def mightycall(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.call("mightycall", method, API + path, **more)

    def open_session(self, extension: str, *campaign_ids: str, key: str = "key") -> str:
        """Open an agent's session and return its id."""
        body = {"extension": extension, "campaignIds": campaign_ids, "externalSessionId": key}
        answer = self.mightycall("POST", "/agent-sessions", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["sessionId"])

    def add_task(self, campaign: str, phone: str, **more: Any) -> str:
        """Queue a task and return its external id, which is new."""
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
        """Wait until the task is in this state, and return it."""
        until(lambda: self.task(external_id)["state"] == state, f"task {state}", TIMEOUT_SECONDS)
        return self.task(external_id)

    def events_until(self, path: str, is_last: Callable[[Json], bool]) -> list[Json]:
        """Read an event feed from its beginning up to the page that has the last awaited event."""
        events: list[Json] = []
        cursor, deadline = "", time.monotonic() + TIMEOUT_SECONDS
        while not any(is_last(event) for event in events):
            assert time.monotonic() < deadline, [event["type"] for event in events]
            query: dict[str, Any] = {"cursor": cursor, "waitSec": 1}
            page = self.mightycall("GET", path, params=query).json()
            events += page["events"]
            cursor = page["nextCursor"]
        return events

    def call_events(self, extension: str, external_id: str, last: str) -> list[Json]:
        """Read the events of one call, up to the first of the kind ``last``."""

        def is_last(event: Json) -> bool:
            return bool(event["externalId"] == external_id and event["type"] == last)

        events = self.events_until(f"/agents/{extension}/events", is_last)
        return [event for event in events if event["externalId"] == external_id]

    def call_events_of_all(self, extension: str, count: int) -> list[str]:
        """Return the external ids of the agent's first calls, in the order of dialling."""
        dialled: list[str] = []

        def is_last(event: Json) -> bool:
            if event["type"] == "CallDialing" and event["externalId"] not in dialled:
                dialled.append(event["externalId"])
            return len(dialled) == count

        self.events_until(f"/agents/{extension}/events", is_last)
        return dialled

    def waiting_polls(self) -> int:
        """Return how many requests wait for events now."""
        return int(self.state()["mightycall"]["waiting_polls"])
