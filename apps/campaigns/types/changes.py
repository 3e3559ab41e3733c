"""Changes of tasks that a person asks for in the back office, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _

REASON_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedBy:
    """Who asks for a change, and why. ``why`` is what the person typed, at most
    ``REASON_LENGTH`` characters; the trace of the task and the ledger keep it."""

    operator_id: int
    why: str


class LeftBecause(models.TextChoices):
    """Why a task is left as it was."""

    # it is dialled, or client and operator talk, or the result of their talk is awaited
    IN_A_CALL = "IN_A_CALL", _("the call goes on, or its result is awaited")
    # nothing is left to do in it
    OVER = "OVER", _("already over")
    # it was not cancelled by hand, so there is nothing to put back
    NOT_CANCELLED = "NOT_CANCELLED", _("not cancelled by hand")
    # the client has a newer task in this campaign, or the application has changed
    REPLACED = "REPLACED", _("a newer application has taken its place")
    # the do-not-call list has the phone
    DO_NOT_CALL = "DO_NOT_CALL", _("the phone is on the do-not-call list")
    # the campaign allows no more attempts
    EXHAUSTED = "EXHAUSTED", _("attempts exhausted")
    # a conversation has a result after which nobody calls
    ANSWERED = "ANSWERED", _("a conversation has decided it")
    # nobody was promised a callback
    NO_CALLBACK = "NO_CALLBACK", _("no callback was promised")


@dataclass(slots=True)
class ChangedTasks:
    """What a change does, or has done: the tasks that it concerns, how many of them are in
    telephony's queue and are withdrawn from it, and how many are left as they are, by reason."""

    changed: list[int] = field(default_factory=list)
    withdrawn: int = 0
    left: dict[LeftBecause, int] = field(default_factory=dict)

    def add(self, other: "ChangedTasks") -> None:
        """Take over what a further batch did."""
        self.changed += other.changed
        self.withdrawn += other.withdrawn
        for why, count in other.left.items():
            self.left[why] = self.left.get(why, 0) + count

    def leave(self, why: Mapping[int, LeftBecause]) -> None:
        """Count tasks that are left, each with its reason."""
        for reason in why.values():
            self.left[reason] = self.left.get(reason, 0) + 1
