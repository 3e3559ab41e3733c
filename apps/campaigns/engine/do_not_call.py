"""Ends all calls to a client who asked never to be called again."""

from django.db import transaction
from django.utils.translation import gettext_noop

from apps.campaigns.engine.orders import withdraw_orders_of
from apps.campaigns.engine.transitions import Move, apply_move, lock_tasks
from apps.campaigns.ledger import record_decisions
from apps.campaigns.models import CampaignTask, DeferredCandidate, DoNotCallEntry
from apps.campaigns.states import UNFINISHED, TaskOutcome, TaskState
from apps.campaigns.types import DecisionVerdict, Meaning, NewDecision, Step

ASKED_NOT_TO_BE_CALLED = gettext_noop("the client asked not to be called again")


@transaction.atomic
def never_call_again(phone: str, reason: str) -> None:
    """No campaign calls this phone from now on.

    Unfinished tasks end as forbidden, their orders that are not dialled yet are withdrawn, redials
    and deferred candidates are dropped, and the do-not-call list holds the phone. A call that goes
    on is not cut.
    """
    tasks = CampaignTask.objects.filter(phone=phone)
    # before the list is written: whoever saves such a result holds the tasks when it comes here
    locked = lock_tasks(
        tasks.exclude(task_state=TaskState.DONE, redial_at=None).values_list("pk", flat=True)
    )
    _, is_news = DoNotCallEntry.objects.get_or_create(phone=phone, defaults={"reason": reason})
    # after the tasks, and in the order of their keys, as candidates take them
    deferred = DeferredCandidate.objects.select_for_update().filter(phone=phone).order_by("pk")
    DeferredCandidate.objects.filter(pk__in=[row.pk for row in deferred]).delete()
    tasks.filter(pk__in=locked, redial_at__isnull=False).update(redial_at=None)
    for state in UNFINISHED:
        move = Move(state, TaskState.DONE, ASKED_NOT_TO_BE_CALLED, TaskOutcome.FORBIDDEN)
        withdraw_orders_of(apply_move(locked, move))
    if is_news:
        record_decisions([_decision(phone, reason)])


def _decision(phone: str, reason: str) -> NewDecision:
    return NewDecision(
        step=Step.RESULT,
        verdict=DecisionVerdict.STOPPED,
        rule=Meaning.NEVER_AGAIN,
        reason=reason,
        phone=phone,
    )
