"""The parts of the process that serves the streams of changes."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from typing import Any, TypeVar

import pytest
from django.conf import settings
from redis.asyncio import Redis

from apps.arm.types import CHANGED_CHANNEL
from apps.security.tokens import digest_of, issue
from apps.security.types import DISTRUSTED_CHANNEL
from common import clock
from telemarketing.change_streams.register import MOST_OF_ONE_OPERATOR, FullError, Register
from telemarketing.change_streams.subscription import Subscription

Result = TypeVar("Result")
PATIENCE_SECONDS = 20.0


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it in a thread of its own: that of the tests may have a browser's event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def token_of(operator_id: int) -> str:
    return issue(operator_id, clock.now())


def test_only_the_streams_that_a_message_concerns_are_woken() -> None:
    register, first, second = Register(10), token_of(1), token_of(2)
    with register.opened(first) as one, register.opened(second) as two:
        register.wake([1])
        by_operator = (one.woken.is_set(), two.woken.is_set())
        register.wake([digest_of(second), 3, "unknown"])

        assert (by_operator, two.woken.is_set()) == ((True, False), True)


def test_no_more_streams_are_opened_than_may_be_and_a_closed_one_makes_room() -> None:
    register = Register(2)
    with register.opened(token_of(1)):
        with register.opened(token_of(2)), pytest.raises(FullError), register.opened(token_of(3)):
            pass
        with register.opened(token_of(3)):
            assert len(register) == 2

    assert len(register) == 0


def test_one_operator_does_not_take_the_streams_of_the_others() -> None:
    register = Register(10)
    with ExitStack() as streams:
        for _ in range(MOST_OF_ONE_OPERATOR):
            streams.enter_context(register.opened(token_of(1)))

        with pytest.raises(FullError):
            streams.enter_context(register.opened(token_of(1)))
        streams.enter_context(register.opened(token_of(2)))

    assert len(register) == 0


def test_closed_streams_leave_nothing_behind() -> None:
    register = Register(10)
    for number in range(100):
        with register.opened(token_of(number)):
            pass

    assert (len(register._by_key), len(register._of_operator)) == (0, 0)


@asynccontextmanager
async def live(register: Register) -> AsyncIterator[Subscription]:
    subscription = Subscription(settings.REDIS_URL, register)
    listening = asyncio.create_task(subscription.run())
    try:
        await until_live(subscription)
        yield subscription
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await subscription.close()


async def until_live(subscription: Subscription, expected: bool = True) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while subscription.is_live != expected:
            await asyncio.sleep(0.01)


async def break_subscriptions(redis: Redis) -> None:
    """Those of this test's database: other test processes have subscriptions too."""
    number = str(redis.connection_pool.connection_kwargs["db"])
    for client in await redis.client_list(_type="pubsub"):
        if client["db"] == number:
            await redis.client_kill_filter(_id=client["id"])


@pytest.mark.parametrize("channel", [CHANGED_CHANNEL, DISTRUSTED_CHANNEL])
def test_a_message_wakes_the_stream_of_its_operator_or_token(channel: str) -> None:
    async def woken() -> bool:
        register, token = Register(10), token_of(7)
        one = {CHANGED_CHANNEL: 7, DISTRUSTED_CHANNEL: digest_of(token)}[channel]
        with register.opened(token) as stream:
            async with live(register), Redis.from_url(settings.REDIS_URL) as redis:
                stream.woken.clear()
                await redis.publish(channel, json.dumps([one]))
                async with asyncio.timeout(PATIENCE_SECONDS):
                    return await stream.woken.wait()

    assert run(woken())


def test_a_lost_connection_wakes_every_stream_while_none_may_go_on() -> None:
    async def seen() -> tuple[bool, bool]:
        register = Register(10)
        with register.opened(token_of(7)) as stream:
            async with live(register) as subscription, Redis.from_url(settings.REDIS_URL) as redis:
                stream.woken.clear()
                await break_subscriptions(redis)
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await stream.woken.wait()
                was_live = subscription.is_live
                await until_live(subscription)
                return was_live, subscription.is_live

    assert run(seen()) == (False, True)


def test_what_is_no_message_of_ours_stops_nothing() -> None:
    async def goes_on() -> bool:
        register = Register(10)
        with register.opened(token_of(7)) as stream:
            async with live(register), Redis.from_url(settings.REDIS_URL) as redis:
                stream.woken.clear()
                await redis.publish(CHANGED_CHANNEL, b"\xff{")
                await redis.publish(CHANGED_CHANNEL, json.dumps([7]))
                async with asyncio.timeout(PATIENCE_SECONDS):
                    return await stream.woken.wait()

    assert run(goes_on())
