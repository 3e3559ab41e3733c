"""The cache in front of the table of tokens: a warm token costs one round trip to Redis and no SQL.

Why a revocation always prevails. A token's digest has two keys: the session and a tombstone. A
reader that finds no session, or a tombstone, asks the table. Whatever ends a token writes the
tombstone first, then deletes the row, and writes the tombstone again after the commit. So:

- a reader that saw the row before it was deleted may still write the session. But the tombstone
  outlives that session, and while it exists nobody looks at the session;
- a process that dies between the steps leaves either a tombstone (the table is asked) or an
  untouched token;
- a revocation that is rolled back costs a few queries and nothing else: a tombstone denies nothing
  by itself, the table does.

Two cases remain: Redis loses the tombstone (it was down or cut off at the moment of the revocation,
or flushed just after it), or a reader pauses for longer than the tombstone lives. Then the short
life of the session limits the damage.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.core.cache import cache

from apps.security.types import DISTRUSTED_CHANNEL, Role, Session
from common.channels import publish
from common.resting_redis import even_while_resting

SESSION_SECONDS = 30  # the longest that a lost tombstone can go unnoticed
# ten times the session's: a session that a slow reader wrote is gone before the tombstone
TOMBSTONE_SECONDS = 300


def find(digest: str, extra_key: str | None = None) -> tuple[Session | None, Any]:
    """Return (session, value at ``extra_key``), both from one MGET. The session is None when the
    table must be asked, the value when there is none.
    """
    session_key, tombstone_key = _session_key(digest), _tombstone_key(digest)
    keys = (
        [session_key, tombstone_key]
        if extra_key is None
        else [session_key, tombstone_key, extra_key]
    )
    found = cache.get_many(keys)
    extra_value = found.get(extra_key) if extra_key is not None else None
    if session_key not in found or tombstone_key in found:
        return None, extra_value
    return _unpacked(found[session_key]), extra_value


def keys_in_redis(digest: str) -> tuple[str, str]:
    """The keys whose values ``session_in`` needs, for whoever asks Redis by itself."""
    return cache.make_key(_session_key(digest)), cache.make_key(_tombstone_key(digest))


def session_in(session: bytes | None, tombstone: bytes | None) -> Session | None:
    """What ``find`` returns, from the two values as Redis has them."""
    return None if session is None or tombstone is not None else _read(session)


def keep(digest: str, session: Session) -> None:
    """Store a session that was just read from the table."""
    packed = (
        session.token_id,
        session.operator_id,
        session.role.value,
        session.expires_at.timestamp(),
    )
    cache.set(_session_key(digest), packed, SESSION_SECONDS)


def distrust(digests: Iterable[str]) -> None:
    """Write the tombstones of these tokens: from now on the table is asked about them. Whoever
    holds a stream for one of them is told to ask."""
    digests = list(digests)
    if not digests:
        return
    tombstones = {_tombstone_key(digest): 1 for digest in digests}
    # other processes may find Redis well: whoever ends a token waits for its time-out rather
    with even_while_resting():
        cache.set_many(tombstones, TOMBSTONE_SECONDS)
        publish(DISTRUSTED_CHANNEL, digests)


@lru_cache(maxsize=4_096)  # more than operators at work; an operator's session is the same for long
def _read(stored: bytes) -> Session:
    return _unpacked(cache.client.decode(stored))  # type: ignore[attr-defined]


def _session_key(digest: str) -> str:
    return f"security:session:{digest}"


def _tombstone_key(digest: str) -> str:
    return f"security:tombstone:{digest}"


def _unpacked(packed: tuple[str, int, str, float]) -> Session:
    token_id, operator_id, role, expires_at = packed
    return Session(token_id, operator_id, Role(role), datetime.fromtimestamp(expires_at, UTC))
