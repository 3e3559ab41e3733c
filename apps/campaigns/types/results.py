"""Results of conversations: what the form offers, what the operator filled in."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _


class Meaning(models.TextChoices):
    """What an operator's disposition means for the campaign."""

    # the client agreed; there is no further call
    SUCCESS = "SUCCESS", _("success")
    # call again once the disposition's block time is over
    REDIAL = "REDIAL", _("call again after the block time")
    # call at the time that the operator entered
    CALLBACK = "CALLBACK", _("call back at the time the client named")
    # the client declined; there is no further call, and filters can stop later applications
    REFUSED = "REFUSED", _("refused")
    # the phone goes on the do-not-call list: no campaign calls it any more
    NEVER_AGAIN = "NEVER_AGAIN", _("never call again")
    # somebody else answered; there is no further call
    WRONG_NUMBER = "WRONG_NUMBER", _("wrong number")


class ReasonChoice(NamedTuple):
    """A reason that may be chosen."""

    id: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DispositionChoice:
    """A result that may be chosen."""

    id: int
    text: str
    meaning: Meaning
    needs_callback_time: bool


@dataclass(frozen=True, slots=True)
class FormChoices:
    """What the result form of one campaign offers, in the order in which it is shown."""

    reasons: tuple[ReasonChoice, ...]
    results: tuple[DispositionChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultForm:
    """What the operator filled in.

    ``reason`` and ``result`` are texts of the campaign's reasons and dispositions.
    ``callback_at`` is an aware moment; only the meaning CALLBACK asks for it.
    """

    communication_id: int
    operator_id: int
    phone: str
    reason: str = ""
    result: str = ""
    comment: str = ""
    callback_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a saved result should have been.

    ``by`` is the operator who corrects it, ``why`` the reason given. ``own``: it must be a
    conversation of ``by``, saved not longer ago than ``CORRECTION_SECONDS``; otherwise the caller
    has checked the right to correct anybody's. ``seen_version`` is the version on which the
    correction is based; None: whichever is there.
    """

    communication_id: int
    by: int
    own: bool
    reason: str = ""
    result: str = ""
    comment: str = ""
    callback_at: datetime | None = None
    why: str = ""
    seen_version: int | None = None


class DoNotCallEffect(models.TextChoices):
    """What a correction did to the do-not-call list."""

    # the correction is not about it
    NONE = "NONE"
    # the phone was put on it
    LISTED = "LISTED"
    # the phone was taken off it, and the tasks that had ended for it are open again
    REMOVED = "REMOVED"
    # the phone stays on it: another conversation, or somebody else, put it there too
    STAYS = "STAYS"


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction did. ``version`` is that of the result now; ``task_follows``: the task does
    what the corrected result asks for, False: a later call or result decides about it."""

    version: int
    task_follows: bool
    do_not_call: DoNotCallEffect


class ListedPhone(NamedTuple):
    """An entry of the do-not-call list. Until ``settled_at`` the operator whose result put it there
    may correct that; None: no conversation did."""

    entry_id: int
    phone: str
    reason: str
    settled_at: datetime | None


class ResultOfCampaign(NamedTuple):
    """A result that a campaign's form offers or has offered, and what it means today."""

    campaign_id: int
    text: str
    meaning: Meaning
