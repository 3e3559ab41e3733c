"""What the campaign engine needs from outside the core; settings bind each port by its path."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from apps.campaigns.types import CallOrder


class Dialer(Protocol):
    """The telephony service of a task type (setting ``CAMPAIGNS_DIALER``)."""

    def add_calls(self, orders: Sequence[CallOrder]) -> None:
        """Write down that these calls are to be made. Runs inside the engine's transaction: rows
        only, no I/O outside."""

    def cancel_calls(self, task_ids: Sequence[int]) -> None:
        """Write down that these calls must not be made. Runs inside the engine's transaction."""

    def operators_on_line(self) -> int:
        """How many operators are logged in to telephony."""


class CallGuard(Protocol):
    """The domain's own last word before a call (setting ``CAMPAIGNS_CALL_GUARD``)."""

    def forbidden(self, orders: Sequence[CallOrder]) -> Mapping[int, "str | None"]:
        """Task ids that may not be called now: the reason, or None where the check could not be
        made (ask again later).

        Ids that may be called are absent. May ask outside services: never called inside a
        transaction.
        """
