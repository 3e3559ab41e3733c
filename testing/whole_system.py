"""The whole system as ``make run`` starts it, with data of its own, and its users."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis
import requests

from testing.waiting import until

ROOT = Path(__file__).resolve().parents[1]
READY = "Telemarketing is ready."
READY_SECONDS = 240
LOG_IN_SECONDS = 120  # hashes are made one after another: the last of a crowd waits for the others
STOP_SECONDS = 60
# of the test runner's own servers and keys: the system must make its own
OWN_VARIABLES = (
    "DATABASE_URL",
    "REDIS_URL",
    "LOCAL_ENV_FILE",
    "SECRET_KEY",
    "JWT_KEY",
    "FIELD_ENCRYPTION_KEY",
    "CSV_BASE_FOLDER",
    "DEMO",
    "DJANGO_DEBUG",
    "ALLOWED_HOSTS",
    "DJANGO_SETTINGS_MODULE",
)
AWAITED = "SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
IN_TELEPHONY = """SELECT count(*) FROM "tm$campaign_tasks" WHERE task_state = 'IN_PROGRESS'"""
SERVICE_VARIABLE = re.compile(r"^(BLACKLIST|CASPER|ABRAM|MIGHTYCALL)_")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RunningSystem:
    """``make run`` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.output = folder / "output.txt"
        folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "launcher", "run"],
            cwd=ROOT,
            env=self._environment(),
            stdout=self.output.open("w"),
            stderr=subprocess.STDOUT,
        )

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in OWN_VARIABLES and not SERVICE_VARIABLE.match(name)
        }
        return {**inherited, "VAR_DIR": str(self.folder), "PORT": str(self.port)}

    def wait_until_ready(self) -> None:
        def is_ready() -> bool:
            assert self.process.poll() is None, self.output.read_text()
            return READY in self.output.read_text()

        until(is_ready, "the system is ready", READY_SECONDS)
        self.settings = dict(
            line.split("=", 1)
            for line in (self.folder / "local.env").read_text().splitlines()
            if "=" in line and not line.startswith("#")
        )

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    @property
    def stream(self) -> Path:
        return self.folder / "csv" / "mobile_loans"

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.settings["DATABASE_URL"].strip("'")) as connection:
            return connection.execute(sql, values).fetchall()

    def execute(self, sql: str, *values: object) -> None:
        with psycopg.connect(self.settings["DATABASE_URL"].strip("'")) as connection:
            connection.execute(sql, values)

    def count(self, sql: str, *values: object) -> int:
        return int(self.query(sql, *values)[0][0])

    def stop_calling(self) -> None:
        """Pause all campaigns, and wait until telephony has nothing more to dial."""
        self.execute('UPDATE "tm$campaigns" SET active = false')
        until(lambda: not self.count(IN_TELEPHONY), "telephony has nothing to dial")

    @contextmanager
    def locked(self, sql: str, *values: object) -> Iterator[Callable[[], bool]]:
        """During the block the rows that ``sql`` locks are locked. Yields whether somebody waits
        for one of them."""
        with psycopg.connect(self.settings["DATABASE_URL"].strip("'")) as holder:
            holder.execute(sql, values)
            yield lambda: bool(holder.execute(AWAITED).rowcount)

    def lose_redis(self) -> None:
        redis.Redis.from_url(self.settings["REDIS_URL"].strip("'")).flushall()

    def site(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def _control_url(self, path: str) -> str:
        ports = json.loads((self.folder / "run" / "ports.json").read_text())
        return f"http://127.0.0.1:{ports['control']}{path}"

    def control(self, path: str, body: dict[str, Any]) -> None:
        """Set something at the simulators' control port."""
        requests.put(self._control_url(path), json=body, timeout=10).raise_for_status()

    def calls_of_telephony(self) -> list[dict[str, Any]]:
        """Return telephony's own list of calls, newest first."""
        url = self._control_url("/mightycall/calls?limit=10000")
        calls: list[dict[str, Any]] = requests.get(url, timeout=30).json()["calls"]
        return calls

    def password_of(self, login: str) -> str:
        lines = (self.folder / "demo-logins.txt").read_text().splitlines()
        return next(line.split()[1] for line in lines if line.startswith(f"{login} "))

    def manage(self, *arguments: str) -> None:
        """Run a management command as in another terminal, where only ``VAR_DIR`` is set."""
        subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self._environment(),
            check=True,
            capture_output=True,
        )

    def put_file(self, source: Path, name: str) -> None:
        """Copy a file into the stream's folder. The last step renames it: it appears whole."""
        partial = self.stream / f"{name}.part"
        partial.write_bytes(source.read_bytes())
        partial.rename(self.stream / name)

    def worker_pids(self, queue: str) -> list[int]:
        """Return the ids of the processes of a lane's Celery worker and of its pool."""
        return self._pids(lambda process: _read(process / "comm") == f"{queue}\n")

    def redis_pids(self) -> list[int]:
        server = redis.Redis.from_url(self.settings["REDIS_URL"].strip("'")).info("server")
        return [int(server["process_id"])]

    def back_office_pids(self) -> list[int]:
        """Return the ids of the web server's processes that serve the back office."""
        ports = json.loads((self.folder / "run" / "ports.json").read_text())
        return self._pids_at(ports["back-office"])

    def web_pids(self) -> list[int]:
        """Return the ids of the web server's processes that serve the workplace."""
        return self._pids_at(self.port)

    def _pids_at(self, port: int) -> list[int]:
        option = f"--port\0{port}\0"
        return self._pids(lambda process: option in _read(process / "cmdline"))

    def change_stream_pids(self) -> list[int]:
        """Return the id of the process that serves the streams of changes."""
        module = "telemarketing.change_streams\0"
        return self._pids(lambda process: module in _read(process / "cmdline"))

    def _pids(self, is_meant: Callable[[Path], bool]) -> list[int]:
        ours = f"VAR_DIR={self.folder}\0"
        processes = (entry.parent for entry in Path("/proc").glob("[0-9]*/comm"))
        return [
            int(process.name)
            for process in processes
            if ours in _read(process / "environ") and is_meant(process)
        ]


def _read(file: Path) -> str:
    """The text of a file of a process; empty when the process has ended."""
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


@contextmanager
def standing_still(pids: list[int]) -> Iterator[None]:
    """During the block the processes hang: they keep their connections, and answer nothing."""
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def half_sent_posts(system: RunningSystem, number: int) -> list[socket.socket]:
    """So many clients that announce a body and send its first eight bytes."""
    head = (
        "POST /api/security/v1/login HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    )
    clients = [socket.create_connection(("127.0.0.1", system.port)) for _ in range(number)]
    for client in clients:
        client.sendall(f'{head}{{"login"'.encode())
    return clients


class OperatorClient:
    """An operator who has logged in to the REST API of the workplace."""

    def __init__(self, system: RunningSystem, login: str) -> None:
        self.system = system
        self.session = requests.Session()
        data = self.post("login", {"login": login, "password": system.password_of(login)})
        self.session.headers["Authorization"] = f"Bearer {data['token']}"

    def get(self, name: str) -> dict[str, Any]:
        answer = self.session.get(self.system.site(f"/api/arm/v1/{name}"), timeout=10)
        answer.raise_for_status()
        return dict(answer.json().get("data", {}))

    def post(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        url = self.system.site(f"/api/arm/v1/{name}")
        answer = self.session.post(url, json=body, timeout=LOG_IN_SECONDS)
        assert answer.status_code == 200, answer.text
        return dict(answer.json().get("data", {}))

    def has(self, change: str) -> bool:
        return change in self.get("hasChanges")["changes"]


def admin_session(system: RunningSystem, login: str) -> requests.Session:
    """Return a session that is logged in to the back office."""
    session = requests.Session()
    page = session.get(system.site("/admin/login/"), timeout=10)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    answer = session.post(
        system.site("/admin/login/?next=/admin/"),
        data={
            "csrfmiddlewaretoken": token[1],
            "username": login,
            "password": system.password_of(login),
        },
        headers={"Referer": system.site("/admin/login/")},
        timeout=10,
    )
    assert answer.url.endswith("/admin/"), answer.url
    return session
