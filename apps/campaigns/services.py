"""What others may ask the campaign engine to do. Each docstring is where the name is defined."""

from apps.campaigns.attention import (
    handled,
    known_keys,
    release,
    set_aside,
    set_aside_all,
    waiting_keys,
)
from apps.campaigns.call_counts import forget_changed_hours
from apps.campaigns.configuration.campaign_import import (
    apply_campaign,
    campaign_changes,
    export_campaign,
)
from apps.campaigns.configuration.campaign_spec import read_campaign_spec
from apps.campaigns.engine.call_events import take_call_events
from apps.campaigns.engine.candidates import add_candidates, promote_deferred
from apps.campaigns.engine.corrections import correct_result
from apps.campaigns.engine.do_not_call import never_call_again
from apps.campaigns.engine.hand_over import hand_over_due_tasks
from apps.campaigns.engine.order_withdrawal import (
    replace_tasks,
    withdraw_lost_orders,
    withdraw_outdated_tasks,
    withdraw_paused_orders,
)
from apps.campaigns.engine.redial_wakeup import wake_redials
from apps.campaigns.engine.results import (
    draft_overdue,
    mark_card_fetched,
    mark_card_unfetched,
    save_draft,
    save_result,
)
from apps.campaigns.engine.task_changes import (
    cancel_tasks,
    give_callbacks,
    postpone_tasks,
    prioritise_tasks,
    put_back_tasks,
)
from apps.campaigns.ledger import record_decisions
from apps.campaigns.made_up_history import make_history
from apps.campaigns.switching import switch_campaign

__all__ = [
    "add_candidates",
    "apply_campaign",
    "campaign_changes",
    "cancel_tasks",
    "correct_result",
    "draft_overdue",
    "export_campaign",
    "forget_changed_hours",
    "give_callbacks",
    "hand_over_due_tasks",
    "handled",
    "known_keys",
    "make_history",
    "mark_card_fetched",
    "mark_card_unfetched",
    "never_call_again",
    "postpone_tasks",
    "prioritise_tasks",
    "promote_deferred",
    "put_back_tasks",
    "read_campaign_spec",
    "record_decisions",
    "release",
    "replace_tasks",
    "save_draft",
    "save_result",
    "set_aside",
    "set_aside_all",
    "switch_campaign",
    "take_call_events",
    "waiting_keys",
    "wake_redials",
    "withdraw_lost_orders",
    "withdraw_outdated_tasks",
    "withdraw_paused_orders",
]
