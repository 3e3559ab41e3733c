"""The event log: one feed per agent and one for the account, read by cursor.

Every event goes to the account's feed and, where it concerns an agent, to the agent's own, with
the same id. `seq` counts within a feed without gaps. A feed keeps its last `retention` events.
"""

import asyncio
import base64
import json
import sqlite3
import uuid
from collections import defaultdict
from dataclasses import dataclass, field

from simulators.clock import Clock
from simulators.database import transaction
from simulators.faults import EVENT_SERVICE, FaultBoard
from simulators.web import Json, RequestError

ACCOUNT = "account"
RETENTION = 10_000
TRIM_EVERY = 100  # events of a feed between two trimmings
HOLD_BACK_SEC = 1.0  # a reordered event waits for the next one, at most so long


@dataclass(frozen=True)
class Subject:
    """The agent, task and call of an event."""

    extension: str | None = None
    task_id: str | None = None
    external_id: str | None = None
    call_id: str | None = None
    from_phone: str | None = None
    to_phone: str | None = None


@dataclass(frozen=True)
class Page:
    events: list[Json]
    next_cursor: str
    has_more: bool


@dataclass
class EventLog:
    db: sqlite3.Connection
    clock: Clock
    faults: FaultBoard
    retention: int = RETENTION
    _held_back: list[Json] = field(default_factory=list)
    _readers: dict[str, set[asyncio.Future[None]]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        rows = self.db.execute("SELECT stream, max(seq) AS last FROM log GROUP BY stream")
        self._last_seq: defaultdict[str, int] = defaultdict(int)
        self._last_seq.update({row["stream"]: row["last"] for row in rows})

    def publish(self, kind: str, subject: Subject, data: Json) -> None:
        """Append an event to its feeds, unless a fault loses, doubles or delays it."""
        event = self._make(kind, subject, data)
        if self.faults.strikes(EVENT_SERVICE, "lost_events"):
            return
        if self.faults.strikes(EVENT_SERVICE, "reordered_events"):
            self._held_back.append(event)
            asyncio.get_running_loop().call_later(HOLD_BACK_SEC, self._let_go)
            return
        self._append(event)
        if self.faults.strikes(EVENT_SERVICE, "doubled_events"):
            self._append(event)
        self._let_go()

    def read(self, feed: str, cursor: str | None, limit: int) -> Page:
        """The events after the cursor; without a cursor, all that are kept. Raises RequestError 400
        or 410.
        """
        after = self._position(feed, cursor)
        rows = self.db.execute(
            "SELECT seq, event FROM log WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?",
            [feed, after, limit + 1],
        ).fetchall()
        events = [json.loads(row["event"]) | {"seq": row["seq"]} for row in rows[:limit]]
        last = rows[:limit][-1]["seq"] if rows else after
        return Page(events, make_cursor(feed, last), len(rows) > limit)

    async def wait(self, feed: str, seconds: float) -> None:
        """Return when something was written to the feed, or after so many seconds."""
        reader: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._readers[feed].add(reader)
        try:
            await asyncio.wait([reader], timeout=seconds)
        finally:
            self._readers[feed].discard(reader)

    def count(self) -> int:
        return self._last_seq[ACCOUNT]

    def waiting(self) -> int:
        return sum(len(readers) for readers in self._readers.values())

    def _make(self, kind: str, subject: Subject, data: Json) -> Json:
        return {
            "id": str(uuid.uuid4()),
            "type": kind,
            "timestampUtc": self.clock.now_text(),
            "extension": subject.extension,
            "taskId": subject.task_id,
            "externalId": subject.external_id,
            "callId": subject.call_id,
            "from": subject.from_phone,
            "to": subject.to_phone,
            "data": data,
        }

    def _let_go(self) -> None:
        held_back, self._held_back = self._held_back, []
        for event in reversed(held_back):
            self._append(event)

    def _append(self, event: Json) -> None:
        text = json.dumps(event, ensure_ascii=False)
        feeds = [ACCOUNT]
        if event["extension"] is not None:
            feeds.append(agent_feed(event["extension"]))
        with transaction(self.db):
            for feed in feeds:
                self._append_to(feed, text)

    def _append_to(self, feed: str, text: str) -> None:
        self._last_seq[feed] += 1
        seq = self._last_seq[feed]
        self.db.execute("INSERT INTO log VALUES (?, ?, ?)", [feed, seq, text])
        if seq % TRIM_EVERY == 0:
            oldest_kept = [feed, seq - self.retention]
            self.db.execute("DELETE FROM log WHERE stream = ? AND seq <= ?", oldest_kept)
        for reader in self._readers[feed]:
            if not reader.done():
                reader.set_result(None)

    def _position(self, feed: str, cursor: str | None) -> int:
        oldest = self._oldest_position(feed)
        if cursor is None:
            return oldest
        position = read_cursor(feed, cursor)
        if position < oldest or self.faults.strikes(EVENT_SERVICE, "outdated_cursor"):
            extra = {"oldestCursor": make_cursor(feed, oldest)}
            raise RequestError(410, "OUTDATED_CURSOR", "go on from oldestCursor", extra)
        return position

    def _oldest_position(self, feed: str) -> int:
        query = "SELECT min(seq) AS oldest FROM log WHERE stream = ?"
        oldest = self.db.execute(query, [feed]).fetchone()["oldest"]
        return 0 if oldest is None else int(oldest) - 1


def agent_feed(extension: str) -> str:
    return f"agent {extension}"


def make_cursor(feed: str, position: int) -> str:
    return base64.urlsafe_b64encode(f"{position} {feed}".encode()).decode().rstrip("=")


def read_cursor(feed: str, cursor: str) -> int:
    """The position in a cursor. Raises RequestError 400 for a cursor of another feed, or of
    none.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        position, owner = text.split(" ", 1)
        if owner == feed:
            return int(position)
    except ValueError:
        pass
    raise RequestError(400, "BAD_CURSOR", "this cursor was not given out for these events")
