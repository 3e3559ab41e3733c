"""Gives queued tasks to free agents: the highest priority first, then the oldest."""

import asyncio
import contextlib
import sqlite3
from dataclasses import dataclass, field
from itertools import islice

from simulators.clock import Clock
from simulators.mightycall.agents import Agents, FreeAgent
from simulators.mightycall.calls import Calls
from simulators.mightycall.queue import TaskQueue

TICK_SEC = 0.1  # how often wrap-ups, expiries and idle sessions are checked
BREATH_SEC = 0.01  # many requests at once are served by one round

# Literal values, so that SQLite uses the partial indexes.
QUEUED = "SELECT * FROM tasks WHERE state = 'Queued' AND fate <> 'abandoned' AND "
ORDER = " ORDER BY priority DESC, seq LIMIT 1"
FOR_AGENT = QUEUED + "extension = ?" + ORDER
FOR_CAMPAIGN = QUEUED + "extension IS NULL AND campaign_id = ?" + ORDER
FOR_ALL = QUEUED + "extension IS NULL" + ORDER
FOR_NOBODY = "SELECT * FROM tasks WHERE state = 'Queued' AND fate = 'abandoned' ORDER BY seq"
OVER_DIALLED_AT_ONCE = 5  # an over-dialling dialler has few calls too many, not hundreds


@dataclass
class Dispatcher:
    db: sqlite3.Connection
    clock: Clock
    agents: Agents
    queue: TaskQueue
    calls: Calls
    _nudge: asyncio.Event = field(default_factory=asyncio.Event)

    def nudge(self) -> None:
        """Look at the queue soon, because something changed."""
        self._nudge.set()

    async def run(self) -> None:
        while True:
            self.round()
            await asyncio.sleep(BREATH_SEC)
            with contextlib.suppress(TimeoutError):
                # not wait_for: until Python 3.12 it may swallow the cancellation that ends the loop
                async with asyncio.timeout(TICK_SEC):
                    await self._nudge.wait()
            self._nudge.clear()

    def round(self) -> None:
        self.agents.close_idle()
        self.agents.end_wrap_ups()
        self.queue.expire()
        self._over_dial()
        for agent in self.agents.free():
            self._serve(agent)

    def _serve(self, agent: FreeAgent) -> None:
        task = self._next_for(agent)
        if task is not None:
            self.calls.dial(task, agent.extension)

    def _over_dial(self) -> None:
        """Dial the numbers whose fate is ``abandoned`` without an agent, while any agent works."""
        free_lines = OVER_DIALLED_AT_ONCE - self.calls.live_without_agent()
        tasks = self.db.execute(FOR_NOBODY).fetchall() if free_lines > 0 else []
        served = self.agents.served_campaigns() if tasks else set()
        wanted = (task for task in tasks if served is None or task["campaign_id"] in served)
        for task in islice(wanted, free_lines):
            self.calls.dial(task, None)

    def _next_for(self, agent: FreeAgent) -> sqlite3.Row | None:
        own: sqlite3.Row | None = self.db.execute(FOR_AGENT, [agent.extension]).fetchone()
        if own is not None:
            return own
        if not agent.campaign_ids:
            anyone: sqlite3.Row | None = self.db.execute(FOR_ALL).fetchone()
            return anyone
        heads = [
            self.db.execute(FOR_CAMPAIGN, [campaign_id]).fetchone()
            for campaign_id in agent.campaign_ids
        ]
        waiting = [head for head in heads if head is not None]
        return min(waiting, key=lambda task: (-task["priority"], task["seq"]), default=None)
