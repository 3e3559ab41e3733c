"""The pages of this app in the back office; importing them registers them."""

from apps.campaigns.back_office import (
    attention,
    campaign_page,
    conversations,
    decisions,
    do_not_call,
    tasks,
)

__all__ = ["attention", "campaign_page", "conversations", "decisions", "do_not_call", "tasks"]
