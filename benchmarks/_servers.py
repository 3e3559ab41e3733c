"""Servers of the project on the database of this process, and what they use of the machine."""

import os
import re
import subprocess
import sys
import threading
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
WORKERS = 2
START_SECONDS = 60
REFRESH_SECONDS = 5.0  # as beat does
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
def granian(
    interface: str, module: str, path: str, port: int, streams_port: int = 0
) -> Iterator[Server]:
    """granian as ``make run`` starts it; it is ready when ``path`` is answered."""
    streams = {"CHANGES_URL": f"http://{HOST}:{streams_port}"} if streams_port else {}
    arguments = (
        *("granian", "--interface", interface, "--no-ws", "--host", HOST, "--port", str(port)),
        *("--workers", str(WORKERS), "--backpressure", "4096", f"{module}:application"),
    )
    with _server(port, path, arguments, streams) as server:
        yield server


@contextmanager
def change_streams(port: int, web_port: int) -> Iterator[Server]:
    """The process that serves the streams of changes."""
    arguments = ("telemarketing.change_streams", "--port", str(port))
    web = {"WEB_URL": f"http://{HOST}:{web_port}"}
    with _server(port, "/health/ready", arguments, web) as server:
        yield server


@contextmanager
def _server(
    port: int, path: str, arguments: tuple[str, ...], variables: dict[str, str]
) -> Iterator[Server]:
    database = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database, **variables},
        stdout=subprocess.DEVNULL,
    )
    try:
        # 401 is an answer too
        until(lambda: probes.answers(port, path, range(200, 500)), f"{path} answers", START_SECONDS)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def cache_kept_warm() -> Iterator[None]:
    """During the block the changes are refreshed as often as beat does it."""
    is_over = threading.Event()

    def refresh() -> None:
        while not is_over.wait(REFRESH_SECONDS):
            services.refresh_signed_in()
        connection.close()

    services.refresh_signed_in()
    thread = threading.Thread(target=refresh)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
