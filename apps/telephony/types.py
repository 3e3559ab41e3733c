"""What others get from telephony."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephonyTrouble:
    """What is late at this moment.

    - ``sessions``: operators on line whose session or state MightyCall has not confirmed.
    - ``feeds``: operators whose events cannot be read.
    - ``requests``: requests to the queue that were not sent; ``oldest_at``: since when.
    """

    sessions: int
    feeds: int
    requests: int
    oldest_at: datetime | None
