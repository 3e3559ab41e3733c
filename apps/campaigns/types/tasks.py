"""How a task stands, told to whoever asks about what it was made from."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStanding:
    """What became of a task so far. The texts are for people."""

    state: str  # e.g. "new"; of a task that is done, why it is: "called"
    attempts: int  # calls in which the client's telephone rang
    call_again_at: datetime | None  # the next call; None: none is planned
    talked_at: datetime | None  # when the latest conversation began; None: there was none
    # of the latest conversation; empty until it is saved
    result: str = ""
    reason: str = ""
    comment: str = ""
