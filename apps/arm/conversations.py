"""What happens to an operator's conversations: calls start and end, results are saved or become
cards for rework."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from apps.arm.changes import invalidate, refresh
from apps.arm.communication_summary import summary_of
from apps.arm.models import Workplace
from apps.arm.ports import operator_sessions
from apps.arm.types import COMMUNICATION, CommunicationSummary
from apps.campaigns import selectors as campaign_selectors
from apps.campaigns import services as campaigns
from apps.campaigns.types import CallEvent, Corrected, Correction, FormChoices, ResultForm
from apps.security import services as security
from apps.security.types import Access, Visitor
from common.announce import announce

# Of one batch of events: as many cards are prepared at once. A message each would cost more than to
# apply the events.
CARD_MESSAGES = 8


@transaction.atomic
def take_call_events(events: Sequence[CallEvent]) -> None:
    """Apply telephony's news of calls, in its order, in the caller's transaction, which also moves
    the caller's cursor.

    A conversation that starts gets its card prepared, and the operator's page learns each change.
    """
    effects = campaigns.take_call_events(events)
    started = effects.started_communication_ids
    for number in range(min(CARD_MESSAGES, len(started))):
        announce("apps.arm.tasks.prepare_card", *started[number::CARD_MESSAGES])
    _end_needless_wrap_ups(effects.ended_operator_ids)
    _note_rework_lists(effects.drafted_operator_ids)
    refresh(*(effects.operator_ids | effects.drafted_operator_ids))


@transaction.atomic
def save_draft(form: ResultForm, now: datetime) -> None:
    """Keep what was filled in. While the conversation or the time for its result goes on, the
    operator's page and telephony learn nothing of it; a card for rework shows it in the list.
    Raises what ``campaigns.services.save_draft`` raises."""
    is_current = _is_current(form)
    if campaigns.save_draft(form, now):
        _after_saving(form.operator_id, is_current)


@transaction.atomic
def save_result(form: ResultForm, now: datetime) -> None:
    """Fix the result; the operator may take the next call. Raises what
    ``campaigns.services.save_result`` raises."""
    is_current = _is_current(form)
    campaigns.save_result(form, now)
    _after_saving(form.operator_id, is_current)


def correct_result(correction: Correction, now: datetime) -> Corrected:
    """Correct a saved result. The page's state is not concerned: it asks for the day again. Raises
    what ``campaigns.services.correct_result`` raises."""
    return campaigns.correct_result(correction, now)


@transaction.atomic
def draft_overdue(now: datetime) -> int:
    """Conversations whose result was not saved in time become cards for rework, and their operators
    are free again. Returns how many operators this concerned.
    """
    operator_ids = set(campaigns.draft_overdue(now))
    if operator_ids:
        _note_rework_lists(operator_ids)
        operator_sessions().end_wrap_ups(operator_ids)
        refresh(*operator_ids)
    return len(operator_ids)


def rework_list(visitor: Visitor) -> list[CommunicationSummary]:
    """The operator's cards for rework, oldest first; the list counts as seen. The access log has
    one record of a list with somebody in it, before it is given. Never call it in a transaction."""
    operator_id = visitor.operator_id
    seen = Workplace.objects.filter(operator_id=operator_id, rework_list_changed=True)
    if seen.update(rework_list_changed=False):
        invalidate(operator_id)
    found = campaign_selectors.unfinished_communications(operator_id)
    if found:
        security.record_access(visitor, Access.LISTED, COMMUNICATION)
    return [summary_of(one) for one in found]


def form_choices(operator_id: int, communication_id: int) -> FormChoices:
    """What the result form of a communication offers. Raises CommunicationNotFoundError."""
    communication = campaign_selectors.communication_of(operator_id, communication_id)
    return campaign_selectors.form_choices(communication.campaign_id)


def _end_needless_wrap_ups(operator_ids: Collection[int]) -> None:
    """An operator who saved the result during the call gets no time for it after the call."""
    if not operator_ids:
        return
    busy = campaign_selectors.live_communications(operator_ids)
    if free := [pk for pk in operator_ids if pk not in busy]:
        operator_sessions().end_wrap_ups(free)


def _is_current(form: ResultForm) -> bool:
    live = campaign_selectors.live_communication(form.operator_id)
    return live is not None and live.id == form.communication_id


def _after_saving(operator_id: int, is_current: bool) -> None:
    """A card for rework may be finished during a later conversation, which goes on."""
    _note_rework_lists([operator_id])
    refresh(operator_id)
    if is_current:
        operator_sessions().end_wrap_ups([operator_id])


def _note_rework_lists(operator_ids: Collection[int]) -> None:
    """The lists of cards for rework of these operators have changed."""
    # in the order of the keys, so that two such writers never deadlock
    Workplace.objects.bulk_create(
        [Workplace(operator_id=pk, rework_list_changed=True) for pk in sorted(operator_ids)],
        update_conflicts=True,
        unique_fields=["operator"],
        update_fields=["rework_list_changed"],
    )
