"""Pauses a campaign and lets it go on."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction

from apps.campaigns.models import Campaign
from apps.campaigns.types import CampaignNotFoundError


@transaction.atomic
def switch_campaign(campaign_id: int, *, active: bool, operator_id: int) -> bool:
    """Let a campaign call, or pause it: the sweeps then hand over nothing, and withdraw the orders
    that telephony has not dialled. Calls that go on are never cut.

    Returns False when it was in that state already. The change stands in the campaign's history
    with who made it. Raises CampaignNotFoundError.
    """
    campaign = Campaign.objects.select_for_update().filter(pk=campaign_id).first()
    if campaign is None:
        raise CampaignNotFoundError
    if campaign.active == active:
        return False
    campaign.active = active
    campaign.save(update_fields=["active"])
    LogEntry.objects.log_actions(
        operator_id, [campaign], CHANGE, change_message=[{"changed": {"fields": ["active"]}}]
    )
    return True
