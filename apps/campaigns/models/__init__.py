"""The tables of the campaign engine: those of the source [source tables 2 to 4] and our own."""

from apps.campaigns.models.attention import AttentionItem
from apps.campaigns.models.call import Call, Communication, ResultVersion
from apps.campaigns.models.campaign import (
    MAX_ATTEMPTS_CEILING,
    Campaign,
    Disposition,
    DispositionReason,
    RedialRule,
)
from apps.campaigns.models.changed_hour import ChangedHour
from apps.campaigns.models.ledger import Decision, DoNotCallEntry
from apps.campaigns.models.order import CallOrder
from apps.campaigns.models.task import CampaignTask, DeferredCandidate, TaskTransition

__all__ = [
    "MAX_ATTEMPTS_CEILING",
    "AttentionItem",
    "Call",
    "CallOrder",
    "Campaign",
    "CampaignTask",
    "ChangedHour",
    "Communication",
    "Decision",
    "DeferredCandidate",
    "Disposition",
    "DispositionReason",
    "DoNotCallEntry",
    "RedialRule",
    "ResultVersion",
    "TaskTransition",
]
