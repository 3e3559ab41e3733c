"""Saves what operators fill in about their conversations, and does what follows from a result."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.campaigns.engine.redial import FollowUp, after_redial_result
from apps.campaigns.engine.transitions import Move, apply_move
from apps.campaigns.ledger import record_decisions
from apps.campaigns.models import (
    CampaignTask,
    Communication,
    DeferredCandidate,
    Disposition,
    DispositionReason,
    DoNotCallEntry,
)
from apps.campaigns.ports import dialer
from apps.campaigns.states import UNFINISHED, CommunicationState, TaskOutcome, TaskState
from apps.campaigns.types import (
    CommunicationNotFoundError,
    DecisionVerdict,
    InvalidResultError,
    Meaning,
    NewDecision,
    ResultConflictError,
    ResultForm,
    Step,
)
from common.clock import moscow_minute, parse_moment

COMMENT_LENGTH = 2_000
CALLBACK_WITHIN = timedelta(days=60)
DRAFTED_AT_ONCE = 500

DRAFT_OVERDUE = """
UPDATE "tm$communications" SET state = 'DRAFT'
WHERE id IN (
    SELECT id FROM "tm$communications"
    WHERE state = 'NEW' AND ended_at < %s
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
)
RETURNING operator_id
"""


def draft_overdue(now: datetime) -> list[int]:
    """Make communications DRAFT whose call ended longer ago than ``RESULT_SECONDS``.

    The server counts the 60 seconds itself, whether or not the operator's page is open
    [source 2.6.5]. Returns the operators whose list of cards for rework changed.
    """
    deadline = now - timedelta(seconds=settings.RESULT_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(DRAFT_OVERDUE, [deadline, DRAFTED_AT_ONCE])
        return sorted({operator_id for (operator_id,) in cursor.fetchall()})


def mark_card_fetched(communication_id: int, now: datetime) -> bool:
    """Note that the operator has seen the card. Returns whether this was the first time."""
    unseen = Communication.objects.filter(pk=communication_id, card_fetched_at__isnull=True)
    return unseen.update(card_fetched_at=now) > 0


@transaction.atomic
def save_draft(form: ResultForm) -> None:
    """Keep what was filled in so far; the communication becomes DRAFT. May be repeated.

    A field left empty never erases what an earlier draft held. Raises CommunicationNotFoundError;
    ResultConflictError when the result is saved already or the phone is not the communication's;
    InvalidResultError when the comment is too long. Then nothing has changed.
    """
    communication = _locked(form)
    if communication.state == CommunicationState.FIXED:
        raise ResultConflictError(_("The result of this conversation is saved already."))
    if len(form.comment) > COMMENT_LENGTH:
        raise InvalidResultError({"comment": [_comment_rule()]})
    filled_in = {field: value for field, value in _details(form).items() if value}
    communication.result_details = {**communication.result_details, **filled_in}
    communication.state = CommunicationState.DRAFT
    communication.save(update_fields=["result_details", "state"])


@transaction.atomic
def save_result(form: ResultForm, now: datetime) -> None:
    """Save the result for good and do what its disposition asks for.

    Saving the same again changes nothing. Raises CommunicationNotFoundError; ResultConflictError
    when a different result is saved already or the phone is not the communication's;
    InvalidResultError, which names the fields. Then nothing has changed.
    """
    communication = _locked(form)
    if communication.state == CommunicationState.FIXED:
        if communication.result_details == _details(form):
            return
        raise ResultConflictError(_("Another result of this conversation is saved already."))
    communication.disposition = _valid_disposition(form, communication, now)
    communication.result_details = _details(form)
    communication.state = CommunicationState.FIXED
    communication.fixed_at = now
    communication.save(update_fields=["disposition", "result_details", "state", "fixed_at"])
    settle_conversation(communication.pk, now)


def _locked(form: ResultForm) -> Communication:
    """The communication, locked after its task. Call events lock in the same order: no deadlock."""
    own = Communication.objects.filter(pk=form.communication_id, operator_id=form.operator_id)
    task_id = own.values_list("campaign_task_id", flat=True).first()
    if task_id is None:
        raise CommunicationNotFoundError
    CampaignTask.objects.select_for_update().get(pk=task_id)
    communication = own.select_for_update(of=("self",)).select_related("campaign_task").get()
    if communication.phone != form.phone:
        raise ResultConflictError(_("The phone is not that of the communication."))
    return communication


def _details(form: ResultForm) -> dict[str, str]:
    details = {"reason": form.reason, "result": form.result, "comment": form.comment}
    if form.callback_at is not None:
        details["callback_at"] = form.callback_at.isoformat()
    return details


def _comment_rule() -> str:
    return _("At most %(length)d characters are allowed.") % {"length": COMMENT_LENGTH}


def _valid_disposition(
    form: ResultForm, communication: Communication, now: datetime
) -> Disposition:
    campaign_id = communication.campaign_task.campaign_id
    errors: dict[str, list[str]] = {}
    disposition = Disposition.objects.filter(
        campaign_id=campaign_id, result=form.result, active=True
    ).first()
    if disposition is None:
        errors["result"] = [_("Choose a result from the campaign's list.")]
    reasons = DispositionReason.objects.filter(campaign_id=campaign_id, active=True)
    if form.reason and not reasons.filter(text=form.reason).exists():
        errors["reason"] = [_("Choose a reason from the campaign's list.")]
    if len(form.comment) > COMMENT_LENGTH:
        errors["comment"] = [_comment_rule()]
    if disposition and disposition.meaning == Meaning.CALLBACK:
        errors.update(_callback_errors(form.callback_at, now))
    if errors or disposition is None:
        raise InvalidResultError(errors)
    return disposition


def _callback_errors(callback_at: datetime | None, now: datetime) -> dict[str, list[str]]:
    if callback_at is None:
        return {"callbackTime": [_("This result needs the time at which to call back.")]}
    if not now < callback_at <= now + CALLBACK_WITHIN:
        limits = {"from": moscow_minute(now), "till": moscow_minute(now + CALLBACK_WITHIN)}
        message = _("The time must lie between %(from)s and %(till)s, Moscow time.") % limits
        return {"callbackTime": [message]}
    return {}


def settle_conversation(communication_id: int, now: datetime) -> None:
    """Do with the client's tasks what the saved result asks for, once the call has ended.

    Called when the result is saved and when the call ends: the later of the two does the work, and
    a block time counts from it. NEVER_AGAIN takes effect at once. Without a saved result nothing
    happens. Runs in the caller's transaction, which has locked the communication.
    """
    communication = Communication.objects.select_related("disposition").get(pk=communication_id)
    disposition = communication.disposition
    if disposition is None:
        return
    if disposition.meaning == Meaning.NEVER_AGAIN:
        never_call_again(communication.phone, str(disposition.result))
        return
    task = (
        CampaignTask.objects.select_for_update(of=("self",))
        .select_related("campaign")
        .get(pk=communication.campaign_task_id)
    )
    if task.task_state == TaskState.DONE:
        _schedule_next_call(task, _follow_up(task, communication, disposition, now))


def _follow_up(
    task: CampaignTask, communication: Communication, disposition: Disposition, now: datetime
) -> FollowUp:
    match disposition.meaning:
        case Meaning.CALLBACK:
            return FollowUp(TaskOutcome.CALLED, _callback_at(communication.result_details))
        case Meaning.REDIAL:
            limit = task.campaign.max_attempts
            return after_redial_result(disposition.block_minutes, task.attempts, limit, now)
        case _:
            return FollowUp(TaskOutcome.CALLED)


def _callback_at(details: dict[str, Any]) -> datetime:
    return parse_moment(details["callback_at"])


def _schedule_next_call(task: CampaignTask, follow_up: FollowUp) -> None:
    """Plan the next call: on the task itself, or on the newer task that took its place."""
    newer = CampaignTask.objects.filter(
        campaign_id=task.campaign_id, phone=task.phone, task_state__in=UNFINISHED
    )
    if newer.exists():
        if follow_up.redial_at is not None:
            newer.filter(task_time__lt=follow_up.redial_at).update(task_time=follow_up.redial_at)
        return
    if task.outcome == TaskOutcome.CALLED:
        task.outcome = follow_up.outcome
        task.redial_at = follow_up.redial_at
        task.save(update_fields=["outcome", "redial_at"])


@transaction.atomic
def never_call_again(phone: str, reason: str) -> None:
    """Put the phone on the do-not-call list, so that no campaign calls it from now on.

    Unfinished tasks end and their orders are cancelled; redials and deferred candidates are
    dropped. A conversation that goes on is not interrupted. A repeated call writes no second row
    of the ledger.
    """
    _, is_new = DoNotCallEntry.objects.get_or_create(phone=phone, defaults={"reason": reason})
    DeferredCandidate.objects.filter(phone=phone).delete()
    CampaignTask.objects.filter(phone=phone, redial_at__isnull=False).update(redial_at=None)
    why = gettext_noop("the client asked not to be called again")
    for state in UNFINISHED:
        open_ids = CampaignTask.objects.filter(phone=phone, task_state=state)
        move = Move(state, TaskState.DONE, why=why, outcome=TaskOutcome.FORBIDDEN)
        won = apply_move(open_ids.values_list("pk", flat=True), move)
        if state == TaskState.IN_PROGRESS:
            _withdraw_orders(won)
    if is_new:
        record_decisions([_never_again(phone, reason)])


def _withdraw_orders(task_ids: list[int]) -> None:
    """Cancel the orders of these tasks, except those whose conversation goes on."""
    going_on = Communication.objects.filter(campaign_task__in=task_ids, ended_at__isnull=True)
    talking = set(going_on.values_list("campaign_task_id", flat=True))
    if waiting := [task_id for task_id in task_ids if task_id not in talking]:
        dialer().cancel_calls(waiting)


def _never_again(phone: str, reason: str) -> NewDecision:
    return NewDecision(
        step=Step.RESULT,
        verdict=DecisionVerdict.STOPPED,
        rule=Meaning.NEVER_AGAIN,
        reason=reason,
        phone=phone,
    )
