"""The control port and the process itself: state, clock, pace, page, credentials, its end."""

import pytest

from simulators.tests.under_test import API, SimulatorsUnderTest
from testing.simulators import SERVICES, Json, unique

CREDENTIALS = {
    "BLACKLIST_TOKEN": "b-token",
    "CASPER_TOKEN": "c-token",
    "ABRAM_TOKEN": "a-token",
    "MIGHTYCALL_API_KEY": "m-key",
}


def test_every_service_says_that_it_is_well(sim: SimulatorsUnderTest) -> None:
    for service in SERVICES:
        assert sim.call(service, "GET", "/health").json() == {"status": "ok"}


def test_the_state_shows_clock_pace_faults_and_calls(sim: SimulatorsUnderTest) -> None:
    state = sim.control("GET", "/state").json()
    assert set(state) == {"clock", "pace", "faults", "answers", "blacklist", "mightycall"}
    assert set(state["faults"]) == {"blacklist", "casper", "abram", "mightycall"}
    center = {"agents", "tasks", "calls_in_progress", "events", "waiting_polls"}
    assert set(state["mightycall"]) == center


def test_the_clock_is_moved(sim: SimulatorsUnderTest) -> None:
    before = sim.control("GET", "/state").json()["clock"]["now"]
    answer = sim.control("PUT", "/clock", json={"offset_sec": 86_400}).json()
    assert answer["offset_sec"] == 86_400
    assert answer["now"][:10] > before[:10]


def test_the_pace_is_set_in_part_and_never_to_nonsense(sim: SimulatorsUnderTest) -> None:
    before = sim.control("PUT", "/speed", json={}).json()
    changed = sim.control("PUT", "/speed", json={"ring_sec": 3}).json()
    assert changed == before | {"ring_sec": 3}
    for nonsense in ({"speed": 0}, {"ring_sec": -1}, {"talk": 1}, {"speed": "fast"}):
        assert sim.control("PUT", "/speed", json=nonsense).status_code == 400
    assert sim.control("PUT", "/speed", json=before).json() == before


@pytest.mark.parametrize(
    "faults", [{"latency": 1}, {"hang": 2}, {"error_status": 200}, {"times": True}, {"hang": "1"}]
)
def test_faults_that_do_not_exist_are_refused(sim: SimulatorsUnderTest, faults: Json) -> None:
    before = sim.control("GET", "/faults/casper").json()
    assert sim.control("PUT", "/faults/casper", json=faults).status_code == 400
    assert sim.control("GET", "/faults/casper").json() == before
    assert sim.control("PUT", "/faults/somebody", json={}).status_code == 404


def test_a_phone_is_blacklisted_from_the_control_port(sim: SimulatorsUnderTest) -> None:
    record = {"phone": f"7911{unique():>07}", "reason": "by hand", "blocked_until": None}
    created = sim.control("POST", "/blacklist/records", json=record).json()["record"]
    query = {"query": {"phone": record["phone"]}}
    found = sim.call("blacklist", "POST", "/api/v2/records/search", json=query).json()["records"]
    assert found == [created]
    assert created["reason"] == "by hand"


def test_calls_are_shown(sim: SimulatorsUnderTest) -> None:
    extension, campaign = unique(), unique()
    sim.open_session(extension, campaign)
    external_id = sim.add_task(campaign, "79130000086")
    sim.wait_for_task(external_id, "Done")
    calls = sim.control("GET", "/mightycall/calls", params={"limit": 1000}).json()["calls"]
    (call,) = [call for call in calls if call["external_id"] == external_id]
    assert (call["state"], call["disposition"]) == ("Ended", "ContactBusy")


def test_the_page_switches_faults_and_masks_phones(sim: SimulatorsUnderTest) -> None:
    answer = sim.control("POST", "/page/faults/casper", data={"hang": "1", "times": "2"})
    assert answer.status_code == 200
    assert "Simulators" in answer.text
    faults = sim.control("GET", "/faults/casper").json()
    assert (faults["hang"], faults["times"]) == (1, 2)
    sim.control("POST", "/page/faults/casper", data={"hang": ""})
    assert sim.control("GET", "/faults/casper").json()["hang"] == 0
    phones = [call["phone"] for call in sim.control("GET", "/mightycall/calls").json()["calls"]]
    assert not any(phone in answer.text for phone in phones)


def test_a_page_of_another_site_may_not_turn_anything(sim: SimulatorsUnderTest) -> None:
    origin = {"Origin": "http://example.org"}
    answer = sim.control("POST", "/page/faults/casper", data={"hang": "1"}, headers=origin)
    assert answer.status_code == 403
    assert sim.control("GET", "/faults/casper").json()["hang"] == 0


def test_who_has_no_credential_is_not_served() -> None:
    sim = SimulatorsUnderTest(credentials=CREDENTIALS)
    try:
        for service, token in (("blacklist", "b"), ("casper", "c"), ("abram", "a")):
            assert sim.call(service, "POST", "/anything").status_code == 401
            wrong = {"Authorization": "Bearer wrong"}
            assert sim.call(service, "POST", "/anything", headers=wrong).status_code == 401
            right = {"Authorization": f"Bearer {token}-token"}
            assert sim.call(service, "POST", "/anything", headers=right).status_code == 404
            assert sim.call(service, "GET", "/health").status_code == 200
        path = f"{API}/events"
        assert sim.call("mightycall", "GET", path).status_code == 401
        key = {"x-api-key": "m-key"}
        assert sim.call("mightycall", "GET", path, headers=key).status_code == 200
    finally:
        assert sim.stop() == 0
