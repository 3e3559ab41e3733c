"""Circuit breaker: a service that keeps failing is not called for a while, then probed by one call.

It is our own, because pybreaker holds a lock during the call, so parallel calls would wait for each
other.
"""

import threading
import time


class CircuitBreaker:
    """Counts failures in a row. One per process and service; threads may share it."""

    def __init__(self, failures_to_open: int, rest_seconds: float) -> None:
        self._failures_to_open = failures_to_open
        self._rest_seconds = rest_seconds
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_until = 0.0  # on the monotonic clock; meaningful while open

    @property
    def is_open(self) -> bool:
        return self._failures >= self._failures_to_open

    def seconds_to_wait(self) -> float:
        """Return 0 when a call may be made now, else how long not to call the service.

        While the breaker is open, the first caller after the rest gets 0: it makes the probe. The
        others go on waiting.
        """
        with self._lock:
            if not self.is_open:
                return 0.0
            now = time.monotonic()
            if now < self._rests_until:
                return self._rests_until - now
            self._rests_until = now + self._rest_seconds
            return 0.0

    def note_success(self) -> None:
        with self._lock:
            self._failures = 0

    def note_failure(self) -> None:
        with self._lock:
            self._failures += 1
            if self.is_open:
                self._rests_until = time.monotonic() + self._rest_seconds
