"""The application that granian calls (RSGI): reads a request, chooses its lane, answers."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from django.conf import settings

from telemarketing.web import bridge, change_streams, refusals, warm_changes
from telemarketing.web.bodies import (
    CutBodyError,
    LongBodyError,
    SlowBodyError,
    read_body,
    read_chunked_body,
)
from telemarketing.web.cache_reader import CacheReader
from telemarketing.web.change_streams import ChangeStreams, NoStreamError
from telemarketing.web.forwarding import BackOffice, UnreachableError
from telemarketing.web.lanes import Lane, LaneFullError
from telemarketing.web.requests import Answer, Request, Scope, believed
from telemarketing.web.warm_changes import WarmChanges

logger = logging.getLogger(__name__)

LENGTH = "content-length"
LOG_IN_PATHS = ("/api/security/v1/login", "/api/arm/v1/login", "/arm/password/", "/admin/login/")
WORKPLACE_PATHS = ("/api/arm/", "/api/security/", "/arm/", "/static/", "/health/")

# A request of the workplace waits for PostgreSQL or Redis half of its time, so two threads keep a
# core busy; twice as many go on while some wait for a row's lock.
WORKPLACE_THREADS = 4
WORKPLACE_WAITING = 400  # a second's questions of all operators, and as many again
# Questions of hasChanges that the cache cannot answer, which thus wait for no card and no result:
# a few quick queries each, of which one thread's wait is the other's turn.
CHANGES_THREADS = 2
CHANGES_WAITING = 400
# One hashes while the other asks the tables. Everybody may come at once when the shift begins.
LOG_IN_THREADS = 2
LOG_IN_WAITING = 300
# people wait for a page and look at it, so a few are enough; more would only share the same core
BACK_OFFICE_THREADS = 4
BACK_OFFICE_WAITING = 16


class WebApplication:
    """Django behind lanes.

    With ``BACK_OFFICE_URL`` the back office is another process, and its lane here passes requests
    on; without, it is served here.
    """

    def __init__(
        self, django: bridge.WsgiApplication, look: warm_changes.Look = warm_changes.look
    ) -> None:
        self._django = django
        self._workplace = Lane("workplace", WORKPLACE_THREADS, WORKPLACE_WAITING)
        self._changes_lane = Lane("changes", CHANGES_THREADS, CHANGES_WAITING)
        self._log_in = Lane("log-in", LOG_IN_THREADS, LOG_IN_WAITING)
        self._back_office = Lane("back-office", BACK_OFFICE_THREADS, BACK_OFFICE_WAITING)
        url = settings.BACK_OFFICE_URL
        self._elsewhere = BackOffice(url, BACK_OFFICE_THREADS) if url else None
        streams = settings.CHANGES_URL
        self._streams = ChangeStreams(streams) if streams else None
        self._cache_reader = CacheReader(settings.REDIS_URL)
        self._warm_changes = WarmChanges(self._cache_reader, self._changes_lane, look)

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:
        if warm_changes.is_asked(scope):
            answer = await self._changes(scope, protocol)
        else:
            answer = await self._answer(scope, protocol)
        if answer is not None:
            protocol.response_bytes(answer.status, answer.headers, answer.body)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_until_complete(self._cache_reader.close())
        if self._streams:
            loop.run_until_complete(self._streams.close())
        for lane in (self._workplace, self._changes_lane, self._log_in, self._back_office):
            lane.close()

    async def _changes(self, scope: Scope, protocol: Any) -> Answer | None:
        warm = await self._warm_changes.answer(scope)
        if warm is not None:
            return warm
        answer = await self._answer(scope, protocol)
        if answer is not None:
            self._warm_changes.learn(scope, answer)
        return answer

    async def _answer(self, scope: Scope, protocol: Any) -> Answer | None:
        """None when there is nobody any more to answer, or a stream has been passed on."""
        try:
            request = await _read(scope, protocol)
            if self._streams and request.path == change_streams.PATH and request.method == "GET":
                with suppress(NoStreamError):  # then Django answers with one event
                    await self._streams.pass_on(request, protocol)
                    return None
            lane, work = self._lane_of(request)
            return await lane.run(partial(work, request))
        except CutBodyError:
            return None
        except SlowBodyError:
            return refusals.too_slow(scope)
        except LongBodyError:
            return refusals.too_long(scope)
        except LaneFullError:
            return refusals.busy(scope)
        except UnreachableError:
            logger.warning("the process of the back office does not answer")
            return refusals.unreachable(scope)
        except Exception:  # this entry point is the outermost
            logger.exception("a request failed outside of Django")
            return refusals.failed(scope)

    def _lane_of(self, request: Request) -> tuple[Lane, Callable[[Request], Answer]]:
        here = partial(bridge.call, self._django)
        is_log_in = request.method == "POST" and request.path in LOG_IN_PATHS
        if is_log_in:
            return self._log_in, here
        if request.path.startswith(WORKPLACE_PATHS):
            return self._workplace, here
        return self._back_office, self._elsewhere.ask if self._elsewhere else here


async def _read(scope: Scope, protocol: Any) -> Request:
    headers = believed(scope.headers.items())
    longest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if "transfer-encoding" in scope.headers:
        body = await read_chunked_body(protocol, longest)
        # now its length is known: Django reads as much as this header says
        headers = [pair for pair in headers if pair[0] not in ("transfer-encoding", LENGTH)]
        headers.append((LENGTH, str(len(body))))
    else:
        body = await read_body(protocol, int(scope.headers.get(LENGTH) or 0), longest)
    return Request.of(scope, headers, body)
