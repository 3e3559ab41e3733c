"""What others may ask about the operator workplace."""

from apps.arm.changes import changes_in_tables, warm_changes, warm_keys, what_changed
from apps.arm.conversations import form_choices
from apps.arm.own_day import day_of
from apps.arm.periods.totals import present_states, time_in_states

__all__ = [
    "changes_in_tables",
    "day_of",
    "form_choices",
    "present_states",
    "time_in_states",
    "warm_changes",
    "warm_keys",
    "what_changed",
]
