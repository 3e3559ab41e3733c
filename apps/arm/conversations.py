"""What happens to an operator's conversations: calls start and end, results are saved or become
cards for rework."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from apps.arm.changes import invalidate
from apps.arm.communication_summary import summary_of
from apps.arm.models import Workplace
from apps.arm.ports import operator_sessions
from apps.arm.types import CommunicationSummary
from apps.campaigns import selectors as campaign_selectors
from apps.campaigns import services as campaigns
from apps.campaigns.types import CallEvent, FormChoices, ResultForm
from common.announce import announce


@transaction.atomic
def take_call_events(events: Sequence[CallEvent]) -> None:
    """Apply telephony's news of calls, in its order, in the caller's transaction, which also moves
    the caller's cursor.

    A conversation that starts gets its card prepared, and the operator's page learns each change.
    """
    effects = campaigns.take_call_events(events)
    for communication_id in effects.started_communication_ids:
        announce("apps.arm.tasks.prepare_card", communication_id)
    _end_needless_wrap_ups(effects.ended_operator_ids)
    _rework_list_changed(effects.drafted_operator_ids)
    invalidate(*effects.operator_ids)


@transaction.atomic
def save_draft(form: ResultForm) -> None:
    """Keep what was filled in; the communication is among the cards for rework. Raises what
    ``campaigns.services.save_draft`` raises."""
    is_current = _is_current(form)
    campaigns.save_draft(form)
    _after_saving(form.operator_id, is_current)


@transaction.atomic
def save_result(form: ResultForm, now: datetime) -> None:
    """Fix the result; the operator may take the next call. Raises what
    ``campaigns.services.save_result`` raises."""
    is_current = _is_current(form)
    campaigns.save_result(form, now)
    _after_saving(form.operator_id, is_current)


@transaction.atomic
def draft_overdue(now: datetime) -> int:
    """Conversations whose result was not saved in time become cards for rework, and their operators
    are free again. Returns how many operators this concerned.
    """
    operator_ids = campaigns.draft_overdue(now)
    _rework_list_changed(operator_ids)
    for operator_id in operator_ids:
        operator_sessions().end_wrap_up(operator_id)
    return len(operator_ids)


def rework_list(operator_id: int) -> list[CommunicationSummary]:
    """The operator's cards for rework, oldest first; the list counts as seen."""
    seen = Workplace.objects.filter(operator_id=operator_id, rework_list_changed=True)
    if seen.update(rework_list_changed=False):
        invalidate(operator_id)
    return [summary_of(one) for one in campaign_selectors.unfinished_communications(operator_id)]


def form_choices(operator_id: int, communication_id: int) -> FormChoices:
    """What the result form of a communication offers. Raises CommunicationNotFoundError."""
    communication = campaign_selectors.communication_of(operator_id, communication_id)
    return campaign_selectors.form_choices(communication.campaign_id)


def _end_needless_wrap_ups(operator_ids: Iterable[int]) -> None:
    """An operator who saved the result during the call gets no time for it after the call."""
    for operator_id in sorted(operator_ids):
        if campaign_selectors.live_communication(operator_id) is None:
            operator_sessions().end_wrap_up(operator_id)


def _is_current(form: ResultForm) -> bool:
    live = campaign_selectors.live_communication(form.operator_id)
    return live is not None and live.id == form.communication_id


def _after_saving(operator_id: int, is_current: bool) -> None:
    """A card for rework may be finished during a later conversation, which goes on."""
    _rework_list_changed([operator_id])
    if is_current:
        operator_sessions().end_wrap_up(operator_id)


def _rework_list_changed(operator_ids: Iterable[int]) -> None:
    # in the order of the keys, so that two such writers never deadlock
    changed = sorted(set(operator_ids))
    Workplace.objects.bulk_create(
        [Workplace(operator_id=operator_id, rework_list_changed=True) for operator_id in changed],
        update_conflicts=True,
        unique_fields=["operator"],
        update_fields=["rework_list_changed"],
    )
    invalidate(*changed)
