"""What others may ask about campaigns, tasks, calls and communications. Each docstring is where
the name is defined."""

from apps.campaigns.attention import items_by_kind
from apps.campaigns.call_counts import (
    calls_behind,
    changed_hours,
    count_calls,
    count_new_tasks,
    counting_rules,
    first_and_last_counted,
)
from apps.campaigns.campaign_facts import (
    active_campaign_ids,
    campaign_names,
    every_result,
    form_choices,
)
from apps.campaigns.client_history import (
    do_not_call_after,
    do_not_call_entries,
    kept_client_info,
    last_called_at,
    refused_phones,
)
from apps.campaigns.communications import (
    communication_of,
    history_of,
    live_communication,
    live_communications,
    live_communications_without,
    operator_of_communication,
    unfinished_communications,
)
from apps.campaigns.floor import (
    callbacks_at,
    campaigns_at_work,
    conversations_now,
)
from apps.campaigns.listing import (
    list_calls,
    list_campaigns,
    list_communications,
    list_decisions,
    list_tasks,
)
from apps.campaigns.next_steps import next_steps
from apps.campaigns.operator_day import day_of
from apps.campaigns.search import (
    find_conversation,
    find_conversations,
    find_do_not_call,
    find_task,
    find_tasks,
)
from apps.campaigns.story import story_of
from apps.campaigns.talk_times import latest_talk_times
from apps.campaigns.task_standings import phones_with_open_tasks, task_standings
from apps.campaigns.workload import workload

__all__ = [
    "active_campaign_ids",
    "callbacks_at",
    "calls_behind",
    "campaign_names",
    "campaigns_at_work",
    "changed_hours",
    "communication_of",
    "conversations_now",
    "count_calls",
    "count_new_tasks",
    "counting_rules",
    "day_of",
    "do_not_call_after",
    "do_not_call_entries",
    "every_result",
    "find_conversation",
    "find_conversations",
    "find_do_not_call",
    "find_task",
    "find_tasks",
    "first_and_last_counted",
    "form_choices",
    "history_of",
    "items_by_kind",
    "kept_client_info",
    "last_called_at",
    "latest_talk_times",
    "list_calls",
    "list_campaigns",
    "list_communications",
    "list_decisions",
    "list_tasks",
    "live_communication",
    "live_communications",
    "live_communications_without",
    "next_steps",
    "operator_of_communication",
    "phones_with_open_tasks",
    "refused_phones",
    "story_of",
    "task_standings",
    "unfinished_communications",
    "workload",
]
