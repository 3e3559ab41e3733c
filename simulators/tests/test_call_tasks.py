"""The task queue: bulk add, look-up, removal, expiry, order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulators.tests.under_test import SimulatorsUnderTest
from testing.simulators import Json, unique


def add(sim: SimulatorsUnderTest, *tasks: object) -> list[Json]:
    answer = sim.mightycall("POST", "/call-tasks", json={"tasks": list(tasks)})
    assert answer.status_code == 200, answer.text
    receipts: list[Json] = answer.json()["data"]
    return receipts


def new_task(**more: Any) -> Json:
    return {"externalId": unique(), "campaignId": unique(), "phone": "79130000000", **more}


def test_a_hundred_tasks_are_queued_at_once_and_more_are_refused(sim: SimulatorsUnderTest) -> None:
    tasks = [new_task() for _ in range(101)]
    receipts = add(sim, *tasks[:100])
    assert [receipt["externalId"] for receipt in receipts] == [t["externalId"] for t in tasks[:100]]
    assert {receipt["state"] for receipt in receipts} == {"Queued"}
    too_many = [new_task() for _ in range(101)]
    assert sim.mightycall("POST", "/call-tasks", json={"tasks": too_many}).status_code == 413
    query = {"externalId": too_many[0]["externalId"]}
    assert sim.mightycall("GET", "/call-tasks", params=query).status_code == 404


def test_a_task_sent_twice_is_one_task(sim: SimulatorsUnderTest) -> None:
    task = new_task()
    (first,), (second,) = add(sim, task), add(sim, task)
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert first["taskId"] == second["taskId"]


def test_a_task_that_has_ended_may_be_queued_again(sim: SimulatorsUnderTest) -> None:
    task = new_task()
    add(sim, task)
    sim.mightycall("DELETE", "/call-tasks", params={"externalId": task["externalId"]})
    (again,) = add(sim, task)
    assert (again["state"], again["duplicate"]) == ("Queued", False)
    assert sim.task(task["externalId"])["taskId"] == again["taskId"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"phone": "8913"}, "INVALID_NUMBER"),
        ({"phone": None}, "INVALID_NUMBER"),
        ({"externalId": ""}, "INVALID_TASK"),
        ({"campaignId": None}, "INVALID_TASK"),
        ({"priority": "high"}, "INVALID_TASK"),
        ({"expiresAt": "tomorrow"}, "INVALID_TASK"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "EXPIRED"),
    ],
)
def test_a_bad_task_is_refused_alone(sim: SimulatorsUnderTest, change: Json, code: str) -> None:
    bad, good = add(sim, new_task(**change), new_task())
    assert (bad["state"], bad["taskId"], bad["errorCode"]) == ("Rejected", None, code)
    assert good["state"] == "Queued"
    assert "errorCode" not in good


@pytest.mark.parametrize("tasks", [None, [], {}])
def test_a_batch_that_is_none_is_refused(sim: SimulatorsUnderTest, tasks: object) -> None:
    assert sim.mightycall("POST", "/call-tasks", json={"tasks": tasks}).status_code == 400


def test_removal_is_told_and_can_be_repeated(sim: SimulatorsUnderTest) -> None:
    external_id = sim.add_task(unique(), "79130000000")
    for _ in range(2):
        answer = sim.mightycall("DELETE", "/call-tasks", params={"externalId": external_id})
        assert (answer.status_code, answer.json()["data"]["state"]) == (200, "Removed")
    assert removal_reason(sim, external_id) == "Deleted"


def test_an_unknown_task_cannot_be_removed_nor_found(sim: SimulatorsUnderTest) -> None:
    for method in ("GET", "DELETE"):
        answer = sim.mightycall(method, "/call-tasks", params={"externalId": "unknown"})
        assert answer.status_code == 404


def test_a_task_that_is_being_dialled_cannot_be_removed(sim: SimulatorsUnderTest) -> None:
    extension, campaign = unique(), unique()
    sim.open_session(extension, campaign)
    external_id = sim.add_task(campaign, "79130000080", ringTimeoutSec=10_000)
    sim.wait_for_task(external_id, "Dialing")
    answer = sim.mightycall("DELETE", "/call-tasks", params={"externalId": external_id})
    assert answer.status_code == 409
    sim.control("POST", f"/mightycall/agents/{extension}/hangup")
    assert sim.wait_for_task(external_id, "Done")["systemDisposition"] == "Cancelled"


def test_a_task_expires(sim: SimulatorsUnderTest) -> None:
    expiry = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    external_id = sim.add_task(unique(), "79130000000", expiresAt=expiry)
    sim.control("PUT", "/clock", json={"offset_sec": 301})
    sim.wait_for_task(external_id, "Expired")
    assert removal_reason(sim, external_id) == "Expired"


def test_the_urgent_goes_first_then_the_older(sim: SimulatorsUnderTest) -> None:
    extension, campaign = unique(), unique()
    numbers = [sim.add_task(campaign, "79130000086", priority=p) for p in (1, 5, 1, 5)]
    sim.open_session(extension, campaign)
    events = sim.call_events_of_all(extension, count=4)
    assert events == [numbers[index] for index in (1, 3, 0, 2)]


def test_only_an_agent_of_the_campaign_is_given_its_task(sim: SimulatorsUnderTest) -> None:
    campaign, other = unique(), unique()
    idle, busy = unique(), unique()
    sim.open_session(idle, other)
    sim.open_session(busy, campaign, other)
    external_id = sim.add_task(campaign, "79130000086")
    assert sim.call_events(busy, external_id, "CallEnded")[0]["extension"] == busy


def test_a_task_may_be_meant_for_one_agent(sim: SimulatorsUnderTest) -> None:
    campaign, chosen, other = unique(), unique(), unique()
    external_id = sim.add_task(campaign, "79130000086", extension=chosen)
    sim.open_session(other, campaign)
    sim.wait_for_task(sim.add_task(campaign, "79130000086"), "Done")
    assert sim.task(external_id)["state"] == "Queued"
    sim.open_session(chosen, campaign)
    sim.call_events(chosen, external_id, "CallEnded")


def removal_reason(sim: SimulatorsUnderTest, external_id: str) -> str:
    def is_removal(event: Json) -> bool:
        return bool(event["type"] == "TaskRemoved" and event["externalId"] == external_id)

    events = sim.events_until("/events", is_removal)
    return str(next(filter(is_removal, events))["data"]["reason"])
