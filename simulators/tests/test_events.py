"""Event feeds: cursors, pages, long poll."""

import threading
import time
from pathlib import Path

import pytest
import requests

from simulators.clock import Clock
from simulators.database import open_database
from simulators.faults import FaultBoard
from simulators.mightycall.events import ACCOUNT, EventLog, Subject
from simulators.mightycall.schema import SCHEMA
from simulators.tests.under_test import API, SimulatorsUnderTest
from simulators.web import RequestError
from testing.simulators import Json, unique
from testing.waiting import until


def test_pages_follow_each_other_without_gap_or_repetition(sim: SimulatorsUnderTest) -> None:
    extension, campaign = unique(), unique()
    sim.open_session(extension, campaign)
    sim.call_events(extension, sim.add_task(campaign, "79130000000"), "RecordingReady")
    path, cursor, seqs, has_more = f"/agents/{extension}/events", "", [], True
    while has_more:
        page = sim.mightycall("GET", path, params={"cursor": cursor, "limit": 3}).json()
        assert len(page["events"]) <= 3
        seqs += [event["seq"] for event in page["events"]]
        cursor, has_more = page["nextCursor"], page["hasMore"]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) >= 8


def test_the_account_hears_of_every_agent(sim: SimulatorsUnderTest) -> None:
    agents = {unique(), unique()}
    for extension in agents:
        sim.open_session(extension, unique())
    missing = set(agents)

    def was_last(event: Json) -> bool:
        missing.discard(event["extension"])
        return not missing

    sim.events_until("/events", was_last)


def test_a_long_poll_answers_as_soon_as_something_happens(sim: SimulatorsUnderTest) -> None:
    extension = unique()
    url = f"{sim.url('mightycall')}{API}/agents/{extension}/events"
    answers: list[requests.Response] = []
    poll = threading.Thread(
        target=lambda: answers.append(requests.get(url, {"waitSec": 30}, timeout=30))
    )
    begin = time.monotonic()
    poll.start()
    until(lambda: sim.waiting_polls() > 0)
    sim.open_session(extension, unique())
    poll.join(10)
    assert time.monotonic() - begin < 5
    assert [event["type"] for event in answers[0].json()["events"]] == ["SessionOpened"]


def test_a_long_poll_that_hears_nothing_answers_with_nothing(sim: SimulatorsUnderTest) -> None:
    page = sim.mightycall("GET", f"/agents/{unique()}/events", params={"waitSec": 1}).json()
    assert (page["events"], page["hasMore"]) == ([], False)


@pytest.mark.parametrize("query", [{"cursor": "nonsense"}, {"limit": "many"}, {"waitSec": "-1"}])
def test_a_bad_question_is_refused(sim: SimulatorsUnderTest, query: dict[str, str]) -> None:
    path = f"/agents/{unique()}/events"
    assert sim.mightycall("GET", path, params=query).status_code == 400


def test_a_cursor_of_another_stream_is_refused(sim: SimulatorsUnderTest) -> None:
    cursor = sim.mightycall("GET", "/events").json()["nextCursor"]
    path = f"/agents/{unique()}/events"
    assert sim.mightycall("GET", path, params={"cursor": cursor}).status_code == 400


def test_what_was_trimmed_is_gone_and_the_oldest_cursor_is_told(tmp_path: Path) -> None:
    db = open_database(tmp_path, "log", SCHEMA)
    log = EventLog(db, Clock(), FaultBoard(1), retention=100)
    log.publish("StatusChanged", Subject(), {})
    outdated = log.read(ACCOUNT, None, 1).next_cursor
    for _ in range(299):
        log.publish("StatusChanged", Subject(), {})
    with pytest.raises(RequestError) as raised:
        log.read(ACCOUNT, outdated, 10)
    assert raised.value.status == 410
    page = log.read(ACCOUNT, raised.value.body["oldestCursor"], 1000)
    assert [event["seq"] for event in page.events] == list(range(201, 301))
    db.close()
