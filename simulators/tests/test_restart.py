"""A simulator that is killed has forgotten nothing that it had answered."""

import threading
from pathlib import Path

import pytest
import requests

from simulators.tests.under_test import API, SimulatorsUnderTest
from testing.simulators import Json
from testing.waiting import until


def test_everything_answered_is_there_after_a_kill(tmp_path: Path) -> None:
    before = SimulatorsUnderTest(f"--data-dir={tmp_path}")
    session_id = before.open_session("101", "1")
    done = before.add_task("1", "79130000086")
    before.wait_for_task(done, "Done")
    queued = before.add_task("2", "79130000000")
    record = {"device_id": "device-1", "reason": "fraud"}
    created = before.call("blacklist", "POST", "/api/v2/records", json=record).json()["record"]
    page = before.mightycall("GET", "/events", params={"limit": 2}).json()
    rest = before.mightycall("GET", "/events", params={"cursor": page["nextCursor"]}).json()
    before.kill()

    after = SimulatorsUnderTest(f"--data-dir={tmp_path}")
    try:
        body = {"extension": "101", "campaignIds": ["1"], "externalSessionId": "key"}
        answer = after.mightycall("POST", "/agent-sessions", json=body)
        assert (answer.status_code, answer.json()["data"]["sessionId"]) == (200, session_id)
        assert (after.task(done)["state"], after.task(queued)["state"]) == ("Done", "Queued")
        query = {"query": {"device_id": "device-1"}}
        found = after.call("blacklist", "POST", "/api/v2/records/search", json=query).json()
        assert found["records"] == [created]
        assert (
            after.mightycall("GET", "/events", params={"cursor": page["nextCursor"]}).json() == rest
        )
    finally:
        assert after.stop() == 0


def test_a_call_in_progress_ends_as_dropped(tmp_path: Path) -> None:
    before = SimulatorsUnderTest(f"--data-dir={tmp_path}")
    before.open_session("101", "1")
    before.control("PUT", "/speed", json={"talk_min_sec": 9_000, "talk_max_sec": 9_000})
    external_id = before.add_task("1", "79130000000")
    before.call_events("101", external_id, "CallStarted")
    before.kill()

    after = SimulatorsUnderTest(f"--data-dir={tmp_path}")
    try:
        end = after.call_events("101", external_id, "CallEnded")[-1]["data"]
        assert (end["systemDisposition"], end["hangupBy"]) == ("NetworkFailure", "System")
        (agent,) = after.control("GET", "/state").json()["mightycall"]["agents"]
        assert agent["callId"] is None
        next_id = after.add_task("1", "79130000086")
        after.wait_for_task(next_id, "Done")
    finally:
        assert after.stop() == 0


def test_the_end_does_not_wait_for_those_who_poll() -> None:
    sim = SimulatorsUnderTest()
    url = f"{sim.url('mightycall')}{API}/events"
    answers: list[Json] = []

    def poll() -> None:
        with pytest.raises(requests.ConnectionError):
            answers.append(requests.get(url, {"waitSec": 30}, timeout=30).json())

    poller = threading.Thread(target=poll)
    poller.start()
    until(lambda: sim.waiting_polls() == 1)
    assert sim.stop() == 0
    poller.join(5)
    assert not poller.is_alive()
    assert answers == []
