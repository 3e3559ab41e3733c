"""What others may ask the operator workplace to do."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef
from django.http import HttpRequest

from apps.arm import client_card
from apps.arm.changes import KEY_PREFIX, Changes, changes_of, invalidate
from apps.arm.models import ClientCard, Workplace
from apps.arm.ports import OperatorSessions
from apps.campaigns import selectors as campaign_selectors
from apps.campaigns import services as campaigns
from apps.campaigns.types import (
    CallEffect,
    CallEvent,
    CommunicationNotFoundError,
    CommunicationView,
    FormChoices,
    ResultForm,
)
from apps.security import selectors as security_selectors
from apps.security import services as security
from apps.security.types import IssuedToken
from common.announce import announce
from common.ports import bound

CARDS_AT_ONCE = 100


def _sessions() -> OperatorSessions:
    sessions: OperatorSessions = bound("ARM_OPERATOR_SESSIONS")
    return sessions


def log_in(request: HttpRequest, login: str, password: str) -> IssuedToken:
    """A token for the workplace, and the operator's session in telephony (2.6.6.1).

    Raises what ``security.services.log_in`` raises; then no session is opened.
    """
    issued = security.log_in(request, login, password)
    _sessions().open_session(issued.operator_id)
    invalidate(issued.operator_id)
    return issued


@transaction.atomic
def log_out(token: str) -> None:
    """End the token, and the session in telephony when it was the operator's last (2.6.6.2)."""
    operator_id = security.log_out(token)
    if operator_id is None:
        return
    if operator_id not in security_selectors.signed_in_operator_ids():
        _sessions().close_session(operator_id)
    invalidate(operator_id)


def operator_of(token: str) -> int:
    """The operator whose live token this is; the token's life starts anew. Raises
    AccessDeniedError."""
    return security.extend(token).operator_id


def what_changed(token: str) -> Changes:
    """What the operator's page should react to: from the cache alone while it is warm.

    Raises AccessDeniedError. Asking is not working: it does not prolong the token.
    """
    session, cached = security.session_and_value(token, KEY_PREFIX)
    return changes_of(session.operator_id, cached)


def set_presence(operator_id: int, *, ready: bool) -> None:
    """The operator takes calls, or has a break."""
    _sessions().set_presence(operator_id, ready)
    invalidate(operator_id)


def presence_changed(operator_ids: Iterable[int]) -> None:
    """Telephony has news of what these operators are doing: their pages hear of it."""
    invalidate(*operator_ids)


def current_card(operator_id: int, now: datetime) -> dict[str, Any]:
    """The card of the conversation the operator is in. Raises CommunicationNotFoundError without
    one."""
    live = campaign_selectors.live_communication(operator_id)
    if live is None:
        raise CommunicationNotFoundError
    card = card_of(operator_id, live.id, now)
    if campaigns.mark_card_fetched(live.id, now):
        invalidate(operator_id)
    return card


def card_of(operator_id: int, communication_id: int, now: datetime) -> dict[str, Any]:
    """The card of one of the operator's own communications. Raises CommunicationNotFoundError."""
    communication = campaign_selectors.communication_of(operator_id, communication_id)
    return client_card.card_of(communication, now)


def rework_list(operator_id: int) -> list[CommunicationView]:
    """The operator's cards for rework, oldest first; the list counts as seen."""
    seen = Workplace.objects.filter(operator_id=operator_id, rework_list_changed=True)
    if seen.update(rework_list_changed=False):
        invalidate(operator_id)
    return campaign_selectors.unfinished_communications(operator_id)


def form_choices(operator_id: int, communication_id: int) -> FormChoices:
    """What the result form of a communication offers. Raises CommunicationNotFoundError."""
    communication = campaign_selectors.communication_of(operator_id, communication_id)
    return campaign_selectors.form_choices(communication.campaign_id)


@transaction.atomic
def save_draft(form: ResultForm) -> None:
    """Keep what was filled in; the card is among those for rework."""
    is_current = _is_current(form)
    campaigns.save_draft(form)
    _after_saving(form.operator_id, is_current)


@transaction.atomic
def save_result(form: ResultForm, now: datetime) -> None:
    """Fix the result; the operator may take the next call."""
    is_current = _is_current(form)
    campaigns.save_result(form, now)
    _after_saving(form.operator_id, is_current)


def _is_current(form: ResultForm) -> bool:
    live = campaign_selectors.live_communication(form.operator_id)
    return live is not None and live.id == form.communication_id


def _after_saving(operator_id: int, is_current: bool) -> None:
    """A card for rework may be finished during a later conversation, which goes on."""
    _rework_list_changed([operator_id])
    if is_current:
        _sessions().end_wrap_up(operator_id)


@transaction.atomic
def draft_overdue(now: datetime) -> int:
    """Conversations whose result was not saved in time become cards for rework, and their operators
    are free again. Returns how many operators this concerned.
    """
    operator_ids = campaigns.draft_overdue(now)
    _rework_list_changed(operator_ids)
    for operator_id in operator_ids:
        _sessions().end_wrap_up(operator_id)
    return len(operator_ids)


@transaction.atomic
def take_call_events(events: Sequence[CallEvent]) -> None:
    """Apply what telephony tells of calls, in its order, in one transaction with the caller's
    cursor.

    A conversation that starts gets its card prepared, and the operator's page hears of each change.
    """
    effects = campaigns.take_call_events(events)
    for effect in effects:
        if effect.started_communication_id is not None:
            announce("apps.arm.tasks.prepare_card", effect.started_communication_id)
        _end_needless_wrap_up(effect)
    _rework_list_changed(
        {operator_id for effect in effects for operator_id in effect.drafted_operator_ids}
    )
    invalidate(*{effect.operator_id for effect in effects if effect.operator_id is not None})


def _end_needless_wrap_up(effect: CallEffect) -> None:
    """Whoever saved the result during the call need not wait out the time for it."""
    if effect.operator_id is None or effect.ended_communication_id is None:
        return
    if campaign_selectors.live_communication(effect.operator_id) is None:
        _sessions().end_wrap_up(effect.operator_id)


def prepare_card(communication_id: int, now: datetime) -> None:
    """Prepare the card of a conversation, unless it is prepared."""
    owner = campaign_selectors.operator_of_communication(communication_id)
    if owner is None or ClientCard.objects.filter(communication_id=communication_id).exists():
        return
    client_card.prepare(campaign_selectors.communication_of(owner, communication_id), now)
    invalidate(owner)


def prepare_missing_cards(now: datetime) -> int:
    """Prepare the cards of live conversations whose message was lost. Returns how many."""
    missing = campaign_selectors.live_communications_without(
        ClientCard.objects.filter(communication_id=OuterRef("pk")), CARDS_AT_ONCE
    )
    for communication_id in missing:
        prepare_card(communication_id, now)
    return len(missing)


def _rework_list_changed(operator_ids: Iterable[int]) -> None:
    changed = sorted(set(operator_ids))
    Workplace.objects.bulk_create(
        [Workplace(operator_id=operator_id, rework_list_changed=True) for operator_id in changed],
        update_conflicts=True,
        unique_fields=["operator"],
        update_fields=["rework_list_changed"],
    )
    invalidate(*changed)
