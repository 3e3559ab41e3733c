"""Asks a web server over many connections as fast as it answers, in a process of its own."""

import selectors
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from multiprocessing import get_context

OK = b"HTTP/1.1 200"
END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Load:
    """Requests that are sent in turn to ``port`` of this machine, by so many connections at once
    and for so many seconds.
    """

    port: int
    requests: Sequence[bytes]
    connections: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Answered:
    """Requests a second, and the seconds that each took, the shortest first."""

    per_second: float
    latencies: Sequence[float]


def put(load: Load) -> Answered:
    """Raises RuntimeError for an answer other than 200."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_put, load).result()


def get(path: str, *headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def _put(load: Load) -> Answered:
    waiting = selectors.DefaultSelector()
    requests, began = cycle(load.requests), time.perf_counter()
    for _ in range(load.connections):
        connection = socket.create_connection(("127.0.0.1", load.port))
        waiting.register(connection, selectors.EVENT_READ, _Conversation(connection))
        waiting.get_map()[connection].data.ask(next(requests))
    latencies: list[float] = []
    while time.perf_counter() - began < load.seconds:
        for key, _ in waiting.select():
            latency = key.data.heard()
            if latency is not None:
                latencies.append(latency)
                key.data.ask(next(requests))
    taken = time.perf_counter() - began
    for key in list(waiting.get_map().values()):
        key.data.close()
    return Answered(len(latencies) / taken, sorted(latencies))


class _Conversation:
    """One connection, and the answer that is coming in."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._heard = b""
        self._asked_at = 0.0

    def ask(self, request: bytes) -> None:
        self._heard, self._asked_at = b"", time.perf_counter()
        self._connection.sendall(request)

    def heard(self) -> float | None:
        """The seconds since the question, when the answer is whole."""
        self._heard += self._connection.recv(65_536)
        head, found, body = self._heard.partition(END_OF_HEAD)
        if not found:
            return None
        if not head.startswith(OK):
            raise RuntimeError(head[:200])
        length = int(head.lower().partition(LENGTH)[2].partition(b"\r")[0])
        return time.perf_counter() - self._asked_at if len(body) == length else None

    def close(self) -> None:
        self._connection.close()
