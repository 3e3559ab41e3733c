"""The contact centre: its agents, its queue, its calls and its events.

``contact_center`` serves it over HTTP.
"""

import asyncio
import contextlib
import json
from pathlib import Path

from simulators.clock import Clock, Pace
from simulators.database import open_database
from simulators.faults import FaultBoard
from simulators.mightycall.agents import Agents
from simulators.mightycall.calls import Calls
from simulators.mightycall.dispatcher import Dispatcher
from simulators.mightycall.events import EventLog
from simulators.mightycall.queue import TaskQueue
from simulators.mightycall.schema import SCHEMA
from simulators.seeds import rng
from simulators.web import Json


class ContactCenter:
    def __init__(
        self, data_dir: Path | None, seed: int, clock: Clock, pace: Pace, faults: FaultBoard
    ) -> None:
        self._db = open_database(data_dir, "mightycall", SCHEMA)
        self.events = EventLog(self._db, clock, faults)
        self.agents = Agents(self._db, clock, pace, self.events)
        self.queue = TaskQueue(self._db, clock, self.events, seed)
        self.calls = Calls(
            self._db, clock, pace, self.events, self.agents, rng(seed, "talks"), self.nudge
        )
        self._dispatcher = Dispatcher(self._db, clock, self.agents, self.queue, self.calls)
        self._running: asyncio.Task[None] | None = None

    def nudge(self) -> None:
        """Look at the queue soon: an agent may be free, or a task may be new."""
        self._dispatcher.nudge()

    def start(self) -> None:
        """Start the dispatcher. Call it inside the event loop."""
        self.calls.drop_unfinished()
        self._running = asyncio.get_running_loop().create_task(self._dispatcher.run())
        self._running.add_done_callback(_show_crash)

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        await self.calls.stop()
        self._db.close()

    def state(self) -> Json:
        rows = self._db.execute(
            "SELECT extension, campaign_ids AS campaignIds, sessions.state AS session,"
            " status, call_id AS callId, wrap_up_until AS wrapUpUntil"
            " FROM sessions JOIN agents USING (extension)"
            " WHERE sessions.state <> 'Closed' ORDER BY extension"
        )
        return {
            "agents": [dict(row) | {"campaignIds": json.loads(row["campaignIds"])} for row in rows],
            "tasks": self.queue.counts(),
            "calls_in_progress": self.calls.live_count(),
            "events": self.events.count(),
            "waiting_polls": self.events.waiting(),
        }


def _show_crash(running: asyncio.Task[None]) -> None:
    """Print why the dispatcher ended: without it the contact centre would silently dial nobody."""
    if not running.cancelled() and (error := running.exception()) is not None:
        raise error
