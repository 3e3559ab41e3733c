"""What others may ask the operator workplace to do."""

from apps.arm.card_preparation import prepare_cards, prepare_missing_cards
from apps.arm.changes import refresh_signed_in
from apps.arm.client_card import card_of, current_card
from apps.arm.conversations import (
    correct_result,
    draft_overdue,
    rework_list,
    save_draft,
    save_result,
    take_call_events,
)
from apps.arm.periods.recording import sweep_states
from apps.arm.phone_reveal import reveal_phone
from apps.arm.workplace import (
    change_own_password,
    log_in,
    log_out,
    operator_of,
    presence_changed,
    set_presence,
    take_over,
)

__all__ = [
    "card_of",
    "change_own_password",
    "correct_result",
    "current_card",
    "draft_overdue",
    "log_in",
    "log_out",
    "operator_of",
    "prepare_cards",
    "prepare_missing_cards",
    "presence_changed",
    "refresh_signed_in",
    "reveal_phone",
    "rework_list",
    "save_draft",
    "save_result",
    "set_presence",
    "sweep_states",
    "take_call_events",
    "take_over",
]
