"""Short messages over Redis to whoever listens at the moment.

A message is for speed alone. One may be lost, and nobody is told: whoever listens also looks at
the state itself from time to time.
"""

import json
from collections.abc import Iterable

from django_redis import get_redis_connection
from redis.exceptions import RedisError


def publish(channel: str, items: Iterable[int | str]) -> None:
    """Tell the listeners of ``channel`` the ids of what has changed. Does nothing while Redis does
    not answer."""
    try:
        get_redis_connection("default").publish(channel, json.dumps(list(items)))
    except RedisError:
        return  # the listeners look at the state themselves


def published(message: bytes) -> list[int | str]:
    """The ids of one message. Raises ValueError for what is no JSON; none are in any other message
    that ``publish`` did not write."""
    ids = json.loads(message)
    return [one for one in ids if isinstance(one, int | str)] if isinstance(ids, list) else []
