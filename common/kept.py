"""A result that is kept in the memory of this process for a few seconds."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from weakref import WeakSet

Result = TypeVar("Result")

every_kept: "WeakSet[Kept[Any]]" = WeakSet()  # of this process


class Kept(Generic[Result]):
    """What ``find`` found, until it is older than ``at_most``.

    Names of people may be kept here, which have no place in Redis. One thread asks anew and the
    others wait for what it finds, so that many at once cost as much as one.
    """

    def __init__(self, find: Callable[[datetime], Result], at_most: timedelta) -> None:
        self._find = find
        self._at_most = at_most
        self._lock = threading.Lock()
        self._kept: tuple[datetime, Result] | None = None
        every_kept.add(self)

    def at(self, now: datetime) -> Result:
        """The result of this moment, or of one that is at most so much earlier."""
        with self._lock:
            if self._kept is None or not timedelta() <= now - self._kept[0] < self._at_most:
                self._kept = now, self._find(now)
            return self._kept[1]

    def forget(self) -> None:
        """Ask anew next time."""
        with self._lock:
            self._kept = None
