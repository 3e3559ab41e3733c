"""Servers of the project on the database of this process, and what they use of the machine."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from factory.declarations import Transformer

from apps.arm import services
from launcher import probes
from testing.factories.security import OperatorFactory, token_of
from testing.waiting import until

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
HAS_CHANGES = "/api/arm/v1/hasChanges"
CONSTANT = "/constant"
WORKERS = 2
START_SECONDS = 60
SWEEP = """
import time
from apps.arm import services
while True:
    time.sleep(5)  # as beat does
    services.refresh_signed_in()
"""
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PSS = re.compile(r"^Pss: +(\d+) kB", re.MULTILINE)


def operators_with_tokens(number: int) -> tuple[list[int], list[str]]:
    """Ids of new operators, and the header of a request of each."""
    # nobody logs in with a password, so none is hashed
    made = OperatorFactory.create_batch(number, password=Transformer.Force("!"))
    return [one.pk for one in made], [f"Authorization: Bearer {token_of(one)}" for one in made]


@dataclass(frozen=True, slots=True)
class Server:
    """A program that serves HTTP, with the processes that it has started."""

    port: int
    pid: int

    def processor_seconds(self) -> float:
        """What its processes have used so far."""
        stats = [Path(f"/proc/{pid}/stat").read_text() for pid in self._pids()]
        fields = [stat.rpartition(")")[2].split() for stat in stats]
        return sum(int(one[11]) + int(one[12]) for one in fields) / TICKS_A_SECOND

    def megabytes(self) -> float:
        """Its memory; pages that processes share are divided among them."""
        rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self._pids()]
        return sum(int(found[1]) for text in rollups if (found := PSS.search(text))) / 1024

    def _pids(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]


@contextmanager
def web(port: int, streams_port: int = 0) -> Iterator[Server]:
    """The project's web, as ``make run`` starts it."""
    streams = {"CHANGES_URL": f"http://{HOST}:{streams_port}"} if streams_port else {}
    target = ("--interface", "rsgi", "telemarketing.rsgi:application")
    with _granian(port, HAS_CHANGES, target, streams) as server:
        yield server


@contextmanager
def smallest_view(port: int) -> Iterator[Server]:
    """The smallest Django project, under the interface that is fastest for it."""
    target = ("--interface", "wsgi", "--factory", "django.core.wsgi:get_wsgi_application")
    settings = {"DJANGO_SETTINGS_MODULE": "benchmarks._smallest_view"}
    with _granian(port, CONSTANT, target, settings) as server:
        yield server


@contextmanager
def _granian(
    port: int, path: str, target: tuple[str, ...], variables: dict[str, str]
) -> Iterator[Server]:
    address = ("--host", HOST, "--port", str(port), "--no-ws")
    processes = ("--workers", str(WORKERS), "--backpressure", "4096")
    with _server(port, path, ("granian", *address, *processes, *target), variables) as server:
        yield server


@contextmanager
def change_streams(port: int, web_port: int) -> Iterator[Server]:
    """The process that serves the streams of changes."""
    arguments = ("telemarketing.change_streams", "--port", str(port))
    web = {"WEB_URL": f"http://{HOST}:{web_port}"}
    with _server(port, "/health/ready", arguments, web) as server:
        yield server


@contextmanager
def cache_kept_warm() -> Iterator[None]:
    """During the block the changes are refreshed as often as beat does it."""
    services.refresh_signed_in()
    with _program("manage.py", "shell", "-c", SWEEP):
        yield


@contextmanager
def _server(
    port: int, path: str, arguments: tuple[str, ...], variables: dict[str, str]
) -> Iterator[Server]:
    with _program("-m", *arguments, **variables) as process:
        # 401 is an answer too
        until(lambda: probes.answers(port, path, range(200, 500)), f"{path} answers", START_SECONDS)
        yield Server(port, process.pid)


@contextmanager
def _program(*arguments: str, **variables: str) -> "Iterator[subprocess.Popen[bytes]]":
    """A Python program on the database of this process, until the end of the block."""
    database = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database, **variables},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
