"""What others may ask the campaign engine to do. Each docstring is where the name is defined."""

from apps.campaigns.configuration.campaign_import import (
    apply_campaign,
    campaign_changes,
    export_campaign,
)
from apps.campaigns.configuration.campaign_spec import read_campaign_spec
from apps.campaigns.engine.calls import take_call_event, take_call_events
from apps.campaigns.engine.candidates import add_candidates, promote_deferred
from apps.campaigns.engine.hand_over import hand_over_due_tasks
from apps.campaigns.engine.order_withdrawal import recover_lost_tasks, withdraw_paused_tasks
from apps.campaigns.engine.redial_wakeup import wake_redials
from apps.campaigns.engine.results import (
    draft_overdue,
    mark_card_fetched,
    never_call_again,
    save_draft,
    save_result,
)
from apps.campaigns.ledger import record_decisions

__all__ = [
    "add_candidates",
    "apply_campaign",
    "campaign_changes",
    "draft_overdue",
    "export_campaign",
    "hand_over_due_tasks",
    "mark_card_fetched",
    "never_call_again",
    "promote_deferred",
    "read_campaign_spec",
    "record_decisions",
    "recover_lost_tasks",
    "save_draft",
    "save_result",
    "take_call_event",
    "take_call_events",
    "wake_redials",
    "withdraw_paused_tasks",
]
