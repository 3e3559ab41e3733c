"""One application, the whole way, with every process real: from a CSV file to a saved result."""

import contextlib
import csv
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from testing.invariants import broken_after_a_while
from testing.leaks import files_open_to_others, secrets_of, texts_of
from testing.waiting import until
from testing.whole_system import OperatorClient, RunningSystem, admin_session

pytestmark = [pytest.mark.story, pytest.mark.xdist_group("story")]

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "ru" / "own-workplace.md"
GENERATED_ROWS = 10_000
SPEED = 20  # the simulator's calls take a second instead of twenty
ARRIVED = (
    'SELECT count(*), count(DISTINCT application_number) FROM "tm$applications" WHERE file_id = %s'
)
JUDGED = """
SELECT count(*) FROM "tm$applications" AS application
WHERE file_id = %s AND EXISTS (
    SELECT FROM "tm$verdicts" AS verdict
    WHERE verdict.application_id = application.id AND verdict.campaign_id = 1
)
"""
PASSED_WITHOUT_TASK = """
SELECT count(*) FROM "tm$verdicts" AS verdict
WHERE state = 'PASSED' AND NOT EXISTS (
    SELECT FROM "tm$campaign_tasks" AS task
    WHERE task.source_key = 'application:' || verdict.application_id
      AND task.campaign_id = verdict.campaign_id
) AND NOT EXISTS (
    SELECT FROM "tm$deferred_candidates" AS waiting
    WHERE waiting.campaign_id = verdict.campaign_id
)
"""

TASK_OF = """
SELECT FROM "tm$campaign_tasks" WHERE id = (
    SELECT campaign_task_id FROM "tm$communications" WHERE id = %s
) FOR UPDATE
"""
SAVED = 'SELECT state, result_details FROM "tm$communications" WHERE id = %s'
OTHER_PERSONS = """
SELECT count(*) FROM "tm$decisions" WHERE step = 'CLIENT_CARD' AND phone = %s
"""
COMMENT = "жалоба-на-пени-4711"  # a word that nothing else of the system has
DO_NOT_CALL = """
INSERT INTO "tm$do_not_call" (phone, reason, dropped_redials) VALUES (%s, %s, '{}')
"""
STRANGER = {
    "full_name_ru": {"last": "Ким", "first": "Вера", "middle": "Олеговна"},
    "full_name_en": {"last": "Kim", "first": "Vera", "middle": "Olegovna"},
    "birth_date": "1944-02-29",  # nobody of the sample is so old
    "document_series": "0000",
    "document_number": "000000",
}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    running = RunningSystem(tmp_path_factory.mktemp("system"))
    try:
        running.wait_until_ready()
        running.control("/speed", {"speed": SPEED})
        until(sample_of(running).exists, "the sample file is imported")
        yield running
    finally:
        code = running.stop()
    assert code == 0, running.output.read_text()


def sample_of(system: RunningSystem) -> Path:
    return system.stream / "success" / "sample_mobile_loans.csv"


def sample_rows(system: RunningSystem) -> dict[str, dict[str, str]]:
    """The rows of the shipped sample file by the application's number."""
    text = sample_of(system).read_text(encoding="utf-8")
    rows = csv.DictReader(StringIO(text), delimiter=";")
    return {row["application_number"]: row for row in rows}


def names_in(row: dict[str, str]) -> list[str]:
    return [row["last_name"], row["first_name"], row["middle_name"]]


def names_on(card: dict[str, Any]) -> list[str]:
    name = card["clientInfo"]["fullNameRu"]
    return [name.get(part, "").upper() for part in ("lastName", "name", "middleName")]


def file_id(system: RunningSystem, name: str) -> int:
    rows = system.query('SELECT id FROM "tm$incoming_files" WHERE name = %s', name)
    return int(rows[0][0]) if rows else 0


def is_being_imported(system: RunningSystem) -> bool:
    copying = system.count("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY %%'")
    return copying > 0 or file_id(system, "many.csv") > 0


def strike(system: RunningSystem) -> None:
    """Kill the worker with all its processes, lose Redis, and wait until the worker is back."""
    victims = until(lambda: _workers_on_files(system), "the workers are there")
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    system.lose_redis()
    until(lambda: set(_workers_on_files(system)) - set(victims), "a worker is back")


def _workers_on_files(system: RunningSystem) -> list[int]:
    return [*system.worker_pids("files"), *system.worker_pids("judging")]


def whole_card(operator: OperatorClient) -> dict[str, Any]:
    """The card of a call once all services have answered; it is ready from the first moment on."""
    until(lambda: operator.has("CLIENT_CARD_READY"), "the card of a call is ready")
    card: dict[str, Any] = {}

    def is_whole() -> bool:
        card.update(operator.get("getClientCard")["clientCard"])
        return not card["pending"]

    until(is_whole, "the card is whole")
    return card


def test_an_application_goes_the_whole_way(system: RunningSystem) -> None:
    until(
        lambda: system.count('SELECT count(*) FROM "tm$campaign_tasks"'),
        "its applications are campaign tasks",
    )
    operator = OperatorClient(system, "operator1")

    card = whole_card(operator)
    communication = card["currentCommunication"]
    until(lambda: operator.has("CALL_FINISHED"), "the call ends")
    choices = operator.get(f"dictionaries?communicationId={communication['id']}")
    success = next(item["text"] for item in choices["results"] if item["meaning"] == "SUCCESS")
    operator.post(
        "saveCommunicationResult",
        {
            "communicationId": communication["id"],
            "clientPhone": card["clientInfo"]["phone"],
            "communicationResult": {"result": success, "comment": "оформит сегодня"},
        },
    )

    state, task_id = system.query(
        'SELECT state, campaign_task_id FROM "tm$communications" WHERE id = %s',
        communication["id"],
    )[0]
    source = system.query('SELECT source_key FROM "tm$campaign_tasks" WHERE id = %s', task_id)
    assert state == "FIXED"
    assert names_on(card) == names_in(sample_rows(system)[communication["doId"]])
    page = admin_session(system, "senior").get(
        system.site(f"/admin/filters/application/{source[0][0].split(':')[1]}/change/"), timeout=10
    )
    assert page.status_code == 200
    assert success in page.text
    assert "оформит сегодня" in page.text
    operator.get("logout")


def called(operator: OperatorClient) -> tuple[dict[str, Any], str]:
    """The operator's present call, as a body that saves its result, and the result in it. Waits for
    a call that has ended: then it is not another one a moment later."""
    until(lambda: operator.has("CALL_FINISHED"), "a call has ended")
    card = operator.get("getClientCard")["clientCard"]
    number = card["currentCommunication"]["id"]
    choices = operator.get(f"dictionaries?communicationId={number}")
    result = next(one["text"] for one in choices["results"] if one["meaning"] == "SUCCESS")
    body = {
        "communicationId": number,
        "clientPhone": card["clientInfo"]["phone"],
        "communicationResult": {"result": result},
    }
    return body, result


def is_answering(operator: OperatorClient) -> bool:
    try:
        operator.get("hasChanges")
    except requests.RequestException:
        return False
    return True


def test_a_save_in_the_middle_of_which_the_web_server_is_killed_is_not_half_there(
    system: RunningSystem,
) -> None:
    operator = OperatorClient(system, "operator1")
    body, result = called(operator)
    number = body["communicationId"]

    with (
        ThreadPoolExecutor(1) as browser,
        system.locked(TASK_OF, number) as somebody_waits,
    ):
        saving = browser.submit(operator.post, "saveCommunicationResult", body)
        until(somebody_waits, "the save has begun")
        for pid in system.web_pids():
            os.kill(pid, signal.SIGKILL)
        assert isinstance(saving.exception(timeout=30), requests.ConnectionError)
    until(lambda: is_answering(operator), "the web server is back")

    state, details = system.query(SAVED, number)[0]
    assert (state != "FIXED", details) == (True, {})
    for _ in range(2):
        operator.post("saveCommunicationResult", body)
    state, details = system.query(SAVED, number)[0]
    assert (state, details["result"]) == ("FIXED", result)
    assert "web: started again" in system.output.read_text()
    operator.get("logout")


def test_the_lines_of_curl_in_the_guide_serve_a_call(system: RunningSystem) -> None:
    operator = OperatorClient(system, "operator1")
    body, result = called(operator)
    (script,) = re.findall(r"## То же с curl\n\n```\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    for shown, present in (
        ("http://localhost:8000", system.site("")),
        ("…", system.password_of("operator1")),
        ('"communicationId": 7', f'"communicationId": {body["communicationId"]}'),
        ("79963802789", body["clientPhone"]),
        ("Заполнит позже", result),
    ):
        assert script.count(shown) == 1
        script = script.replace(shown, present)

    done = subprocess.run(  # noqa: S603 - the guide's own lines
        ["/bin/bash", "-euc", script.replace("\ncurl", "\necho; curl")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    answers = [json.loads(line) for line in done.stdout.splitlines() if line]
    assert [answer["status"] for answer in answers] == ["OK"] * script.count("\ncurl")
    assert system.query(SAVED, body["communicationId"])[0][0] == "FIXED"
    operator.get("logout")


def test_a_number_that_changed_hands_tells_nothing_of_whom_casper_knows(
    system: RunningSystem,
) -> None:
    rows = sample_rows(system)
    for row in rows.values():
        system.control(f"/casper/clients/{row['phone']}", STRANGER)
    operator = OperatorClient(system, "operator2")  # whose first call comes after the change

    card = whole_card(operator)
    operator.get("logout")

    called = rows[card["currentCommunication"]["doId"]]
    assert card["personCheck"] == {
        "status": "DIFFERENT",
        "differs": ["name", "birthDate", "document"],
    }
    assert names_on(card) == names_in(called)
    assert [product["number"] for product in card["productList"]] == [called["application_number"]]
    assert system.count(OTHER_PERSONS, called["phone"]) == 1
    source = system.query(
        'SELECT source_key FROM "tm$decisions" WHERE step = %s AND phone = %s',
        "CLIENT_CARD",
        called["phone"],
    )
    page = admin_session(system, "senior").get(
        system.site(f"/admin/filters/application/{source[0][0].split(':')[1]}/change/"), timeout=10
    )
    assert "номер числится за другим человеком" in page.text


def test_a_file_with_a_bad_row_is_rejected_with_its_report(
    system: RunningSystem, tmp_path: Path
) -> None:
    good = sample_of(system).read_text(encoding="utf-8")
    header, first, *_ = good.splitlines()
    bad = tmp_path / "bad.csv"
    bad.write_text(f"{header}\n{first.replace('.', '-')}\n", encoding="utf-8")

    system.put_file(bad, "bad.csv")

    report = system.stream / "error" / "bad.csv.errors.csv"
    until(report.exists, "the report lies beside the file")
    assert (system.stream / "error" / "bad.csv").exists()
    assert report.read_text(encoding="utf-8-sig").count("\n") >= 2
    assert system.query('SELECT outcome FROM "tm$incoming_files" WHERE name = %s', "bad.csv") == [
        ("REJECTED",)
    ]


def test_with_redis_lost_and_workers_killed_every_row_arrives_exactly_once(
    system: RunningSystem, tmp_path: Path
) -> None:
    made = tmp_path / "many.csv"
    system.manage(
        "make_applications", "--rows", str(GENERATED_ROWS), "--seed", "2026", "--out", str(made)
    )

    system.put_file(made, "many.csv")
    until(lambda: is_being_imported(system), "its import is under way, or over already")
    strike(system)
    imported = until(lambda: file_id(system, "many.csv"), "the file is imported", 120)
    until(lambda: system.count(JUDGED, imported), "some are judged", 120)
    assert system.count(JUDGED, imported) < GENERATED_ROWS
    strike(system)

    until((system.stream / "success" / "many.csv").exists, "the file is moved", 120)
    until(
        lambda: system.count(JUDGED, imported) == GENERATED_ROWS,
        "every application has its verdict",
        120,
    )
    assert system.query(ARRIVED, imported) == [(GENERATED_ROWS, GENERATED_ROWS)]
    assert system.count(PASSED_WITHOUT_TASK) == 0
    started = (system.folder / "log" / "workers.log").read_text()
    assert started.count("files: started again") == 2


def provoke(system: RunningSystem, operator: OperatorClient, phone: str) -> None:
    """What makes programs write lines that quote their input: wrong, broken and failing requests,
    and a statement that PostgreSQL refuses. Nothing of it may be answered by a fault of ours.
    """
    senior = admin_session(system, "senior")
    anybody, broken = requests.Session(), f'{{"login": "{phone}", "password": "{COMMENT}"'
    answers = [
        anybody.get(system.site(f"/api/arm/v1/{phone}"), timeout=10),
        anybody.post(system.site("/api/arm/v1/login"), json={"login": phone, "password": COMMENT}),
        anybody.post(system.site("/api/security/v1/login"), data=broken.encode()),
        operator.session.post(
            system.site("/api/arm/v1/saveCommunicationResult"),
            json={"communicationId": -1, "clientPhone": phone, "comment": COMMENT},
        ),
        senior.get(system.site(f"/admin/filters/application/?q={phone}"), timeout=10),
        senior.get(system.site(f"/admin/filters/application/?phone__regex=({phone}"), timeout=10),
        senior.get(system.site(f"/admin/campaigns/campaigntask/?phone={phone}"), timeout=10),
    ]
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    for _ in range(2):
        with contextlib.suppress(psycopg.errors.UniqueViolation):
            system.execute(DO_NOT_CALL, phone, COMMENT)
    system.execute('DELETE FROM "tm$do_not_call" WHERE reason = %s', COMMENT)


def test_no_log_and_nothing_in_redis_tells_of_a_client_or_opens_anything(
    system: RunningSystem,
) -> None:
    operator = OperatorClient(system, "operator1")
    until(lambda: operator.has("CLIENT_CARD_READY"), "the card of a call is ready")
    card = operator.get("getClientCard")["clientCard"]
    asked = {"communicationId": card["currentCommunication"]["id"]}
    phone = operator.post("revealPhone", asked)["phone"]
    operator.post("setStatus", {"status": "BREAK"})

    provoke(system, operator, phone)

    token = str(operator.session.headers["Authorization"]).removeprefix("Bearer ")
    secrets = secrets_of(system, used=[token, COMMENT])
    assert phone in secrets.words  # so the search would find it
    assert secrets.in_text(f"failed: {phone}, {token}") == sorted([phone, token])
    texts = texts_of(system)
    assert {"web.log", "postgres.log", "redis.log", "worker-cards.log"} <= set(texts)
    assert "duplicate key" in texts["postgres.log"]  # the statement failed, and was logged so far
    assert {name: found for name, text in texts.items() if (found := secrets.in_text(text))} == {}
    operator.get("logout")


def test_nobody_else_on_the_machine_reads_a_file_of_the_system(system: RunningSystem) -> None:
    """Each is closed itself, or lies in a folder that only its owner enters."""
    assert files_open_to_others(system) == []


def test_the_application_has_no_right_to_change_tables_or_the_ledger(
    system: RunningSystem,
) -> None:
    for statement in (
        'DELETE FROM "tm$decisions"',
        """UPDATE "tm$decisions" SET reason = ''""",
        'TRUNCATE "tm$decisions"',
        'ALTER TABLE "tm$decisions" DISABLE TRIGGER ALL',
        "CREATE TABLE mine (n int)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            system.execute(statement)

    assert system.count('SELECT count(*) FROM "tm$decisions"') > 0


def test_every_promise_holds_at_the_end(system: RunningSystem) -> None:
    assert broken_after_a_while(system.query, seconds=60) == {}
