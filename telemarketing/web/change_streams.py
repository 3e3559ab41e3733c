"""Passes streams of changes on from the process that serves them to their clients."""

import asyncio
from typing import Any

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector

from telemarketing.web.forwarding import headers_for, passed_on
from telemarketing.web.lanes import LaneFullError
from telemarketing.web.requests import Request

PATH = "/api/arm/v1/changes"
OK, FULL = 200, 503
# a heartbeat comes every 15 seconds; without three of them the process is not there any more
WAITING = ClientTimeout(total=None, sock_connect=2.0, sock_read=45.0)


class ChangeStreams:
    """The process that serves the streams. For one event loop."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http: ClientSession | None = None

    async def pass_on(self, request: Request, protocol: Any) -> None:
        """Pass a stream on until one of its two ends closes it. Raises LaneFullError when too many
        are open, and NoStreamError when Django must answer.
        """
        try:
            async with self._session().get(
                PATH, headers=headers_for(request), allow_redirects=False
            ) as answer:
                if answer.status == FULL:
                    raise LaneFullError
                if answer.status != OK:
                    raise NoStreamError
                await _pump(answer, protocol, passed_on(list(answer.headers.items())))
        except (ClientError, TimeoutError) as error:
            raise NoStreamError from error

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    def _session(self) -> ClientSession:
        if self._http is None:
            # as many as the other process lets in
            connector = TCPConnector(limit=0)
            self._http = ClientSession(
                self._url, connector=connector, timeout=WAITING, auto_decompress=False
            )
        return self._http


class NoStreamError(Exception):
    """The process of the streams does not answer, or cannot tell what changes."""


async def _pump(answer: ClientResponse, protocol: Any, headers: Any) -> None:
    """Copy the stream. Raises nothing: what has begun can only end."""
    transport = protocol.response_stream(OK, headers)
    copying = asyncio.create_task(_copy(answer, transport))
    leaving = asyncio.create_task(_left(protocol))
    try:
        await asyncio.wait((copying, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        copying.cancel()
        leaving.cancel()
        await asyncio.gather(copying, leaving, return_exceptions=True)


async def _copy(answer: ClientResponse, transport: Any) -> None:
    async for chunk in answer.content.iter_any():
        await transport.send_bytes(chunk)


async def _left(protocol: Any) -> None:
    """Wait until the client goes. A coroutine, since granian's awaitable is no whole Future."""
    await protocol.client_disconnect()
