"""Reads values from Redis in the event loop, those of many requests with one question."""

import asyncio
import logging
from collections.abc import Sequence
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from common.breaker import CircuitBreaker
from common.resting_redis import REST_SECONDS

logger = logging.getLogger(__name__)

# Redis answers within a millisecond; whoever waits for longer asks in a lane, where the tables help
ANSWER_SECONDS = 0.5

Values = Sequence[bytes | None]
Question = tuple[Sequence[str], "asyncio.Future[Values | None]"]


class CacheReader:
    """One connection to Redis, opened when it is needed. For one event loop.

    Keys that are asked for while Redis is answering wait, and all of them are the next question. So
    at a low load nobody waits, and at a high load a request costs a part of a round trip.
    """

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url,
            single_connection_client=True,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._breaker = CircuitBreaker(failures_to_open=1, rest_seconds=REST_SECONDS)
        self._questions: list[Question] = []
        self._asking: asyncio.Task[None] | None = None

    async def read(self, keys: Sequence[str]) -> Values | None:
        """The values of these keys, None for each that is not there. None for all while Redis does
        not answer; then it is left alone for ``REST_SECONDS``, as by the lanes.
        """
        answer: asyncio.Future[Values | None] = asyncio.get_running_loop().create_future()
        self._questions.append((keys, answer))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await answer

    async def close(self) -> None:
        await self._redis.aclose()

    async def _ask(self) -> None:
        """Answer every question, also those that come in the meantime."""
        try:
            while self._questions:
                questions, self._questions = self._questions, []
                self._tell(questions, await self._values(questions))
        finally:
            self._asking = None

    async def _values(self, questions: Sequence[Question]) -> Values | None:
        if self._breaker.seconds_to_wait() > 0:
            return None
        try:
            found = await self._redis.mget([key for keys, _ in questions for key in keys])
        except (RedisError, OSError):
            self._breaker.note_failure()
            return None
        except Exception:  # the outermost of this task: all who ask wait for it
            logger.exception("the cache cannot be read")
            return None
        self._breaker.note_success()
        return cast("Values", found)  # this client decodes nothing

    @staticmethod
    def _tell(questions: Sequence[Question], values: Values | None) -> None:
        start = 0
        for keys, answer in questions:
            end = start + len(keys)
            if not answer.done():  # whoever asked may have gone
                answer.set_result(values and values[start:end])
            start = end
