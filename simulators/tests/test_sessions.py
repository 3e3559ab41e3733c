"""Agents: sessions and status."""

from simulators.tests.under_test import SimulatorsUnderTest
from testing.simulators import unique
from testing.waiting import until


def test_the_same_key_opens_one_session(sim: SimulatorsUnderTest) -> None:
    extension = unique()
    session_id = sim.open_session(extension, unique(), key="a")
    body = {"extension": extension, "campaignIds": [], "externalSessionId": "a"}
    again = sim.mightycall("POST", "/agent-sessions", json=body)
    assert (again.status_code, again.json()["data"]["sessionId"]) == (200, session_id)


def test_a_session_open_elsewhere_is_a_conflict_that_names_it(sim: SimulatorsUnderTest) -> None:
    extension = unique()
    session_id = sim.open_session(extension, unique(), key="a")
    body = {"extension": extension, "campaignIds": [], "externalSessionId": "b"}
    answer = sim.mightycall("POST", "/agent-sessions", json=body)
    assert (answer.status_code, answer.json()["sessionId"]) == (409, session_id)


def test_a_closed_session_stays_closed_and_an_unknown_one_is_not_found(
    sim: SimulatorsUnderTest,
) -> None:
    session_id = sim.open_session(unique(), unique())
    for _ in range(2):
        answer = sim.mightycall("DELETE", f"/agent-sessions/{session_id}")
        assert (answer.status_code, answer.json()["data"]["state"]) == (200, "Closed")
    assert sim.mightycall("DELETE", "/agent-sessions/unknown").status_code == 404


def test_a_session_on_a_call_closes_after_it(sim: SimulatorsUnderTest) -> None:
    extension, campaign = unique(), unique()
    session_id = sim.open_session(extension, campaign)
    external_id = sim.add_task(campaign, "79130000080", ringTimeoutSec=10_000)
    sim.wait_for_task(external_id, "Dialing")
    answer = sim.mightycall("DELETE", f"/agent-sessions/{session_id}")
    assert (answer.status_code, answer.json()["data"]["state"]) == (202, "Closing")
    sim.control("POST", f"/mightycall/agents/{extension}/hangup")
    sim.events_until(f"/agents/{extension}/events", lambda e: e["type"] == "SessionClosed")


def test_a_session_without_requests_closes_after_a_quarter_of_an_hour(
    sim: SimulatorsUnderTest,
) -> None:
    extension = unique()
    sim.open_session(extension, unique())
    sim.control("PUT", "/clock", json={"offset_sec": 14 * 60})
    sim.mightycall("GET", f"/agents/{extension}/events")  # a request: the time begins anew
    sim.control("PUT", "/clock", json={"offset_sec": 28 * 60})
    assert extension in open_agents(sim)
    sim.control("PUT", "/clock", json={"offset_sec": 29 * 60 + 1})
    until(lambda: extension not in open_agents(sim))
    events = sim.mightycall("GET", f"/agents/{extension}/events").json()["events"]
    assert events[-1]["data"]["reason"] == "Idle"


def test_an_agent_who_is_not_to_be_disturbed_gets_no_call(sim: SimulatorsUnderTest) -> None:
    extension, campaign = unique(), unique()
    sim.open_session(extension, campaign)
    put_status(sim, extension, "DoNotDisturb")
    external_id = sim.add_task(campaign, "79130000000")
    control_agent, control_campaign = unique(), unique()
    sim.open_session(control_agent, control_campaign)
    sim.wait_for_task(sim.add_task(control_campaign, "79130000000"), "Done")
    assert sim.task(external_id)["state"] == "Queued"
    put_status(sim, extension, "Available")
    sim.wait_for_task(external_id, "Done")


def test_a_wrong_status_and_an_agent_without_session_are_refused(sim: SimulatorsUnderTest) -> None:
    extension = unique()
    path = f"/agents/{extension}/status"
    assert sim.mightycall("PUT", path, json={"status": "Available"}).status_code == 404
    sim.open_session(extension, unique())
    assert sim.mightycall("PUT", path, json={"status": "Lunch"}).status_code == 400


def test_wrap_up_ends_with_its_time_or_with_the_agents_word(sim: SimulatorsUnderTest) -> None:
    extension, campaign = unique(), unique()
    sim.open_session(extension, campaign)
    first, second = (sim.add_task(campaign, "79130000000") for _ in range(2))
    sim.wait_for_task(first, "Done")
    put_status(sim, extension, "Available")
    third = sim.add_task(campaign, "79130000000")
    sim.wait_for_task(second, "Done")
    sim.wait_for_task(third, "Done")  # nobody said Available: the wrap-up ran out
    events = sim.mightycall("GET", f"/agents/{extension}/events").json()["events"]
    statuses = [event["data"]["status"] for event in events if event["type"] == "StatusChanged"]
    assert statuses == ["OnCall", "WrapUp", "Available"] * 2 + ["OnCall", "WrapUp"]


def put_status(sim: SimulatorsUnderTest, extension: str, status: str) -> None:
    answer = sim.mightycall("PUT", f"/agents/{extension}/status", json={"status": status})
    assert answer.json()["data"] == {"extension": extension, "status": status}


def open_agents(sim: SimulatorsUnderTest) -> set[str]:
    agents = sim.control("GET", "/state").json()["mightycall"]["agents"]
    return {agent["extension"] for agent in agents}
