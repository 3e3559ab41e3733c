"""The queue of call tasks. `externalId` is the sender's key: one live task for each.

A task that has ended (Done, Removed, Expired) does not stand in the way of a new one with the same
externalId: this is how a number is dialled again.
"""

import json
import re
import sqlite3
import uuid
from dataclasses import dataclass
from typing import Any

from simulators.clock import Clock, from_text, to_text
from simulators.database import transaction
from simulators.mightycall.events import EventLog, Subject
from simulators.mightycall.fates import Fate, fate_of
from simulators.web import Json, RequestError

PHONE = re.compile(r"\+?7\d{10}")
RING_TIMEOUT_SEC = 20.0
LIVE = ("Queued", "Dialing", "InCall")


class BadTaskError(ValueError):
    """One task of a batch is rejected; the message is its errorCode."""


@dataclass(frozen=True)
class NewTask:
    external_id: str
    campaign_id: str
    phone: str
    extension: str | None  # only this agent; None: any free agent
    priority: int
    expires_at: str | None
    ring_timeout_sec: float
    custom_data: Any


@dataclass
class TaskQueue:
    db: sqlite3.Connection
    clock: Clock
    events: EventLog
    seed: int

    def add(self, items: list[Any]) -> list[Json]:
        """A receipt for each item. A bad item is rejected; the others are queued."""
        with transaction(self.db):
            return [self._add_one(item) for item in items]

    def find(self, external_id: str) -> sqlite3.Row:
        """The newest task of that key. Raises RequestError 404."""
        row = self._newest(external_id)
        if row is None:
            raise RequestError(404, "TASK_NOT_FOUND", "no task of that externalId")
        return row

    def remove(self, external_id: str) -> sqlite3.Row:
        """Remove a queued task. Raises RequestError: 404 unknown or ended, 409 being dialled."""
        task = self.find(external_id)
        if task["state"] in ("Dialing", "InCall"):
            raise RequestError(409, "TASK_IN_PROGRESS", "the task is being dialled")
        if task["state"] == "Queued":
            self._drop(task, "Removed", "Deleted")
        elif task["state"] != "Removed":
            raise RequestError(404, "TASK_ENDED", f"the task is {task['state']}")
        return self.find(external_id)

    def expire(self) -> None:
        """End the tasks whose ``expires_at`` has passed."""
        rows = self.db.execute(
            "SELECT * FROM tasks WHERE state = 'Queued' AND expires_at <= ?",
            [self.clock.now_text()],
        ).fetchall()
        with transaction(self.db):
            for task in rows:
                self._drop(task, "Expired", "Expired")

    def counts(self) -> dict[str, int]:
        rows = self.db.execute("SELECT state, count(*) AS n FROM tasks GROUP BY state")
        return {row["state"]: row["n"] for row in rows}

    def _add_one(self, item: Any) -> Json:
        try:
            task = read_task(item, self.clock.now_text())
        except BadTaskError as error:
            external_id = item.get("externalId") if isinstance(item, dict) else None
            return _receipt(external_id, None, "Rejected") | {"errorCode": str(error)}
        known = self._newest(task.external_id)
        if known is not None and known["state"] in LIVE:
            receipt = _receipt(task.external_id, known["id"], known["state"])
            return receipt | {"duplicate": True}
        return _receipt(task.external_id, self._insert(task), "Queued")

    def _insert(self, task: NewTask) -> str:
        task_id = str(uuid.uuid4())
        fate = self._fate(task)
        self.db.execute(
            "INSERT INTO tasks (id, external_id, campaign_id, phone, extension, priority,"
            " expires_at, ring_timeout_sec, custom_data, fate, state, added_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'Queued', ?)",
            [
                task_id,
                task.external_id,
                task.campaign_id,
                task.phone,
                task.extension,
                task.priority,
                task.expires_at,
                task.ring_timeout_sec,
                json.dumps(task.custom_data, ensure_ascii=False),
                fate,
                self.clock.now_text(),
            ],
        )
        return task_id

    def _fate(self, task: NewTask) -> Fate:
        """The fate of a new task. The attempts are counted: each has a fate of its own, the same
        for the seed.
        """
        query = "SELECT count(*) FROM tasks WHERE external_id = ?"
        attempts = self.db.execute(query, [task.external_id]).fetchone()[0]
        return fate_of(self.seed, task.phone, f"{task.external_id}:{attempts}")

    def _newest(self, external_id: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.db.execute(
            "SELECT * FROM tasks WHERE external_id = ? ORDER BY seq DESC LIMIT 1", [external_id]
        ).fetchone()
        return row

    def _drop(self, task: sqlite3.Row, state: str, reason: str) -> None:
        with transaction(self.db):
            self.db.execute(
                "UPDATE tasks SET state = ?, ended_at = ? WHERE seq = ?",
                [state, self.clock.now_text(), task["seq"]],
            )
            subject = Subject(
                task_id=task["id"], external_id=task["external_id"], to_phone=task["phone"]
            )
            data = {"reason": reason, "campaignId": task["campaign_id"]}
            self.events.publish("TaskRemoved", subject, data)


def read_task(item: Any, now: str) -> NewTask:
    """A task from one item. Raises BadTaskError with INVALID_TASK, INVALID_NUMBER or EXPIRED."""
    if not isinstance(item, dict):
        raise BadTaskError("INVALID_TASK")
    external_id, campaign_id = _key(item.get("externalId")), _key(item.get("campaignId"))
    extension = item.get("extension")
    if not isinstance(item.get("phone"), str) or not PHONE.fullmatch(item["phone"]):
        raise BadTaskError("INVALID_NUMBER")
    return NewTask(
        external_id,
        campaign_id,
        item["phone"].removeprefix("+"),
        None if extension is None else _key(extension),
        int(_number(item.get("priority"), 0)),
        _expiry(item.get("expiresAt"), now),
        _number(item.get("ringTimeoutSec"), RING_TIMEOUT_SEC),
        item.get("customData"),
    )


def _key(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise BadTaskError("INVALID_TASK")
    return str(value)


def _number(value: Any, otherwise: float) -> float:
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise BadTaskError("INVALID_TASK")
    return float(value)


def _expiry(value: Any, now: str) -> str | None:
    if value is None:
        return None
    try:
        expires_at = to_text(from_text(value))
    except (TypeError, ValueError) as error:
        raise BadTaskError("INVALID_TASK") from error
    if expires_at <= now:
        raise BadTaskError("EXPIRED")
    return expires_at


def _receipt(external_id: Any, task_id: str | None, state: str) -> Json:
    return {"externalId": external_id, "taskId": task_id, "state": state, "duplicate": False}
