"""Waiting for what another process or thread does."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
FIRST_PAUSE_SECONDS = 0.005
# shorter than the shortest talk of a quick simulator: no state of a call is missed
LONGEST_PAUSE_SECONDS = 0.05


def until(
    look: Callable[[], Found], what: str = "what the test waits for", seconds: float = 60.0
) -> Found:
    """Call ``look`` until it returns something true, and return that.

    Fails with ``what`` after ``seconds``.
    """
    deadline = time.monotonic() + seconds
    pause = FIRST_PAUSE_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
    return found
