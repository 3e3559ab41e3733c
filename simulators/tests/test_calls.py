"""How calls go: the fates by number ending, and what their events say."""

import pytest

from simulators.mightycall.fates import BY_ENDING, Fate, fate_of
from simulators.tests.under_test import SimulatorsUnderTest
from testing.simulators import Json, unique

TALK = ["CallDialing", "CallRinging", "CallStarted", "CallEnded", "RecordingReady"]
RUNG = ["CallDialing", "CallRinging", "CallEnded"]
FAILED = ["CallDialing", "CallEnded"]


@pytest.mark.parametrize(
    ("ending", "kinds", "disposition", "hangup_by", "cause", "sip"),
    [
        ("00", TALK, "Connected", "Agent", 16, 200),
        ("77", TALK, "Connected", "Client", 16, 200),
        ("80", RUNG, "ContactNoResponse", "System", 19, 480),
        ("86", FAILED, "ContactBusy", "System", 17, 486),
        ("04", FAILED, "InvalidNumber", "System", 1, 404),
        ("03", RUNG, "ContactRejected", "Client", 21, 603),
        ("50", FAILED, "NetworkFailure", "System", 38, 503),
        ("66", RUNG, "AnsweringMachine", "System", 16, 200),
    ],
)
def test_the_last_two_digits_decide_the_call(
    sim: SimulatorsUnderTest,
    ending: str,
    kinds: list[str],
    disposition: str,
    hangup_by: str,
    cause: int,
    sip: int,
) -> None:
    extension, campaign = unique(), unique()
    sim.open_session(extension, campaign)
    external_id = sim.add_task(campaign, f"791300000{ending}")
    events = sim.call_events(extension, external_id, kinds[-1])
    assert [event["type"] for event in events] == kinds
    end = events[kinds.index("CallEnded")]["data"]
    assert (end["systemDisposition"], end["hangupBy"]) == (disposition, hangup_by)
    assert (end["causeQ850"], end["sipStatus"]) == (cause, sip)
    assert (end["talkSec"] >= 8) == (kinds == TALK)
    assert sim.task(external_id)["systemDisposition"] == disposition


def test_every_event_of_a_call_says_whose_it_is(sim: SimulatorsUnderTest) -> None:
    extension, campaign = unique(), unique()
    sim.open_session(extension, campaign)
    external_id = sim.add_task(campaign, "79130000086", customData={"task": 1})
    task = sim.task(external_id)
    events = sim.call_events(extension, external_id, "CallEnded")
    assert {event["taskId"] for event in events} == {task["taskId"]}
    assert {event["extension"] for event in events} == {extension}
    assert {event["to"] for event in events} == {"79130000086"}
    assert len({event["callId"] for event in events}) == 1
    assert len({event["id"] for event in events}) == len(events)
    assert events[0]["data"] == {"campaignId": campaign, "customData": {"task": 1}}


def test_91_is_answered_when_nobody_is_free(sim: SimulatorsUnderTest) -> None:
    extension, campaign = unique(), unique()
    sim.open_session(extension, campaign)
    external_id = sim.add_task(campaign, "79130000091")

    def is_end(event: Json) -> bool:
        return bool(event["externalId"] == external_id and event["type"] == "CallEnded")

    end = next(filter(is_end, sim.events_until("/events", is_end)))
    assert (end["extension"], end["data"]["systemDisposition"]) == (None, "AgentAbandoned")
    own = sim.mightycall("GET", f"/agents/{extension}/events").json()["events"]
    assert external_id not in {event["externalId"] for event in own}


def test_93_talks_but_its_end_is_never_told(sim: SimulatorsUnderTest) -> None:
    extension, campaign = unique(), unique()
    sim.open_session(extension, campaign)
    external_id = sim.add_task(campaign, "79130000093")
    events = sim.call_events(extension, external_id, "RecordingReady")
    assert [event["type"] for event in events] == [kind for kind in TALK if kind != "CallEnded"]
    assert sim.task(external_id)["state"] == "Done"


def test_the_agent_hangs_up(sim: SimulatorsUnderTest) -> None:
    extension, campaign = unique(), unique()
    sim.open_session(extension, campaign)
    path = f"/mightycall/agents/{extension}/hangup"
    assert sim.control("POST", path).status_code == 409
    external_id = sim.add_task(campaign, "79130000080", ringTimeoutSec=10_000)
    sim.call_events(extension, external_id, "CallRinging")
    assert sim.control("POST", path).status_code == 200
    end = sim.call_events(extension, external_id, "CallEnded")[-1]["data"]
    assert (end["systemDisposition"], end["hangupBy"]) == ("Cancelled", "Agent")


def test_other_numbers_are_mostly_answered_and_the_same_for_the_same_seed() -> None:
    fates = [fate_of(1, "79130000012", str(task)) for task in range(2_000)]
    answered = sum(fate in (Fate.AGENT_HANGS_UP, Fate.CLIENT_HANGS_UP) for fate in fates)
    assert 0.58 < answered / len(fates) < 0.68
    assert fates == [fate_of(1, "79130000012", str(task)) for task in range(2_000)]
    assert fates != [fate_of(2, "79130000012", str(task)) for task in range(2_000)]


def test_every_ending_of_the_table_is_known() -> None:
    assert set(BY_ENDING) == {"00", "77", "80", "86", "04", "03", "50", "66", "91", "93"}
