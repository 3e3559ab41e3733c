"""Each fault once, as a client meets it."""

import time
from typing import Any

import pytest
import requests

from simulators.tests.under_test import SimulatorsUnderTest
from testing.simulators import Json, unique

CHECK = {"checks": ["PHONE"], "phone": "79131234567"}


def set_faults(sim: SimulatorsUnderTest, service: str, **faults: Any) -> None:
    answer = sim.control("PUT", f"/faults/{service}", json=faults)
    assert answer.status_code == 200, answer.text


def check(sim: SimulatorsUnderTest, timeout: float = 5) -> requests.Response:
    return sim.call("abram", "POST", "/api/v1/checks", json=CHECK, timeout=timeout)


def test_latency(sim: SimulatorsUnderTest) -> None:
    set_faults(sim, "abram", latency_ms=150, latency_jitter_ms=20)
    begin = time.monotonic()
    assert check(sim).status_code == 200
    assert time.monotonic() - begin >= 0.13


def test_error_with_retry_after(sim: SimulatorsUnderTest) -> None:
    set_faults(sim, "abram", error_rate=1, error_status=429, retry_after=7)
    answer = check(sim)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


def test_times_ends_a_fault(sim: SimulatorsUnderTest) -> None:
    set_faults(sim, "abram", error_rate=1, times=2)
    assert [check(sim).status_code for _ in range(3)] == [503, 503, 200]


def test_half_of_the_requests_fail(sim: SimulatorsUnderTest) -> None:
    set_faults(sim, "abram", error_rate=0.5)
    failed = sum(check(sim).status_code == 503 for _ in range(60))
    assert 12 < failed < 48


def test_unauthorized(sim: SimulatorsUnderTest) -> None:
    set_faults(sim, "abram", unauthorized=True)
    assert check(sim).status_code == 401


def test_hang_ends_with_the_clients_patience(sim: SimulatorsUnderTest) -> None:
    set_faults(sim, "abram", hang=1)
    with pytest.raises(requests.ReadTimeout):
        check(sim, timeout=0.3)
    sim.control("DELETE", "/faults/abram")
    assert check(sim).status_code == 200


def test_malformed_is_json_that_does_not_fit(sim: SimulatorsUnderTest) -> None:
    set_faults(sim, "abram", malformed=1)
    answer = check(sim)
    assert answer.status_code == 200
    assert "results" not in answer.json()


def test_cut_off_is_half_a_json(sim: SimulatorsUnderTest) -> None:
    set_faults(sim, "abram", cut_off=1)
    answer = check(sim)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        answer.json()


def test_the_effect_without_the_answer(sim: SimulatorsUnderTest) -> None:
    task = {"externalId": unique(), "campaignId": unique(), "phone": "79130000000"}
    set_faults(sim, "mightycall", effect_without_answer=1, times=1)
    with pytest.raises(requests.ConnectionError):
        sim.mightycall("POST", "/call-tasks", json={"tasks": [task]})
    assert sim.task(task["externalId"])["state"] == "Queued"


def test_health_stays_well_and_other_services_too(sim: SimulatorsUnderTest) -> None:
    set_faults(sim, "abram", error_rate=1)
    assert sim.call("abram", "GET", "/health").json() == {"status": "ok"}
    searched = sim.call("casper", "POST", "/api/v1/clients/search", json={"phone": "79131234567"})
    assert searched.status_code == 200


def open_and_close(sim: SimulatorsUnderTest, extension: str) -> None:
    session_id = sim.open_session(extension, unique())
    sim.mightycall("DELETE", f"/agent-sessions/{session_id}")


def events_of(sim: SimulatorsUnderTest, extension: str) -> list[Json]:
    page = sim.mightycall("GET", f"/agents/{extension}/events").json()
    events: list[Json] = page["events"]
    return events


def test_lost_events(sim: SimulatorsUnderTest) -> None:
    extension = unique()
    set_faults(sim, "mightycall", lost_events=1)
    open_and_close(sim, extension)
    assert events_of(sim, extension) == []


def test_doubled_events(sim: SimulatorsUnderTest) -> None:
    extension = unique()
    set_faults(sim, "mightycall", doubled_events=1)
    open_and_close(sim, extension)
    events = events_of(sim, extension)
    kinds = [event["type"] for event in events]
    assert kinds == ["SessionOpened", "SessionOpened", "SessionClosed", "SessionClosed"]
    assert [event["seq"] for event in events] == [1, 2, 3, 4]
    assert len({event["id"] for event in events}) == 2


def test_reordered_events(sim: SimulatorsUnderTest) -> None:
    extension = unique()
    set_faults(sim, "mightycall", reordered_events=1, times=1)
    open_and_close(sim, extension)
    kinds = [event["type"] for event in events_of(sim, extension)]
    assert kinds == ["SessionClosed", "SessionOpened"]


def test_a_reordered_event_that_nothing_follows_comes_late(sim: SimulatorsUnderTest) -> None:
    extension = unique()
    set_faults(sim, "mightycall", reordered_events=1)
    sim.open_session(extension, unique())
    assert events_of(sim, extension) == []
    sim.events_until(f"/agents/{extension}/events", lambda e: e["type"] == "SessionOpened")


def test_outdated_cursor(sim: SimulatorsUnderTest) -> None:
    extension = unique()
    open_and_close(sim, extension)
    path = f"/agents/{extension}/events"
    cursor = sim.mightycall("GET", path).json()["nextCursor"]
    set_faults(sim, "mightycall", outdated_cursor=1, times=1)
    answer = sim.mightycall("GET", path, params={"cursor": cursor})
    assert answer.status_code == 410
    oldest = {"cursor": answer.json()["oldestCursor"]}
    assert len(sim.mightycall("GET", path, params=oldest).json()["events"]) == 2
