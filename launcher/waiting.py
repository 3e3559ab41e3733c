"""Waits that end at a stop signal; other work is never interrupted by an exception."""

import signal
import time
from collections.abc import Callable
from types import FrameType

from launcher.failures import StopRequestedError

STEP_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Patience:
    """Waits. After a stop signal every wait raises StopRequestedError."""

    def __init__(self) -> None:
        self.is_stop_requested = False

    def listen(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, self._request_stop)

    def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for the condition; True if it came true in time."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.sleep(STEP_SECONDS)
        return True

    def sleep(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_stop_requested:
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, STEP_SECONDS))
        raise StopRequestedError

    def _request_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.is_stop_requested = True
