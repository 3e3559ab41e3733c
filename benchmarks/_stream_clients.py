"""Operators' clients: such that hold a stream of changes, and such that ask once a second. Each
kind runs in a process of its own.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

POLL_SECONDS = 1.0
END_OF_HEAD = b"\r\n\r\n"
END_OF_EVENT = b"\n\n"
LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Heard:
    """What a client heard: its number, the moment on the monotonic clock, and the text."""

    client: int
    at: float
    text: bytes


@dataclass(frozen=True, slots=True)
class Clients:
    """``requests[n]`` is what the client n sends to ``port``, until the moment ``until``."""

    port: int
    requests: Sequence[bytes]
    until: float


Kind = Callable[[ProcessPoolExecutor, Clients], "Future[Sequence[Heard]]"]


def hold_streams(process: ProcessPoolExecutor, clients: Clients) -> "Future[Sequence[Heard]]":
    """Every event that the clients are told."""
    return process.submit(_together, _hold, clients)


def poll(process: ProcessPoolExecutor, clients: Clients) -> "Future[Sequence[Heard]]":
    """Every answer that the clients get."""
    return process.submit(_together, _poll, clients)


def one_process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, get_context("spawn"))


Client = Callable[[Clients, int, list[Heard]], Awaitable[None]]


def _together(client: Client, clients: Clients) -> list[Heard]:
    heard: list[Heard] = []

    async def all_of_them() -> None:
        await asyncio.gather(*(client(clients, n, heard) for n in range(len(clients.requests))))

    asyncio.run(all_of_them())
    return heard


async def _hold(clients: Clients, number: int, heard: list[Heard]) -> None:
    await asyncio.sleep(number / 500)  # not all in one moment
    reader, writer = await asyncio.open_connection("127.0.0.1", clients.port)
    writer.write(clients.requests[number])
    try:
        async with asyncio.timeout_at(_loop_time(clients.until)):
            while text := await reader.readuntil(END_OF_EVENT):
                heard.append(Heard(number, time.monotonic(), text))
    except (TimeoutError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def _poll(clients: Clients, number: int, heard: list[Heard]) -> None:
    await asyncio.sleep(number / len(clients.requests))
    reader, writer = await asyncio.open_connection("127.0.0.1", clients.port)
    while (began := time.monotonic()) < clients.until:
        writer.write(clients.requests[number])
        head = await reader.readuntil(END_OF_HEAD)
        length = int(head.lower().partition(LENGTH)[2].partition(b"\r")[0])
        text = await reader.readexactly(length)
        heard.append(Heard(number, time.monotonic(), text))
        await asyncio.sleep(max(0.0, POLL_SECONDS - (time.monotonic() - began)))
    writer.close()


def _loop_time(at: float) -> float:
    return asyncio.get_running_loop().time() + (at - time.monotonic())
