"""The HTTP server of the change streams."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, web

from apps.arm.rest import event_stream
from telemarketing.change_streams.register import FullError, OpenStream, Register
from telemarketing.change_streams.subscription import Subscription

PATH = "/api/arm/v1/changes"
HAS_CHANGES = "/api/arm/v1/hasChanges"
SCHEME = "Bearer "
# so long a stream is silent at most. At every second heartbeat it is asked about without a message:
# no session lives longer in the cache, and what a lost message tells the sweep tells again.
HEARTBEAT_SECONDS = 15.0
WRITE_SECONDS = 30.0  # a client that does not read for so long has gone
QUESTIONS_AT_ONCE = 16  # a few are enough for one event loop, and leave the web its other requests
QUESTION = ClientTimeout(total=10)
ASKED_WITH = ("Authorization", "Host", "X-Forwarded-Proto")  # what the web decides an answer by
# of the answer of hasChanges: what belongs to its body and its connection
NOT_PASSED_ON = {
    *("content-length", "content-type", "cache-control"),
    *("connection", "transfer-encoding", "date", "server"),
}
DENIED = 401
NO_STREAM = 502  # web's own answer is right: as if this process were not there
UNAVAILABLE = json.dumps({"status": "UNAVAILABLE"}).encode()
RETRY_AFTER = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True)
class HasChanges:
    """An answer of hasChanges."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Server:
    """``web_url`` is where hasChanges is asked, and ``most`` how many streams may be open."""

    def __init__(self, web_url: str, redis_url: str, most: int) -> None:
        self._web_url = web_url
        self._register = Register(most)
        self._subscription = Subscription(redis_url, self._register)
        self._http: ClientSession

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get(PATH, self._changes)
        application.router.add_get("/health/ready", self._ready)
        application.cleanup_ctx.append(self._running)
        return application

    async def _running(self, _application: web.Application) -> AsyncIterator[None]:
        connector = TCPConnector(limit=QUESTIONS_AT_ONCE)
        self._http = ClientSession(self._web_url, connector=connector, timeout=QUESTION)
        listening = asyncio.create_task(self._subscription.run())
        yield
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await self._subscription.close()
        await self._http.close()

    async def _ready(self, _request: web.Request) -> web.Response:
        return web.Response(status=200 if self._subscription.is_live else 503)

    async def _changes(self, request: web.Request) -> web.StreamResponse:
        answer = await self._ask(request)
        if not self._subscription.is_live or answer.status != 200:
            return web.Response(status=NO_STREAM)
        token = request.headers["Authorization"][len(SCHEME) :].strip()
        try:
            with self._register.opened(token) as stream:
                return await self._stream(request, stream, answer)
        except FullError:
            return web.Response(status=503, headers=RETRY_AFTER)

    async def _stream(
        self, request: web.Request, stream: OpenStream, first: HasChanges
    ) -> web.StreamResponse:
        headers = {**_passed_on(first), **event_stream.HEADERS}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        with suppress(ConnectionError, TimeoutError):  # the client has gone, or reads no more
            async for event in self._events(request, stream):
                async with asyncio.timeout(WRITE_SECONDS):
                    await response.write(event)
        return response

    async def _events(self, request: web.Request, stream: OpenStream) -> AsyncIterator[bytes]:
        """What the client does not know yet, until the token ends or messages may be lost."""
        known = request.headers.get("Last-Event-ID", "")
        while self._subscription.is_live:
            # before the question: what changes from now on is another
            stream.woken.clear()
            answer = await self._ask(request)
            if answer.status != 200:
                denied = answer.status == DENIED
                yield event_stream.end_event(answer.body if denied else UNAVAILABLE)
                return
            told = event_stream.event_id(answer.body)
            yield (
                event_stream.HEARTBEAT if told == known else event_stream.changes_event(answer.body)
            )
            known = told
            if not await _woken(stream):
                yield event_stream.HEARTBEAT
                await _woken(stream)
        yield event_stream.end_event(UNAVAILABLE)

    async def _ask(self, request: web.Request) -> HasChanges:
        """hasChanges as the client would ask it; NO_STREAM where it is not answered."""
        headers = {name: request.headers[name] for name in ASKED_WITH if name in request.headers}
        try:
            async with self._http.get(HAS_CHANGES, headers=headers, allow_redirects=False) as found:
                return HasChanges(found.status, found.headers, await found.read())
        except (ClientError, TimeoutError):
            return HasChanges(NO_STREAM, {}, b"")


async def _woken(stream: OpenStream) -> bool:
    """Wait until the stream is woken. False when its heartbeat is due before that."""
    # streams that were opened in one moment do not beat together for ever
    seconds = random.uniform(2 / 3, 1) * HEARTBEAT_SECONDS  # noqa: S311 - no secret
    try:
        async with asyncio.timeout(seconds):
            await stream.woken.wait()
    except TimeoutError:
        return False
    return True


def _passed_on(answer: HasChanges) -> dict[str, str]:
    return {
        name: value for name, value in answer.headers.items() if name.lower() not in NOT_PASSED_ON
    }
