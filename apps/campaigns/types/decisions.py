"""Decisions about clients: rows of the ledger, and the story that is made of them."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class Step(models.TextChoices):
    """Where on a client's way a decision was taken."""

    # a row of an incoming file was checked
    FORMAT_CONTROL = "FORMAT_CONTROL", _("format control")
    # a filter of the campaign's cascade decided
    FILTER = "FILTER", _("filter")
    # the engine itself: a newer version of the application, the limits of the campaign
    ENGINE = "ENGINE", _("campaign engine")
    # the phone was looked up in our own list before the call
    DO_NOT_CALL = "DO_NOT_CALL", _("do-not-call list")
    # the domain was asked once more before the call
    GUARD = "GUARD", _("check before the call")
    # telephony rejected the order, lost it, or let it expire
    TELEPHONY = "TELEPHONY", _("telephony")
    # the card was prepared, and something was withheld from it
    CLIENT_CARD = "CLIENT_CARD", _("client card")
    # the operator saved a result that changes what follows
    RESULT = "RESULT", _("result of the conversation")
    # a senior operator decided in the back office
    BACK_OFFICE = "BACK_OFFICE", _("back office")


class DecisionVerdict(models.TextChoices):
    """Which way a decision went."""

    # the client goes on to the next step
    PASSED = "PASSED", _("passed")
    # the client's way ends here
    STOPPED = "STOPPED", _("stopped")
    # nothing could be decided yet; it is tried again
    WAITING = "WAITING", _("waiting")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """A row of the ledger of decisions, before it is written.

    It points to what it is about by value (``source_key``, ``task_id``), not by foreign key, so it
    outlives them. ``rule`` is the filter or the engine's rule that decided, ``settings_version``
    the version of the settings that it decided by.
    """

    step: Step
    verdict: DecisionVerdict
    rule: str
    reason: str
    phone: str
    source_key: str = ""
    campaign_id: int | None = None
    task_id: int | None = None
    settings_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryEntry:
    """One line of the story of a client or an application. All texts are in the reader's language;
    ``operator`` is empty where the system itself acted.

    ``rule`` is the code of a decision's rule, and ``source_key`` says what of the client's it is
    about; the domain has words for both, the latter's in ``subject``. ``link`` is the address of
    the page that shows more.
    """

    at: datetime
    what: str
    verdict: str
    reason: str
    rule: str = ""
    comment: str = ""
    callback_at: datetime | None = None
    campaign: str = ""
    operator: str = ""
    source_key: str = ""
    subject: str = ""
    link: str = ""
