"""Nobody waits for somebody else's trouble: each lane of the running system goes on when another is
at its worst.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

import pytest
import requests

from testing.waiting import until
from testing.whole_system import OperatorClient, RunningSystem, half_sent_posts, standing_still

pytestmark = [pytest.mark.story, pytest.mark.xdist_group("story")]

HALF_SENT = 40  # of these two, one for each thread that the server had, once were enough
LOG_INS = 24
QUESTIONS = 40
WEB_PROCESSES = 2
REDIS_TIMEOUT_SECONDS = 1.0  # CACHES in telemarketing.settings
LOCAL_ANSWER_SECONDS = 10.0  # longer than a page may take; the old system was silent for minutes


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    running = RunningSystem(tmp_path_factory.mktemp("lanes"))
    try:
        running.wait_until_ready()
        running.stop_calling()  # so that an operator's status is what they chose
        yield running
    finally:
        code = running.stop()
    assert code == 0, running.output.read_text()


@pytest.fixture
def operator(system: RunningSystem) -> OperatorClient:
    return OperatorClient(system, "operator1")


def seconds_of(question: Callable[[], object]) -> float:
    started = time.monotonic()
    question()
    return time.monotonic() - started


def test_clients_that_never_finish_their_post_stop_nobody_and_are_sent_away(
    system: RunningSystem, operator: OperatorClient
) -> None:
    clients = half_sent_posts(system, HALF_SENT)

    for _ in range(QUESTIONS):
        assert operator.get("hasChanges")["operatorStatus"]

    for client in clients:
        client.settimeout(60)
        assert client.recv(100).startswith(b"HTTP/1.1 408 ")
        client.close()


def test_with_redis_hung_the_tables_answer_and_its_time_out_is_paid_once(
    system: RunningSystem, operator: OperatorClient
) -> None:
    operator.get("hasChanges")

    with standing_still(system.redis_pids()):
        taken = [seconds_of(lambda: operator.get("hasChanges")) for _ in range(QUESTIONS)]

    slow = [seconds for seconds in taken if seconds >= REDIS_TIMEOUT_SECONDS]
    assert len(slow) <= WEB_PROCESSES
    assert sum(slow) < QUESTIONS * REDIS_TIMEOUT_SECONDS / 4


def test_a_button_works_with_redis_hung(system: RunningSystem, operator: OperatorClient) -> None:
    with standing_still(system.redis_pids()):
        operator.post("setStatus", {"status": "READY"})

    until(lambda: operator.get("hasChanges")["operatorStatus"] == "READY", "MightyCall confirms")


def test_while_everybody_logs_in_the_workplace_answers_more_often_than_they(
    system: RunningSystem, operator: OperatorClient
) -> None:
    answers = 0
    with ThreadPoolExecutor(LOG_INS) as crowd:
        log_ins = [crowd.submit(OperatorClient, system, "operator2") for _ in range(LOG_INS)]
        while wait(log_ins, timeout=0).not_done:
            operator.get("hasChanges")
            answers += 1
    assert [log_in.exception() for log_in in log_ins] == [None] * LOG_INS
    assert answers > LOG_INS


def test_a_back_office_that_hangs_stops_only_itself(
    system: RunningSystem, operator: OperatorClient
) -> None:
    def page() -> int:
        return requests.get(system.site("/admin/"), timeout=60).status_code

    with ThreadPoolExecutor(30) as people, standing_still(system.back_office_pids()):
        pages: list[Future[int]] = [people.submit(page) for _ in range(30)]
        for _ in range(QUESTIONS):
            operator.get("hasChanges")
        waiting = [one for one in pages if not one.done()]
        assert waiting  # the pages were asked all the while
    assert {one.result() for one in waiting} == {200}


def test_files_and_presence_go_on_while_the_long_lanes_hang(
    system: RunningSystem, operator: OperatorClient, tmp_path: Path
) -> None:
    hanging = ["judging", "services", "jobs", "cards", "engine"]
    made = tmp_path / "made.csv"
    system.manage("make_applications", "--rows", "5", "--seed", "7", "--out", str(made))
    operator.post("setStatus", {"status": "BREAK"})

    with standing_still([pid for queue in hanging for pid in system.worker_pids(queue)]):
        system.put_file(made, made.name)
        operator.post("setStatus", {"status": "READY"})

        until((system.stream / "success" / made.name).exists, "the file is imported")
        until(lambda: operator.get("hasChanges")["operatorStatus"] == "READY", "presence is told")
