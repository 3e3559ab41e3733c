"""The simulators' own clock and pace: both can be moved while they run."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset, so that a test reaches tomorrow without waiting."""

    def __init__(self) -> None:
        self.offset_sec = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset_sec)

    def now_text(self) -> str:
        return to_text(self.now())

    def text_in(self, seconds: float) -> str:
        return to_text(self.now() + timedelta(seconds=seconds))


@dataclass
class Pace:
    """How long things take, in seconds of a real call; `speed` divides all of them."""

    speed: float = 1.0
    dial_sec: float = 0.5
    ring_sec: float = 2.0
    talk_min_sec: float = 8.0
    talk_max_sec: float = 25.0
    wrap_up_sec: float = 60.0

    def real(self, seconds: float) -> float:
        """The real seconds to wait for this many seconds of a call."""
        return seconds / self.speed


def to_text(moment: datetime) -> str:
    """UTC ISO-8601 with milliseconds: a fixed width, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """Read an ISO-8601 moment; one without a zone is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
