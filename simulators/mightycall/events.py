"""The event log: one stream per agent and one for the account, read by cursor.

Every event goes to the account's stream and, where it concerns an agent, to the agent's own, with
the same id. `seq` counts within a stream without gaps. A stream keeps its last `retention` events.
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
from simulators.web import Json, RefusalError

ACCOUNT = "account"
RETENTION = 10_000
TRIM_EVERY = 100  # events of a stream between two trimmings
HOLD_BACK_SEC = 1.0  # a reordered event comes after the next one, or after this


@dataclass(frozen=True)
class Subject:
    """Whom and what an event is about."""

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
        """Write an event where its readers look, unless a fault loses, doubles or delays it."""
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

    def read(self, stream: str, cursor: str | None, limit: int) -> Page:
        """The events after the cursor; without one, all that is kept. Raises RefusalError."""
        after = self._position(stream, cursor)
        rows = self.db.execute(
            "SELECT seq, event FROM log WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?",
            [stream, after, limit + 1],
        ).fetchall()
        events = [json.loads(row["event"]) | {"seq": row["seq"]} for row in rows[:limit]]
        last = rows[:limit][-1]["seq"] if rows else after
        return Page(events, make_cursor(stream, last), len(rows) > limit)

    async def wait(self, stream: str, seconds: float) -> None:
        """Return when something was written to the stream, or the seconds are over."""
        reader: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._readers[stream].add(reader)
        try:
            await asyncio.wait([reader], timeout=seconds)
        finally:
            self._readers[stream].discard(reader)

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
        streams = [ACCOUNT]
        if event["extension"] is not None:
            streams.append(agent_stream(event["extension"]))
        with transaction(self.db):
            for stream in streams:
                self._append_to(stream, text)

    def _append_to(self, stream: str, text: str) -> None:
        self._last_seq[stream] += 1
        seq = self._last_seq[stream]
        self.db.execute("INSERT INTO log VALUES (?, ?, ?)", [stream, seq, text])
        if seq % TRIM_EVERY == 0:
            oldest_kept = [stream, seq - self.retention]
            self.db.execute("DELETE FROM log WHERE stream = ? AND seq <= ?", oldest_kept)
        for reader in self._readers[stream]:
            if not reader.done():
                reader.set_result(None)

    def _position(self, stream: str, cursor: str | None) -> int:
        oldest = self._oldest_position(stream)
        if cursor is None:
            return oldest
        position = read_cursor(stream, cursor)
        if position < oldest or self.faults.strikes(EVENT_SERVICE, "outdated_cursor"):
            extra = {"oldestCursor": make_cursor(stream, oldest)}
            raise RefusalError(410, "OUTDATED_CURSOR", "go on from oldestCursor", extra)
        return position

    def _oldest_position(self, stream: str) -> int:
        query = "SELECT min(seq) AS oldest FROM log WHERE stream = ?"
        oldest = self.db.execute(query, [stream]).fetchone()["oldest"]
        return 0 if oldest is None else int(oldest) - 1


def agent_stream(extension: str) -> str:
    return f"agent {extension}"


def make_cursor(stream: str, position: int) -> str:
    return base64.urlsafe_b64encode(f"{position} {stream}".encode()).decode().rstrip("=")


def read_cursor(stream: str, cursor: str) -> int:
    """Raises RefusalError 400 for a cursor that was not given out for this stream."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        position, owner = text.split(" ", 1)
        if owner == stream:
            return int(position)
    except ValueError:
        pass
    raise RefusalError(400, "BAD_CURSOR", "this cursor was not given out for these events")
