"""Advisory locks of PostgreSQL, which are released when the process that holds them dies.

A session-level lock needs no guessed expiry and no open transaction, so requests to outside
services may be made under it. It belongs to the connection: a connection pooler must run in session
mode.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection

KEYS = 2**31


class LockSpace(IntEnum):
    """The first key of an advisory lock: what it protects. Each comment names the second key."""

    STREAM_POLL = 1  # reading the folder of a data stream; the stream's ``lock_key``
    LARGE_FILE = 2  # importing a large file; its place, up to LARGE_AT_ONCE
    SERVICE_SHARD = 3  # asking services about a share of the applications; the shard's number
    HAND_OVER = 4  # handing over tasks of a campaign; the campaign's id
    TELEPHONY_SHARD = 5  # reading the events of some operators; the shard's number
    TELEPHONY_SENDER = 6  # sending the queue to telephony; the sender's slot
    TELEPHONY_EVENTS = 7  # reading the common event feed (0), reconciling calls (another key)
    PRESENCE = 8  # sending operators' presence to telephony; no second key
    CONFIG = 9  # applying the configuration of campaigns; no second key
    OPEN_TASKS = 10  # opening tasks of a campaign; the campaign's id
    BLACKLIST_NOTICES = 11  # sending notices to BlackList; no second key
    REPORT_HOUR = 31  # counting an hour anew; hours since 1970
    ACCESS_LOG = 30  # sealing the access log; no second key
    DRY_RUN = 20  # a slice of a run over stored applications; the run's id
    CALL_LIST = 43  # reading, checking or importing a call list; the list's id
    CLIENT_CARD = 15  # preparing a client card; the communication's id


@contextmanager
def try_lock(space: LockSpace, key: int = 0) -> Iterator[bool]:
    """Hold the lock (space, key) during the block. Yields False at once if it is already held. Keys
    that are 2**31 apart share a lock: PostgreSQL's have 32 bits."""
    key %= KEYS
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


def held_keys(space: LockSpace) -> set[int]:
    """The second keys of the locks of this space that any session of this database holds now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT objid::bigint FROM pg_locks JOIN pg_database ON pg_database.oid = database
            WHERE datname = current_database()
                AND locktype = 'advisory' AND classid = %s AND objsubid = 2 AND granted""",
            [space],
        )
        return {key for (key,) in cursor.fetchall()}


def transaction_lock(space: LockSpace, key: int = 0) -> None:
    """Wait for the lock (space, key) and hold it until the current transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [space, key])
