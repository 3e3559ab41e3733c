"""What operators say of their conversations: drafts, results, and what follows from them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.campaigns.engine.do_not_call import never_call_again
from apps.campaigns.engine.follow_ups import Conversation, end_calls_for_ever, settle
from apps.campaigns.engine.result_rules import comment_errors, details_of, valid_disposition
from apps.campaigns.engine.transitions import lock_tasks_of_clients, write_tasks
from apps.campaigns.models import (
    CallOrder,
    CampaignTask,
    Communication,
)
from apps.campaigns.states import CommunicationState, OrderEnding, OrderState
from apps.campaigns.types import (
    CommunicationNotFoundError,
    InvalidResultError,
    Meaning,
    ResultConflictError,
    ResultForm,
)
from common.phones import masked

DRAFTED_AT_ONCE = 500

# The client is free for another order as soon as the result is drafted. The order is locked before
# the communication, as everywhere.
DRAFT_OVERDUE = """
WITH overdue AS (
    SELECT call_order.id AS order_id, talk.id AS communication_id
    FROM "tm$communications" AS talk
    JOIN "tm$calls" AS call ON call.communication_id = talk.id
    JOIN "tm$call_orders" AS call_order ON call_order.id = call.order_id
    WHERE talk.state = 'NEW' AND talk.ended_at < %s
    ORDER BY call_order.id LIMIT %s FOR UPDATE OF call_order SKIP LOCKED
), drafted AS (
    UPDATE "tm$communications" AS talk SET state = 'DRAFT'
    FROM overdue WHERE talk.id = overdue.communication_id AND talk.state = 'NEW'
    RETURNING talk.operator_id, talk.ended_at, overdue.order_id
), closed AS (
    UPDATE "tm$call_orders" AS call_order
    SET state = 'CLOSED', ending = 'CONVERSATION', ended_at = drafted.ended_at
    FROM drafted WHERE call_order.id = drafted.order_id AND call_order.state = 'RESULT_DUE'
)
SELECT DISTINCT operator_id FROM drafted ORDER BY operator_id
"""


def draft_overdue(now: datetime) -> list[int]:
    """Communications whose call ended longer ago than the time for the result become DRAFT.

    The server keeps the 60 seconds by itself, whether the client application is there or not
    (section 2.6.5). Returns the operators whose list of cards for rework changed.
    """
    deadline = now - _result_time()
    with connection.cursor() as cursor:
        cursor.execute(DRAFT_OVERDUE, [deadline, DRAFTED_AT_ONCE])
        return [operator_id for (operator_id,) in cursor.fetchall()]


def mark_card_fetched(communication_id: int, now: datetime) -> bool:
    """The operator has seen the card. Returns whether this was the first time."""
    unseen = Communication.objects.filter(pk=communication_id, card_fetched_at__isnull=True)
    return unseen.update(card_fetched_at=now) > 0


def mark_card_unfetched(communication_id: int) -> None:
    """The card became more complete: the operator has not seen it like that. In the transaction of
    whoever stores the card, so that a fetch at the same moment is either earlier or sees it."""
    # also where it was not fetched: the lock makes that fetch wait for the stored card
    Communication.objects.filter(pk=communication_id).update(card_fetched_at=None)


@transaction.atomic
def save_draft(form: ResultForm, now: datetime) -> bool:
    """Keep what was filled in so far. May be repeated.

    While the call goes on, or the time for the result, nothing else changes. After that the
    communication becomes DRAFT. Returns whether it is a card for rework now.

    A field left empty never erases what an earlier draft held. Raises CommunicationNotFoundError,
    ResultConflictError when the result is saved already or the phone is another,
    InvalidResultError."""
    communication = _locked(form)
    if communication.state == CommunicationState.FIXED:
        raise ResultConflictError(_("The result of this conversation is saved already."))
    if errors := comment_errors(form):
        raise InvalidResultError(errors)
    filled_in = {field: value for field, value in details_of(form).items() if value}
    communication.result_details = {**communication.result_details, **filled_in}
    if communication.state == CommunicationState.NEW and not _is_overdue(communication, now):
        communication.save(update_fields=["result_details"])
        return False
    communication.state = CommunicationState.DRAFT
    communication.save(update_fields=["result_details", "state"])
    _close_order(communication)
    return True


@transaction.atomic
def save_result(form: ResultForm, now: datetime) -> None:
    """Fix the result and do what its disposition asks for.

    Saving the same again changes nothing. Raises CommunicationNotFoundError, ResultConflictError
    when a different result is saved already or the phone is another, InvalidResultError naming the
    field; then nothing changed."""
    communication = _locked(form)
    if communication.state == CommunicationState.FIXED:
        if communication.result_details == details_of(form):
            return
        raise ResultConflictError(_("Another result of this conversation is saved already."))
    communication.disposition = valid_disposition(
        form, communication.campaign_task.campaign_id, now
    )
    communication.result_details = details_of(form)
    communication.state = CommunicationState.FIXED
    communication.fixed_at = now
    communication.save(update_fields=["disposition", "result_details", "state", "fixed_at"])
    _settle(communication, now)


def _locked(form: ResultForm) -> Communication:
    """The communication, locked after its client's tasks and its order, as call events do."""
    own = Communication.objects.filter(pk=form.communication_id, operator_id=form.operator_id)
    found = own.values_list("campaign_task_id", "phone").first()
    if found is None:
        raise CommunicationNotFoundError
    task_id, phone = found
    lock_tasks_of_clients([phone], [task_id])
    task = CampaignTask.objects.select_related("campaign").get(pk=task_id)
    CallOrder.objects.select_for_update().filter(calls__communication=form.communication_id).first()
    communication = own.select_for_update(of=("self",)).get()
    communication.campaign_task = task
    if form.phone not in (communication.phone, masked(communication.phone)):
        raise ResultConflictError(_("The phone is not that of the communication."))
    return communication


def _result_time() -> timedelta:
    """How long after the call its result may be saved [source 2.6.5]."""
    return timedelta(seconds=settings.RESULT_SECONDS)


def _is_overdue(communication: Communication, now: datetime) -> bool:
    ended_at = communication.ended_at
    return ended_at is not None and ended_at < now - _result_time()


def _settle(communication: Communication, now: datetime) -> None:
    """Do what the result asks for, unless the call goes on: then its end does so."""
    if communication.ended_at is None:
        if communication.disposition and communication.disposition.meaning == Meaning.NEVER_AGAIN:
            never_call_again(
                communication.phone, communication.disposition.result, communication.pk
            )
        return
    order = _close_order(communication)
    conversation = Conversation(
        communication=communication,
        task=communication.campaign_task,
        order_id=order.pk if order else 0,
        blocked_from=now,
    )
    settled = settle([conversation])
    write_tasks([communication.campaign_task], settled.moves)
    end_calls_for_ever(settled)


def _close_order(communication: Communication) -> CallOrder | None:
    """The client is free for another order once the result of an ended call is saved or drafted.

    Returns the order of the communication's call, None where there is no call.
    """
    order = CallOrder.objects.select_for_update().filter(calls__communication=communication).first()
    if order and order.state == OrderState.RESULT_DUE:
        order.state, order.ending = OrderState.CLOSED, OrderEnding.CONVERSATION
        order.ended_at = communication.ended_at
        order.save(update_fields=["state", "ending", "ended_at"])
    return order
