"""The two servers: real ones, killed and started again."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from launcher.ports import find_free
from launcher.postgres import Postgres
from launcher.processes import Child, Program
from launcher.valkey import Valkey
from launcher.waiting import Patience

START_SECONDS = 20.0
Start = Callable[[Program], Child]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a server, waits for it, and ends it after the test."""
    with ExitStack() as running:

        def start(program: Program) -> Child:
            child = Child(program)
            running.callback(child.end)
            assert Patience().until(child.is_ready, START_SECONDS), child.output()
            return child

        yield start


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    # durable, as `make run` has it: the settings of test runs may lose the last commits in a kill
    server = Postgres(tmp_path / "postgres", find_free(), tmp_path / "postgres.log")
    yield server
    server.remove()


@pytest.fixture
def valkey(tmp_path: Path) -> Valkey:
    return Valkey(tmp_path / "redis", find_free(), tmp_path / "redis.log")


def test_postgres_keeps_what_was_committed_through_a_kill(start: Start, postgres: Postgres) -> None:
    server = start(postgres.program())
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'Ёж' AS name")
    server.process.kill()
    server.process.wait()

    start(postgres.program())

    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT lower(name) FROM kept").fetchall() == [("ёж",)]


def test_postgres_starts_although_a_stranger_has_the_pid_of_the_last_one(
    start: Start, postgres: Postgres
) -> None:
    start(postgres.program()).end()
    record = postgres.privileges.data / "postmaster.pid"
    record.write_text(f"{os.getpid()}\n{postgres.privileges.data}\n")

    start(postgres.program())

    assert postgres.is_ready()


def test_postgres_that_outlived_its_launcher_is_ended_first(
    start: Start, postgres: Postgres
) -> None:
    orphan = start(postgres.program())

    start(postgres.program())

    assert orphan.has_ended()


def test_postgres_refuses_a_wrong_password(start: Start, postgres: Postgres) -> None:
    start(postgres.program())

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url.replace(postgres.password, "guess"))


def test_valkey_keeps_its_data_through_a_kill(start: Start, valkey: Valkey) -> None:
    server = start(valkey.program())
    redis.Redis.from_url(valkey.url).set("name", "kept")
    server.process.kill()
    server.process.wait()

    start(valkey.program())

    assert redis.Redis.from_url(valkey.url).get("name") == b"kept"


def test_valkey_refuses_who_has_no_password(start: Start, valkey: Valkey) -> None:
    start(valkey.program())

    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=valkey.port, retry=Retry(NoBackoff(), 0)).ping()


def test_ending_a_server_that_is_not_running_is_no_error(start: Start, valkey: Valkey) -> None:
    server = start(valkey.program())
    os.kill(server.pid, signal.SIGKILL)

    server.end()
    server.end()

    assert server.has_ended()


def test_postgres_writes_no_value_of_a_failing_statement_to_its_log(
    start: Start, postgres: Postgres
) -> None:
    start(postgres.program())
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE card (phone varchar(11) PRIMARY KEY, name text NOT NULL)")
        connection.execute("INSERT INTO card VALUES ('79990001122', 'Sidorov')")
        for values in (("79990001122", "Petrov"), ("79995556677", None), ("799977788990", "Orlov")):
            with pytest.raises(psycopg.Error):
                connection.execute("INSERT INTO card VALUES (%s, %s)", values)

    log = postgres.log.read_text()
    assert "duplicate key" in log
    assert [word for word in ("7999", "Sidorov", "Petrov", "Orlov") if word in log] == []
