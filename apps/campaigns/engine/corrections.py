"""Corrects saved results: the old values stay as a version, and what follows is done anew."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from apps.campaigns.engine.candidates import lock_campaigns
from apps.campaigns.engine.do_not_call import may_be_called_again, never_call_again
from apps.campaigns.engine.follow_ups import Conversation, end_calls_for_ever, settle
from apps.campaigns.engine.result_rules import details_of, valid_disposition
from apps.campaigns.engine.transitions import lock_tasks_of_clients, write_tasks
from apps.campaigns.ledger import record_decisions
from apps.campaigns.models import (
    CallOrder,
    CampaignTask,
    Communication,
    Disposition,
    ResultVersion,
)
from apps.campaigns.states import CommunicationState, TaskState
from apps.campaigns.types import (
    CommunicationNotFoundError,
    Corrected,
    Correction,
    CorrectionTooLateError,
    DecisionVerdict,
    DoNotCallEffect,
    Meaning,
    NewDecision,
    ResultConflictError,
    Step,
)

RULE = "CORRECTED"  # under which the ledger records a correction
ASKING_FOR_A_CALL = (Meaning.REDIAL, Meaning.CALLBACK)


@transaction.atomic
def correct_result(correction: Correction, now: datetime) -> Corrected:
    """Replace a saved result, keep the old one as a version, and do what the new one asks for, as
    if it had been right at once: blocks count from the conversation, attempts stay.

    The task follows unless a later call that goes on, a later saved result or a newer task of the
    client decides; a comment or a reason alone moves nothing. Away from «never call again» the
    phone leaves the do-not-call list and what the list had ended is open again, unless it is there
    for another reason too; towards it every task of the client ends.

    The same correction again changes nothing. Raises CommunicationNotFoundError,
    CorrectionTooLateError, ResultConflictError when nothing is saved yet or somebody else has
    corrected it since ``seen_version``, InvalidResultError naming the field; then nothing changed.
    """
    communication = _locked(correction)
    if communication.result_details == details_of(correction):
        return Corrected(communication.result_version, True, DoNotCallEffect.NONE)
    _check_it_may_be_corrected(communication, correction, now)
    before, callback_before = communication.disposition, _callback_of(communication)
    _replace(communication, correction, now)
    if (communication.disposition, _callback_of(communication)) == (before, callback_before):
        return Corrected(communication.result_version, True, DoNotCallEffect.NONE)
    _record(communication)
    effect = DoNotCallEffect.NONE
    if _is_never_again(before):
        effect = may_be_called_again(communication, now)
    follows = _settle_again(communication)
    if _is_never_again(communication.disposition):
        effect = DoNotCallEffect.LISTED
    return Corrected(communication.result_version, follows, effect)


def _locked(correction: Correction) -> Communication:
    """The communication, locked after all its client's campaigns, tasks and its order: leaving the
    do-not-call list opens tasks of other campaigns."""
    rows = Communication.objects.filter(pk=correction.communication_id)
    if correction.own:
        rows = rows.filter(operator_id=correction.by)
    found = rows.values_list("campaign_task_id", "phone").first()
    if found is None:
        raise CommunicationNotFoundError
    task_id, phone = found
    tasks = CampaignTask.objects.filter(phone=phone)
    lock_campaigns(tasks.values_list("campaign_id", flat=True))
    lock_tasks_of_clients([phone], {task_id, *tasks.values_list("pk", flat=True)})
    _order_of(correction.communication_id)
    communication = rows.select_for_update(of=("self",)).select_related("disposition").get()
    communication.campaign_task = CampaignTask.objects.select_related("campaign").get(pk=task_id)
    if communication.state != CommunicationState.FIXED:
        raise ResultConflictError(_("The result of this conversation is not saved yet."))
    return communication


def _order_of(communication_id: int) -> CallOrder | None:
    orders = CallOrder.objects.select_for_update().filter(calls__communication=communication_id)
    return orders.first()


def _check_it_may_be_corrected(
    communication: Communication, correction: Correction, now: datetime
) -> None:
    saved_at = communication.fixed_at or now
    if correction.own and now > saved_at + timedelta(seconds=settings.CORRECTION_SECONDS):
        raise CorrectionTooLateError
    if correction.seen_version not in (None, communication.result_version):
        raise ResultConflictError(_("Somebody else has corrected this result meanwhile."))


def _replace(communication: Communication, correction: Correction, now: datetime) -> None:
    """Keep the present result as a version, and write the corrected one."""
    new = valid_disposition(
        correction,
        communication.campaign_task.campaign_id,
        now,
        saved=communication.result_details,
    )
    ResultVersion.objects.create(
        communication=communication,
        version=communication.result_version,
        disposition_id=communication.disposition_id,
        result_details=communication.result_details,
        corrected_at=now,
        corrected_by_id=correction.by,
        why=correction.why,
    )
    communication.disposition = new
    communication.result_details = details_of(correction)
    communication.result_version += 1
    communication.save(update_fields=["disposition", "result_details", "result_version"])


def _callback_of(communication: Communication) -> str | None:
    at: str | None = communication.result_details.get("callback_at")
    return at


def _is_never_again(disposition: Disposition | None) -> bool:
    return disposition is not None and disposition.meaning == Meaning.NEVER_AGAIN


def _settle_again(communication: Communication) -> bool:
    """Do what the result asks for now. Returns whether the task follows it."""
    disposition, ended_at = communication.disposition, communication.ended_at
    if ended_at is None:
        if disposition and _is_never_again(disposition):
            never_call_again(communication.phone, disposition.result, communication.pk)
        return True  # the end of the call settles the rest
    if not _is_never_again(disposition) and not _decides(communication):
        return False
    task = CampaignTask.objects.select_related("campaign").get(pk=communication.campaign_task_id)
    order = _order_of(communication.pk)
    conversation = Conversation(
        communication=communication,
        task=task,
        order_id=order.pk if order else 0,
        blocked_from=max(communication.fixed_at or ended_at, ended_at),
    )
    settled = settle([conversation])
    write_tasks([task], settled.moves)
    end_calls_for_ever(settled)
    return task.pk not in settled.left


def _decides(communication: Communication) -> bool:
    """Whether this is the last saved result of its task, and no later task of the client in this
    campaign has ended."""
    task = communication.campaign_task
    newer = CampaignTask.objects.filter(
        campaign=task.campaign_id,
        phone=task.phone,
        pk__gt=task.pk,
        task_state=TaskState.DONE,
    )
    results = Communication.objects.filter(campaign_task=task, state=CommunicationState.FIXED)
    last = results.order_by(Greatest("fixed_at", "ended_at").desc(), "-pk").first()
    return last == communication and not newer.exists()


def _record(communication: Communication) -> None:
    """The ledger tells that another result counts now. It holds no comment: that is personal."""
    task, disposition = communication.campaign_task, communication.disposition
    if disposition is None:
        return
    asks = disposition.meaning in ASKING_FOR_A_CALL
    record_decisions(
        [
            NewDecision(
                step=Step.RESULT,
                verdict=DecisionVerdict.PASSED if asks else DecisionVerdict.STOPPED,
                rule=RULE,
                reason=_("the result was corrected: %(result)s") % {"result": disposition.result},
                phone=task.phone,
                source_key=task.source_key,
                campaign_id=task.campaign_id,
                task_id=task.pk,
            )
        ]
    )
