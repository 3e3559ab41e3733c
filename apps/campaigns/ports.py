"""What the campaign engine needs from outside the core; a setting names each port's adapter."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from apps.campaigns.types import DialRequest, DueTask
from common.ports import bound


class Dialer(Protocol):
    """The telephony service that makes the calls (setting ``CAMPAIGNS_DIALER``)."""

    def add_calls(self, requests: Sequence[DialRequest]) -> None:
        """Write down that these calls are to be made.

        Runs inside the engine's transaction: it writes rows and sends nothing.
        """

    def cancel_calls(self, order_ids: Sequence[int]) -> None:
        """Write down that the calls of these orders must not be made.

        Runs inside the engine's transaction: it writes rows and sends nothing.
        """

    def operators_on_line(self) -> int:
        """How many operators are logged in to telephony."""


class CallGuard(Protocol):
    """The domain's last check before a call (setting ``CAMPAIGNS_CALL_GUARD``)."""

    def forbidden(self, tasks: Sequence[DueTask]) -> Mapping[int, str | None]:
        """Check the tasks and return those that must not be called now.

        Returns the reason by task id, in the reader's language; None where the check could not be
        made, so that the engine asks again later. An id that is absent may be called. May ask
        outside services, so it is never called inside a transaction.
        """


def dialer() -> Dialer:
    """The adapter of telephony."""
    adapter: Dialer = bound("CAMPAIGNS_DIALER")
    return adapter


def call_guard() -> CallGuard:
    """The domain's adapter for the check before a call."""
    adapter: CallGuard = bound("CAMPAIGNS_CALL_GUARD")
    return adapter
