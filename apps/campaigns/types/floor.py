"""What senior operators see of the work that goes on now."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignAtWork:
    """One campaign at this moment, and since the beginning of the day.

    - ``due``: tasks that may be called now; ``later``: that wait for their time; ``redials``: that
      become due again.
    - ``in_telephony``: orders that telephony has.
    - ``calls``, ``reached``, ``successes``: of today.
    - ``closes_at``: until when calls are allowed, None when they are not; ``opens_at``: when they
      are allowed next, None while they are or when the campaign has no hours.
    """

    id: int
    name: str
    active: bool
    due: int
    later: int
    redials: int
    in_telephony: int
    calls: int
    reached: int
    successes: int
    closes_at: datetime | None
    opens_at: datetime | None

    @property
    def waiting(self) -> int:
        """Tasks that wait for their time, and calls that are to be made again."""
        return self.later + self.redials


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationNow:
    """A conversation that goes on, or whose result is awaited (``ended_at`` is set then)."""

    operator_id: int
    communication_id: int
    campaign_name: str
    phone: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """Redials that were planned: within the next hour, and overdue."""

    soon: int
    overdue: int
