"""The cache before the table of tokens: a warm token costs one round trip to Redis and no SQL.

How revocation wins every race. Under a token's digest lie two keys: the session, and a tombstone.
Who finds no session, or a tombstone, asks the table. Who ends a token writes the tombstone first,
then deletes the row, and writes the tombstone again after the commit. So:

- a reader that saw the row before it was deleted may still write the session, but the tombstone
  beside it outlives what it wrote, and as long as it stands nobody looks at the session;
- a process that dies between the steps leaves either a tombstone (the table is asked) or an
  untouched token;
- a rolled-back revocation costs nothing but a few queries, for a tombstone denies nothing by
  itself: the table does.

What is left is Redis losing the tombstone (down or cut off at the moment of the revocation, flushed
just after it) and a reader that stood still for longer than the tombstone: then the session's short
life is the last resort.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.cache import cache

from apps.security.types import Role, Session

SESSION_SECONDS = 30  # the longest that a lost tombstone can go unnoticed
TOMBSTONE_SECONDS = (
    300  # ten times the session's: a slow reader's session is gone before the tombstone
)


def find(digest: str, extra_key: str | None = None) -> tuple[Session | None, Any]:
    """The cached session, or None when the table must be asked; and the value at the key
    ``beside``, in the same round trip.
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


def keep(digest: str, session: Session) -> None:
    """Remember what the table said."""
    packed = (
        session.token_id,
        session.operator_id,
        session.role.value,
        session.expires_at.timestamp(),
    )
    cache.set(_session_key(digest), packed, SESSION_SECONDS)


def distrust(digests: Iterable[str]) -> None:
    """From now on the table is asked about these tokens."""
    cache.set_many({_tombstone_key(digest): 1 for digest in digests}, TOMBSTONE_SECONDS)


def _session_key(digest: str) -> str:
    return f"security:session:{digest}"


def _tombstone_key(digest: str) -> str:
    return f"security:tombstone:{digest}"


def _unpacked(packed: tuple[str, int, str, float]) -> Session:
    token_id, operator_id, role, expires_at = packed
    return Session(token_id, operator_id, Role(role), datetime.fromtimestamp(expires_at, UTC))
