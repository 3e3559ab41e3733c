"""Agents: their sessions, their status, and whether they are free for a call."""

import json
import sqlite3
import uuid
from dataclasses import dataclass

from simulators.clock import Clock, Pace
from simulators.database import transaction
from simulators.mightycall.events import EventLog, Subject
from simulators.web import RequestError

STATUSES = ("Available", "DoNotDisturb")
IDLE_SEC = 15 * 60  # an agent whose client sends nothing for so long has left


@dataclass(frozen=True)
class FreeAgent:
    extension: str
    campaign_ids: list[str]  # empty: all


@dataclass
class Agents:
    db: sqlite3.Connection
    clock: Clock
    pace: Pace
    events: EventLog

    def open_session(
        self, extension: str, external_id: str, campaign_ids: list[str]
    ) -> tuple[sqlite3.Row, bool]:
        """Return (session, whether it is new). Raises RequestError 409 when the agent has another
        session.
        """
        live = self._live_session(extension)
        if live is not None and live["external_id"] != external_id:
            extra = {"sessionId": live["id"], "externalSessionId": live["external_id"]}
            raise RequestError(409, "SESSION_OPEN_ELSEWHERE", "the agent has a session", extra)
        if live is not None:
            self.touch(extension)
            return live, False
        with transaction(self.db):
            self._insert_session(extension, external_id, campaign_ids)
        return self._get_live_session(extension), True

    def close_session(self, session_id: str, reason: str) -> str:
        """The new state: Closed, or Closing while the agent is on a call. Raises RequestError
        404.
        """
        query = "SELECT * FROM sessions WHERE id = ?"
        session = self.db.execute(query, [session_id]).fetchone()
        if session is None:
            raise RequestError(404, "SESSION_NOT_FOUND", "no session of that id")
        if session["state"] == "Closed":
            return "Closed"
        if self._agent(session["extension"])["call_id"] is not None:
            self._set_session_state(session_id, "Closing")
            return "Closing"
        self._finish_session(session, reason)
        return "Closed"

    def set_status(self, extension: str, status: str) -> None:
        """Set the agent's status; this also ends the wrap-up. Raises RequestError 404 without a
        session.
        """
        self._get_live_session(extension)
        self.touch(extension)
        agent = self._agent(extension)
        ends_wrap_up = agent["wrap_up_until"] is not None and status == "Available"
        if status == agent["status"] and not ends_wrap_up:
            return
        with transaction(self.db):
            self.db.execute(
                "UPDATE agents SET status = ?, wrap_up_until = CASE WHEN ? = 'Available'"
                " THEN NULL ELSE wrap_up_until END WHERE extension = ?",
                [status, status, extension],
            )
            self._announce(extension, status)

    def touch(self, extension: str) -> None:
        """Keep the session alive: every request of the agent's client does."""
        self.db.execute(
            "UPDATE sessions SET last_seen_at = ? WHERE extension = ? AND state <> 'Closed'",
            [self.clock.now_text(), extension],
        )

    def close_idle(self) -> None:
        rows = self.db.execute(
            "SELECT id FROM sessions WHERE state = 'Open' AND last_seen_at <= ?",
            [self.clock.text_in(-IDLE_SEC)],
        ).fetchall()
        for row in rows:
            self.close_session(row["id"], "Idle")

    def end_wrap_ups(self) -> None:
        """End the wrap-ups whose time is over; agents who set DoNotDisturb stay unavailable."""
        rows = self.db.execute(
            "SELECT extension, status FROM agents WHERE wrap_up_until <= ?",
            [self.clock.now_text()],
        ).fetchall()
        with transaction(self.db):
            for row in rows:
                self._end_wrap_up(row["extension"], row["status"])

    def free(self) -> list[FreeAgent]:
        """Agents with an open session, no call, no wrap-up and no DoNotDisturb; the longest idle
        first.
        """
        rows = self.db.execute(
            "SELECT extension, campaign_ids FROM sessions JOIN agents USING (extension)"
            " WHERE state = 'Open' AND status = 'Available' AND call_id IS NULL"
            " AND wrap_up_until IS NULL ORDER BY idle_since",
        )
        return [FreeAgent(row["extension"], json.loads(row["campaign_ids"])) for row in rows]

    def served_campaigns(self) -> set[str] | None:
        """Campaigns that agents with an open session work in; None: all campaigns."""
        rows = self.db.execute("SELECT campaign_ids FROM sessions WHERE state = 'Open'")
        lists = [json.loads(row["campaign_ids"]) for row in rows]
        return None if [] in lists else {campaign for ids in lists for campaign in ids}

    def take_call(self, extension: str, call_id: str) -> None:
        query = "UPDATE agents SET call_id = ? WHERE extension = ?"
        self.db.execute(query, [call_id, extension])

    def talk(self, extension: str) -> None:
        self._announce(extension, "OnCall")

    def leave_call(self, extension: str, *, has_talked: bool) -> None:
        """Free the agent. A conversation is followed by a wrap-up; a session that was Closing is
        closed.
        """
        wrap_up = self.clock.text_in(self.pace.real(self.pace.wrap_up_sec)) if has_talked else None
        with transaction(self.db):
            self.db.execute(
                "UPDATE agents SET call_id = NULL, wrap_up_until = ?, idle_since = ?"
                " WHERE extension = ?",
                [wrap_up, self.clock.now_text(), extension],
            )
            if has_talked:
                self._announce(extension, "WrapUp")
            session = self._live_session(extension)
            if session is not None and session["state"] == "Closing":
                self._finish_session(session, "Requested")

    def _insert_session(self, extension: str, external_id: str, campaign_ids: list[str]) -> None:
        now, session_id = self.clock.now_text(), str(uuid.uuid4())
        self.db.execute("INSERT OR IGNORE INTO agents (extension) VALUES (?)", [extension])
        self.db.execute(
            "INSERT INTO sessions VALUES (?, ?, ?, ?, 'Open', ?, ?)",
            [session_id, extension, external_id, json.dumps(campaign_ids), now, now],
        )
        data = {"sessionId": session_id, "externalSessionId": external_id}
        self.events.publish("SessionOpened", Subject(extension), data)

    def _finish_session(self, session: sqlite3.Row, reason: str) -> None:
        with transaction(self.db):
            self._set_session_state(session["id"], "Closed")
            query = "UPDATE agents SET wrap_up_until = NULL WHERE extension = ?"
            self.db.execute(query, [session["extension"]])
            data = {
                "sessionId": session["id"],
                "externalSessionId": session["external_id"],
                "reason": reason,
            }
            self.events.publish("SessionClosed", Subject(session["extension"]), data)

    def _end_wrap_up(self, extension: str, status: str) -> None:
        query = "UPDATE agents SET wrap_up_until = NULL WHERE extension = ?"
        self.db.execute(query, [extension])
        self._announce(extension, status)

    def _announce(self, extension: str, status: str) -> None:
        self.events.publish("StatusChanged", Subject(extension), {"status": status})

    def _set_session_state(self, session_id: str, state: str) -> None:
        self.db.execute("UPDATE sessions SET state = ? WHERE id = ?", [state, session_id])

    def _live_session(self, extension: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.db.execute(
            "SELECT * FROM sessions WHERE extension = ? AND state <> 'Closed'", [extension]
        ).fetchone()
        return row

    def _get_live_session(self, extension: str) -> sqlite3.Row:
        session = self._live_session(extension)
        if session is None:
            raise RequestError(404, "AGENT_NOT_FOUND", "the agent has no open session")
        return session

    def _agent(self, extension: str) -> sqlite3.Row:
        query = "SELECT * FROM agents WHERE extension = ?"
        row: sqlite3.Row = self.db.execute(query, [extension]).fetchone()
        return row
