"""A real Redis, and a server that takes connections and never answers."""

import socket
import time
from collections.abc import Iterator
from typing import cast

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from common import resting_redis
from common.resting_redis import RestingPool, even_while_resting

TIMEOUT_SECONDS = 0.05


@pytest.fixture
def hung() -> Iterator[redis.Redis]:
    """A client of a server that hangs."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(64)
        url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        timeouts = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
        yield redis.Redis(connection_pool=RestingPool.from_url(url, **timeouts))


def test_a_hung_server_costs_its_time_out_once(hung: redis.Redis) -> None:
    with pytest.raises(RedisTimeoutError):
        hung.get("key")
    started = time.monotonic()

    for _ in range(100):
        with pytest.raises(RedisConnectionError, match="left alone"):
            hung.get("key")

    assert time.monotonic() - started < 100 * TIMEOUT_SECONDS / 2


def test_the_next_operation_may_be_any(hung: redis.Redis) -> None:
    with pytest.raises(RedisTimeoutError):
        hung.get("key")

    with pytest.raises(RedisConnectionError, match="left alone"):
        hung.mget(["key"])


def test_what_others_rely_on_is_tried_while_the_server_rests(hung: redis.Redis) -> None:
    with pytest.raises(RedisTimeoutError):
        hung.get("key")

    with even_while_resting(), pytest.raises(RedisTimeoutError):
        hung.get("key")

    with pytest.raises(RedisConnectionError, match="left alone"):
        hung.get("key")


def test_after_the_rest_one_operation_tries_and_opens_the_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resting_redis, "REST_SECONDS", 0.0)
    client = redis.Redis(connection_pool=RestingPool.from_url(settings.REDIS_URL))
    breaker = cast(RestingPool, client.connection_pool)._breaker
    breaker.note_failure()
    assert breaker.is_open

    assert client.ping()

    assert not breaker.is_open


def test_without_redis_each_look_up_of_the_cache_is_a_miss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache.set("key", "value")
    pool = cache.client.get_client().connection_pool  # type: ignore[attr-defined]
    monkeypatch.setattr(pool._breaker, "_failures", 1)
    monkeypatch.setattr(pool._breaker, "_rests_until", time.monotonic() + 60)

    assert cache.get("key") is None
    assert cache.get_many(["key"]) == {}
    assert cache.add("key", "other") is None
    cache.set("key", "other")
    monkeypatch.undo()
    assert cache.get("key") == "value"


def test_the_cache_keeps_json_and_no_pickles() -> None:
    with pytest.raises(TypeError):
        cache.set("key", object())
