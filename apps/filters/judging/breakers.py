"""Publishes the states of this process's circuit breakers, for the metrics of another process."""

from collections.abc import Iterable

from django.core.cache import cache

from apps.filters.integrations.endpoints import service

KEPT_SECONDS = 120  # a worker that asks no more says nothing of a service
KEY = "breaker:{name}"


def publish_breakers(names: Iterable[str]) -> None:
    """Keep for a while whether calls of these services are cut off. The cache may lose it."""
    states = {KEY.format(name=name): service(name).breaker.is_open for name in names}
    cache.set_many(states, KEPT_SECONDS)


def breakers(names: Iterable[str]) -> dict[str, bool]:
    """Service → whether it was cut off when last asked; absent when that is not known."""
    keys = {KEY.format(name=name): name for name in names}
    return {keys[key]: bool(is_open) for key, is_open in cache.get_many(keys).items()}
