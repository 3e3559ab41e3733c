"""Calls in progress: one asyncio task for each, from dialling to the recording."""

import asyncio
import json
import random
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from simulators.clock import Clock, Pace
from simulators.database import transaction
from simulators.mightycall.agents import Agents
from simulators.mightycall.events import EventLog, Subject
from simulators.mightycall.fates import DROPPED, ENDINGS, HUNG_UP_EARLY, Ending, Fate
from simulators.web import Json, RequestError

BUSINESS_PHONE = "74950000100"  # the caller number that clients see
RECORDING_DELAY_SEC = 1.0  # between the end of a talk and its recording
SILENCE_SEC = 3.0  # how long a client hears silence, or an agent hears an answering machine


@dataclass
class Call:
    id: str
    task: sqlite3.Row
    extension: str | None
    fate: Fate
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    ring_sec: float = 0.0
    talk_sec: float = 0.0
    is_connected: bool = False

    @property
    def subject(self) -> Subject:
        return Subject(
            self.extension,
            self.task["id"],
            self.task["external_id"],
            self.id,
            BUSINESS_PHONE,
            self.task["phone"],
        )

    @property
    def details(self) -> Json:
        custom_data = json.loads(self.task["custom_data"])
        return {"campaignId": self.task["campaign_id"], "customData": custom_data}


@dataclass
class Calls:
    db: sqlite3.Connection
    clock: Clock
    pace: Pace
    events: EventLog
    agents: Agents
    random: random.Random
    on_agent_free: Callable[[], None]
    _live: dict[str, Call] = field(default_factory=dict)
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    def dial(self, task: sqlite3.Row, extension: str | None) -> None:
        """Start the call of a task: the task leaves the queue, the agent is no longer free."""
        call = Call(str(uuid.uuid4()), task, extension, Fate(task["fate"]))
        with transaction(self.db):
            self._insert(call)
            if extension is not None:
                self.agents.take_call(extension, call.id)
            self.events.publish("CallDialing", call.subject, call.details)
        self._live[call.id] = call
        running = asyncio.get_running_loop().create_task(self._run(call))
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    def hang_up(self, extension: str) -> str:
        """End the agent's call; returns its id. Raises RequestError 409 when the agent has no
        call.
        """
        for call in self._live.values():
            if call.extension == extension:
                call.hung_up.set()
                return call.id
        raise RequestError(409, "NOT_ON_A_CALL", "the agent has no call")

    def drop_unfinished(self) -> None:
        """After a restart: end the calls that were in progress, with the events that say so."""
        query = "SELECT * FROM calls WHERE state <> 'Ended'"
        for row in self.db.execute(query).fetchall():
            tasks = self.db.execute("SELECT * FROM tasks WHERE id = ?", [row["task_id"]])
            call = Call(row["id"], tasks.fetchone(), row["extension"], Fate(row["fate"]))
            call.is_connected = row["started_at"] is not None
            self._end(call, DROPPED)

    def recent(self, limit: int) -> list[Json]:
        rows = self.db.execute("SELECT * FROM calls ORDER BY dialled_at DESC LIMIT ?", [limit])
        return [_as_json(row) for row in rows]

    def live_count(self) -> int:
        return len(self._live)

    def live_without_agent(self) -> int:
        return sum(call.extension is None for call in self._live.values())

    async def stop(self) -> None:
        """Stop the tasks and leave the calls as they are; the next start ends them."""
        for running in self._running:
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self, call: Call) -> None:
        ending = ENDINGS[call.fate]
        is_cut_short = await self._until_answered(call, ending)
        if is_cut_short:
            ending = HUNG_UP_EARLY
        elif ending.talks:
            by_agent = await self._talk(call)
            ending = ENDINGS[Fate.AGENT_HANGS_UP] if by_agent else ending
        self._live.pop(call.id)
        self._end(call, ending)
        self.on_agent_free()
        if ending.talks:
            await asyncio.sleep(self.pace.real(RECORDING_DELAY_SEC))
            self._publish_recording(call)

    async def _until_answered(self, call: Call, ending: Ending) -> bool:
        """Dial and ring; True if the agent hung up meanwhile."""
        _, is_cut_short = await self._pass_time(call, self.pace.dial_sec)
        if is_cut_short or not ending.rings:
            return is_cut_short
        with transaction(self.db):
            self._move(call, "Ringing", "ringing_at")
            self.events.publish("CallRinging", call.subject, call.details)
        call.ring_sec, is_cut_short = await self._pass_time(call, self._ring_sec(call))
        if call.fate in (Fate.ABANDONED, Fate.ANSWERING_MACHINE) and not is_cut_short:
            _, is_cut_short = await self._pass_time(call, SILENCE_SEC)
        return is_cut_short

    async def _talk(self, call: Call) -> bool:
        """Agent and client talk; True if the agent hung up."""
        call.is_connected = True
        with transaction(self.db):
            self._move(call, "InCall", "started_at")
            self.events.publish("CallStarted", call.subject, call.details)
            if call.extension is not None:
                self.agents.talk(call.extension)
        length = self.random.uniform(self.pace.talk_min_sec, self.pace.talk_max_sec)
        call.talk_sec, by_agent = await self._pass_time(call, length)
        return by_agent

    async def _pass_time(self, call: Call, seconds: float) -> tuple[float, bool]:
        """Return (seconds of the call that passed, whether the agent hung up meanwhile)."""
        loop = asyncio.get_running_loop()
        begin, speed = loop.time(), self.pace.speed
        try:
            # not wait_for: until Python 3.12 it may swallow the cancellation that ends the call
            async with asyncio.timeout(seconds / speed):
                await call.hung_up.wait()
        except TimeoutError:
            return seconds, False
        return (loop.time() - begin) * speed, True

    def _ring_sec(self, call: Call) -> float:
        """How long it rings: until the sender's limit when nobody answers, else until somebody
        does.
        """
        patience = float(call.task["ring_timeout_sec"])
        if call.fate is Fate.NO_ANSWER:
            return patience
        return min(patience, self.pace.ring_sec)

    def _end(self, call: Call, ending: Ending) -> None:
        with transaction(self.db):
            self._close_rows(call, ending)
            if call.fate is not Fate.END_LOST:
                self.events.publish("CallEnded", call.subject, _end_data(call, ending))
            if call.extension is not None:
                self.agents.leave_call(call.extension, has_talked=call.is_connected)

    def _publish_recording(self, call: Call) -> None:
        data = {
            "recordingId": call.id,
            "fileName": f"{call.id}.mp3",
            "durationSec": round(call.talk_sec),
        }
        self.events.publish("RecordingReady", call.subject, data)

    def _insert(self, call: Call) -> None:
        task = call.task
        self.db.execute(
            "UPDATE tasks SET state = 'Dialing', call_id = ? WHERE seq = ?", [call.id, task["seq"]]
        )
        self.db.execute(
            "INSERT INTO calls (id, task_id, external_id, campaign_id, custom_data, phone,"
            " extension, fate, state, dialled_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'Dialing', ?)",
            [
                call.id,
                task["id"],
                task["external_id"],
                task["campaign_id"],
                task["custom_data"],
                task["phone"],
                call.extension,
                call.fate,
                self.clock.now_text(),
            ],
        )

    def _move(self, call: Call, state: str, moment_column: str) -> None:
        self.db.execute(
            # the column name is a constant of this module
            f"UPDATE calls SET state = ?, {moment_column} = ? WHERE id = ?",  # noqa: S608
            [state, self.clock.now_text(), call.id],
        )
        if state == "InCall":
            query = "UPDATE tasks SET state = 'InCall' WHERE seq = ?"
            self.db.execute(query, [call.task["seq"]])

    def _close_rows(self, call: Call, ending: Ending) -> None:
        now = self.clock.now_text()
        self.db.execute(
            "UPDATE calls SET state = 'Ended', ended_at = ?, disposition = ?, hangup_by = ?"
            " WHERE id = ?",
            [now, ending.disposition, ending.hangup_by, call.id],
        )
        self.db.execute(
            "UPDATE tasks SET state = 'Done', ended_at = ?, disposition = ? WHERE seq = ?",
            [now, ending.disposition, call.task["seq"]],
        )


def _end_data(call: Call, ending: Ending) -> Json:
    return {
        "systemDisposition": ending.disposition,
        "hangupBy": ending.hangup_by,
        "causeQ850": ending.cause_q850,
        "sipStatus": ending.sip_status,
        "ringSec": round(call.ring_sec),
        "talkSec": round(call.talk_sec),
    }


def _as_json(row: sqlite3.Row) -> Json:
    return {key: row[key] for key in row.keys() if key != "custom_data"}  # noqa: SIM118 a Row
