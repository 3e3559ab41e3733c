"""Locks that PostgreSQL itself releases when the process that holds them dies.

A session-level advisory lock needs no guessed expiry and no open transaction, so work that calls
the outside may be done under it. It belongs to the connection: behind a pooler, the pool must be in
session mode.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class LockSpace(IntEnum):
    """The first key of an advisory lock: what kind of thing the second key numbers."""

    STREAM_POLL = 1
    JUDGEMENT_BATCH = 2
    WAITING_VERDICTS = 3
    HAND_OVER = 4
    TELEPHONY_SHARD = 5
    TELEPHONY_SENDER = 6
    TELEPHONY_EVENTS = 7
    PRESENCE = 8
    CONFIG = 9
    OPEN_TASKS = 10
    TELL_BLACKLIST = 11


@contextmanager
def try_lock(space: LockSpace, key: int = 0) -> Iterator[bool]:
    """Hold the lock (space, key) for the block; yield False at once when somebody else holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [space, key])
        won = bool(cursor.fetchone()[0])
    try:
        yield won
    finally:
        if won:
            _unlock(space, key)


def _unlock(space: LockSpace, key: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [space, key])


def transaction_lock(space: LockSpace, key: int = 0) -> None:
    """Wait for the lock (space, key) and hold it until the present transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [space, key])
