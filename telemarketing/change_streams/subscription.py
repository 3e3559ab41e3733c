"""The process's one subscription in Redis, and what is done when it is lost."""

import asyncio
import logging

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from apps.arm.types import CHANGED_CHANNEL
from apps.security.types import DISTRUSTED_CHANNEL
from common.channels import published
from telemarketing.change_streams.register import Register

logger = logging.getLogger(__name__)

CHANNELS = (CHANGED_CHANNEL, DISTRUSTED_CHANNEL)
ANSWER_SECONDS = 2.0  # in which Redis answers, or is lost
QUIET_SECONDS = 5.0  # without a message, after which Redis is asked whether it is there
AGAIN_SECONDS = 1.0


class Subscription:
    """Wakes the streams of ``register`` when Redis tells that they have changed.

    ``is_live`` is False while messages may be lost. Then no stream may go on: each is woken, and
    ends by itself.
    """

    def __init__(self, url: str, register: Register) -> None:
        # no retry: a connection that breaks has lost messages, and whoever relies on them must know
        self._redis = Redis.from_url(
            url, socket_connect_timeout=ANSWER_SECONDS, retry=Retry(NoBackoff(), 0)
        )
        self._register = register
        self.is_live = False

    async def run(self) -> None:
        """Listen for ever."""
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                logger.warning("the subscription is lost: %s", type(error).__name__)
            finally:
                self.is_live = False
                self._register.wake_all()
            await asyncio.sleep(AGAIN_SECONDS)

    async def close(self) -> None:
        await self._redis.aclose()

    async def _listen(self) -> None:
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(*CHANNELS)
            for _ in CHANNELS:  # Redis confirms each
                await _awaited(pubsub)
            self.is_live = True
            while True:
                message = await _next(pubsub, QUIET_SECONDS)
                if message is None:
                    await pubsub.ping()
                    message = await _awaited(pubsub)
                self._tell(message)

    def _tell(self, message: tuple[str, bytes]) -> None:
        kind, content = message
        if kind != "message":  # Redis shows that it is there
            return
        try:
            ids = published(content)
        except ValueError:
            logger.warning("a message cannot be read")
            return
        self._register.wake(ids)


async def _next(pubsub: PubSub, seconds: float) -> tuple[str, bytes] | None:
    message = await pubsub.get_message(timeout=seconds)
    return message and (message["type"], message["data"])


async def _awaited(pubsub: PubSub) -> tuple[str, bytes]:
    """Any message. Raises TimeoutError when Redis sends none for ``ANSWER_SECONDS``."""
    message = await _next(pubsub, ANSWER_SECONDS)
    if message is None:
        raise TimeoutError
    return message
