"""Lanes: threads of their own for each kind of request, with a bounded queue before them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


class LaneFullError(Exception):
    """More requests wait already than could be answered in reasonable time."""


class Lane:
    """Some threads, and at most ``waiting`` requests that wait for one of them.

    ``run`` is for the event loop alone; the count needs no lock there.
    """

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = threads + waiting
        self._present = 0

    async def run(self, work: Callable[[], Result]) -> Result:
        """The result of ``work``, done in a thread of this lane. Raises LaneFullError at once."""
        if self._present >= self._most:
            raise LaneFullError
        self._present += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._present -= 1

    def close(self) -> None:
        """Take no more work, and drop what waits."""
        self._pool.shutdown(wait=False, cancel_futures=True)
