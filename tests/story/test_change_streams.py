"""Streams of changes from end to end: what they tell, when they end, and what takes their place."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing

import pytest
import requests

from testing.waiting import until
from testing.whole_system import OperatorClient, RunningSystem, standing_still

pytestmark = [pytest.mark.story, pytest.mark.xdist_group("story")]

FEW = 5  # events, until MightyCall has agreed

URL = "/api/arm/v1/changes"
MOST_OF_ONE_OPERATOR = 4
# longer than the heartbeat, so that a stream which says nothing fails a test instead of stopping it
SILENCE_SECONDS = 30
LOCK = "from apps.security.services import lock_operators as lock; lock([{}])"
UNLOCK = "from apps.security.services import unlock_operators as unlock; unlock([{}])"


class Stream:
    """A client of one stream."""

    def __init__(self, system: RunningSystem, operator: OperatorClient, known: str = "") -> None:
        headers = {
            "Authorization": str(operator.session.headers["Authorization"]),
            **({"Last-Event-ID": known} if known else {}),
        }
        self.answer = requests.get(
            system.site(URL), headers=headers, stream=True, timeout=SILENCE_SECONDS
        )
        self._lines = self.answer.iter_lines()

    def close(self) -> None:
        self.answer.close()

    def next(self) -> dict[str, str]:
        """The fields of the next event; of a comment, an empty name."""
        fields: dict[str, str] = {}
        for line in self._lines:
            if not line:
                return fields
            name, _, value = line.decode().partition(":")
            fields[name] = value.strip()
        raise EOFError

    def told(self) -> dict[str, str]:
        """The next event that is no comment."""
        while "" in (event := self.next()):
            pass
        return event

    def status(self) -> str:
        """What the next event says the operator is doing."""
        event = self.told()
        assert event["event"] == "changes", event
        return str(json.loads(event["data"])["data"]["operatorStatus"])

    def becomes(self, status: str) -> bool:
        """Whether one of the next events says so; until MightyCall has agreed they say OFFLINE."""
        return any(self.status() == status for _ in range(FEW))


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    running = RunningSystem(tmp_path_factory.mktemp("streams"))
    try:
        running.wait_until_ready()
        running.stop_calling()
        yield running
    finally:
        code = running.stop()
    assert code == 0, running.output.read_text()


@pytest.fixture
def operator(system: RunningSystem) -> OperatorClient:
    """An operator whose state changes only when a test changes it."""
    operator = OperatorClient(system, "operator1")
    operator.post("setStatus", {"status": "BREAK"})
    until(lambda: operator.get("hasChanges")["operatorStatus"] == "BREAK", "MightyCall confirms")
    return operator


@pytest.fixture
def stream(system: RunningSystem, operator: OperatorClient) -> Iterator[Stream]:
    with closing(Stream(system, operator)) as opened:
        yield opened


def test_a_stream_says_what_has_changes_says(operator: OperatorClient, stream: Stream) -> None:
    answer = operator.session.get(operator.system.site("/api/arm/v1/hasChanges"), timeout=10)

    event = stream.told()

    assert event["data"] == answer.text
    assert stream.answer.headers["Content-Type"] == "text/event-stream"
    assert stream.answer.headers["Cache-Control"] == "no-store"
    assert stream.answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        stream.answer.headers["Content-Security-Policy"]
        == answer.headers["Content-Security-Policy"]
    )


def test_a_change_is_told_without_a_question(operator: OperatorClient, stream: Stream) -> None:
    assert stream.status() == "BREAK"

    operator.post("setStatus", {"status": "READY"})

    assert stream.becomes("READY")


def test_a_client_that_comes_back_is_told_only_what_it_does_not_know(
    system: RunningSystem, operator: OperatorClient
) -> None:
    until(lambda: _nothing_is_new(system, operator), "who knows the state is told nothing")
    with closing(Stream(system, operator)) as first:
        known = first.told()["id"]

    with closing(Stream(system, operator, known)) as again:
        operator.post("setStatus", {"status": "READY"})
        assert again.becomes("READY")

    with closing(Stream(system, operator, known)) as late:
        assert late.becomes("READY")


def _nothing_is_new(system: RunningSystem, operator: OperatorClient) -> bool:
    """Whether a stream that resumes after the newest event begins with a comment. Not while the
    status still changes, because MightyCall is being told of a log-in."""
    with closing(Stream(system, operator)) as first:
        known = first.told()["id"]
    with closing(Stream(system, operator, known)) as again:
        return "" in again.next()


def test_a_log_out_ends_the_stream_at_once(operator: OperatorClient, stream: Stream) -> None:
    stream.told()

    operator.get("logout")

    event = stream.told()
    assert (event["event"], json.loads(event["data"])["status"]) == ("end", "ACCESS_DENIED")
    with pytest.raises(EOFError):
        stream.next()


def test_a_lock_ends_the_stream_at_once(
    system: RunningSystem, operator: OperatorClient, stream: Stream
) -> None:
    stream.told()
    ((number,),) = system.query("""SELECT id FROM "tm$operators" WHERE login = 'operator1'""")

    system.manage("shell", "-c", LOCK.format(number))

    event = stream.told()
    system.manage("shell", "-c", UNLOCK.format(number))
    assert (event["event"], json.loads(event["data"])["status"]) == ("end", "ACCESS_DENIED")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer not.a.token"}])
def test_without_a_live_token_there_is_no_stream(
    system: RunningSystem, headers: dict[str, str]
) -> None:
    answer = requests.get(system.site(URL), headers=headers, timeout=10)

    assert (answer.status_code, answer.json()["status"]) == (401, "ACCESS_DENIED")


def test_an_operator_has_few_streams_and_the_next_is_refused(
    system: RunningSystem, operator: OperatorClient
) -> None:
    streams = [Stream(system, operator) for _ in range(MOST_OF_ONE_OPERATOR)]
    for one in streams:
        one.told()

    refused = Stream(system, operator)
    assert refused.answer.status_code == 503
    assert int(refused.answer.headers["Retry-After"]) > 0
    assert refused.answer.json()["status"] == "UNAVAILABLE"

    streams.pop().close()
    until(lambda: _status_code(system, operator) == 200, "a closed stream makes room")
    for one in streams:
        one.close()


def _status_code(system: RunningSystem, operator: OperatorClient) -> int:
    with closing(Stream(system, operator)) as opened:
        return opened.answer.status_code


def test_when_redis_is_lost_the_stream_says_so_and_ends_and_its_successor_has_one_event(
    system: RunningSystem, operator: OperatorClient, stream: Stream
) -> None:
    stream.told()

    with standing_still(system.redis_pids()):
        event = stream.told()
        assert (event["event"], json.loads(event["data"])["status"]) == ("end", "UNAVAILABLE")
        with closing(Stream(system, operator)) as successor:
            assert successor.status() == "BREAK"
            with pytest.raises(EOFError):
                successor.next()

    until(lambda: _goes_on(system, operator), "streams go on when Redis is back")


def test_without_its_process_a_stream_has_one_event_until_it_runs_again(
    system: RunningSystem, operator: OperatorClient
) -> None:
    (pid,) = system.change_stream_pids()
    os.kill(pid, signal.SIGKILL)

    with closing(Stream(system, operator)) as opened:
        assert opened.status() == "BREAK"

    until(lambda: _goes_on(system, operator), "the process runs again")


def _goes_on(system: RunningSystem, operator: OperatorClient) -> bool:
    """Whether a stream outlives its first event."""
    with closing(Stream(system, operator)) as opened:
        opened.told()
        operator.post("setStatus", {"status": "READY"})
        try:
            is_told = opened.becomes("READY")
        except EOFError:
            is_told = False
        operator.post("setStatus", {"status": "BREAK"})
        return is_told
