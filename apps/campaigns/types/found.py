"""What a search finds, with phones masked, and when a client is called next."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTask:
    """A task. ``state`` and ``outcome`` are in the reader's language; ``at``: not called before."""

    id: int
    phone: str
    campaign: str
    state: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundConversation:
    """A conversation; ``result`` is empty until one is saved."""

    id: int
    phone: str
    campaign: str
    operator: str
    result: str
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDoNotCall:
    """A phone that nobody may call."""

    id: int
    phone: str
    reason: str
    since: datetime


class NextCall(models.TextChoices):
    """Why a client will be called, or what keeps the call back."""

    FIRST = "FIRST", _("first call")  # nobody has tried yet
    CALLBACK = "CALLBACK", _("callback")  # at the time that the client asked for
    REDIAL = "REDIAL", _("another attempt")  # by a redial rule
    GOING_ON = "GOING_ON", _("in telephony now")  # queued, ringing, or a conversation
    PAUSED = "PAUSED", _("campaign is paused")  # called again once the campaign goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What one task has before it. ``at`` is the first moment within the calling hours, None when
    there is none or the campaign is paused; ``attempt`` counts the call that comes."""

    task_id: int
    campaign: str
    kind: NextCall
    at: datetime | None
    local_at: str  # "24.11 13:00" where the client is; empty where that is Moscow time
    attempt: int
    max_attempts: int
    operator: str  # who has promised to call back; empty: anybody calls
