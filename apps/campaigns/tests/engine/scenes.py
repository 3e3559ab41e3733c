"""Scenes in which clients are, and the actions that may happen in them at the same moment.

Every scene has two clients and two campaigns, and every action concerns both clients, so that
actions which lock rows in different orders meet.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from django.db import connection

from apps.campaigns import services
from apps.campaigns.models import (
    Call,
    CallOrder,
    Campaign,
    CampaignTask,
    Communication,
    DeferredCandidate,
)
from apps.campaigns.states import OrderState, TaskOutcome, TaskState
from apps.campaigns.types import (
    AskedBy,
    CallEvent,
    CallEventKind,
    Candidate,
    CommunicationNotFoundError,
    Correction,
    HungUpBy,
    Meaning,
    ResultConflictError,
    ResultForm,
    SystemDisposition,
    Withdrawal,
)
from apps.security.models import Operator
from testing.factories.campaigns import (
    NOON,
    CampaignFactory,
    CommunicationFactory,
    DispositionFactory,
    OrderFactory,
    TaskFactory,
)
from testing.factories.security import OperatorFactory

EARLIER = NOON - timedelta(hours=3)
LATER = NOON + timedelta(minutes=10)
RESULTS: dict[Meaning, str] = {
    meaning: f"result {meaning}" for meaning in Meaning if meaning != Meaning.CALLBACK
}
_phones = count(79_140_000_000)

# in the order of the foreign keys
TABLES = (
    "result_versions",
    "do_not_call",
    "calls",
    "communications",
    "call_orders",
    "task_transitions",
    "campaign_tasks",
    "deferred_candidates",
    "decisions",
    "attention_items",
)


@dataclass(slots=True)
class Client:
    """A client with a task in the first campaign, which the scene tells of, and one in the second
    that waits for its time."""

    phone: str
    operator: Operator
    task: CampaignTask
    other_task: CampaignTask
    talk: Communication | None = None

    def latest_order(self) -> CallOrder | None:
        return CallOrder.objects.filter(phone=self.phone).order_by("-pk").first()

    def earliest_order(self) -> CallOrder | None:
        return CallOrder.objects.filter(phone=self.phone).order_by("pk").first()


@dataclass(slots=True)
class Stage:
    """What is the same in every scene: made once."""

    campaigns: list[Campaign]
    operators: list[Operator]


@dataclass(slots=True)
class Scene:
    """Two clients in the same situation."""

    campaigns: list[Campaign]
    clients: list[Client] = field(default_factory=list)


def queued(client: Client) -> None:
    """The order waits in telephony's queue."""
    _in_progress(client)
    OrderFactory.create(task=client.task)


def calling(client: Client) -> None:
    """The conversation goes on, and a newer candidate waits for its end."""
    _in_progress(client)
    OrderFactory.create(task=client.task)
    client.talk = CommunicationFactory.create(campaign_task=client.task, operator=client.operator)
    _defer(client)


def result_due(client: Client) -> None:
    """The conversation has ended, and its result is overdue."""
    _done(client, TaskOutcome.CALLED)
    OrderFactory.create(task=client.task)
    client.talk = CommunicationFactory.create(
        campaign_task=client.task, operator=client.operator, ended=True
    )
    _attempted(client)
    _defer(client)


def saved_during_call(client: Client) -> None:
    """The conversation goes on, and its result, a redial, is saved already."""
    calling(client)
    _fix(client, Meaning.REDIAL)


def drafted(client: Client) -> None:
    """The result of the conversation is a draft, and the task is done."""
    _done(client, TaskOutcome.CALLED)
    OrderFactory.create(task=client.task)
    client.talk = CommunicationFactory.create(
        campaign_task=client.task, operator=client.operator, draft=True
    )
    _attempted(client)


def saved(client: Client) -> None:
    """The result of the conversation, a redial, is saved, and the redial waits for its time."""
    drafted(client)
    _fix(client, Meaning.REDIAL)
    CampaignTask.objects.filter(pk=client.task.pk).update(redial_at=LATER)


def listed(client: Client) -> None:
    """The client asked in the conversation never to be called again."""
    drafted(client)
    _fix(client, Meaning.NEVER_AGAIN)
    if client.talk is not None:
        services.never_call_again(client.phone, "letter", client.talk.pk)


def redial_due(client: Client) -> None:
    """Nobody was reached, and the time to call again has come."""
    _done(client, TaskOutcome.NOT_REACHED, redial_at=NOON)
    _unreached_order(client)


def called_again(client: Client) -> None:
    """Nobody was reached, and the next order waits in telephony's queue."""
    _in_progress(client)
    _unreached_order(client)
    OrderFactory.create(task=client.task)


def called_again_after_talk(client: Client) -> None:
    """A conversation became known late, and the next order is being called."""
    _in_progress(client)
    OrderFactory.create(task=client.task)
    client.talk = CommunicationFactory.create(
        campaign_task=client.task, operator=client.operator, draft=True
    )
    order = OrderFactory.create(task=client.task, state=OrderState.CALLING)
    Call.objects.create(order=order, call_key=f"call-{order.pk}", dialled_at=NOON)
    _attempted(client)


def superseded(client: Client) -> None:
    """A newer task waits until telephony has removed the order of the earlier one."""
    _done(client, TaskOutcome.SUPERSEDED)
    OrderFactory.create(task=client.task, state=OrderState.WITHDRAWING)
    TaskFactory.create(
        campaign=client.task.campaign, phone=client.phone, subject_key=client.task.subject_key
    )


def cancelled(client: Client) -> None:
    """A person has cancelled the task; telephony has not confirmed that its order is removed."""
    _done(client, TaskOutcome.CANCELLED)
    OrderFactory.create(task=client.task, state=OrderState.WITHDRAWING)


def waiting(client: Client) -> None:
    """Nothing has happened yet."""


SCENES: tuple[Callable[[Client], None], ...] = (
    waiting,
    queued,
    calling,
    saved_during_call,
    result_due,
    drafted,
    saved,
    listed,
    redial_due,
    called_again,
    called_again_after_talk,
    superseded,
    cancelled,
)


def set_stage() -> Stage:
    campaigns = [CampaignFactory.create(priority=1), CampaignFactory.create()]
    for campaign in campaigns:
        for meaning, result in RESULTS.items():
            minutes = 60 if meaning == Meaning.REDIAL else 0
            DispositionFactory.create(
                campaign=campaign, meaning=meaning, result=result, block_minutes=minutes
            )
    return Stage(campaigns, OperatorFactory.create_batch(2))


def make_scene(situation: Callable[[Client], None], stage: Stage) -> Scene:
    Campaign.objects.filter(active=False).update(active=True)
    scene = Scene(stage.campaigns)
    for operator in stage.operators:
        phone = str(next(_phones))
        client = Client(
            phone=phone,
            operator=operator,
            task=TaskFactory.create(campaign=scene.campaigns[0], phone=phone),
            other_task=TaskFactory.create(campaign=scene.campaigns[1], phone=phone),
        )
        situation(client)
        scene.clients.append(client)
    return scene


def clear_tables() -> None:
    """Forget the scene; quicker than emptying every table of the system."""
    with connection.cursor() as cursor:
        statements = (f'DELETE FROM "tm${table}"' for table in TABLES)  # noqa: S608 - our tables
        cursor.execute("; ".join(statements))


def _in_progress(client: Client) -> None:
    CampaignTask.objects.filter(pk=client.task.pk).update(task_state=TaskState.IN_PROGRESS)


def _done(client: Client, outcome: TaskOutcome, redial_at: datetime | None = None) -> None:
    CampaignTask.objects.filter(pk=client.task.pk).update(
        task_state=TaskState.DONE, outcome=outcome, redial_at=redial_at
    )


def _attempted(client: Client) -> None:
    CampaignTask.objects.filter(pk=client.task.pk).update(attempts=1)


def _unreached_order(client: Client) -> None:
    order = OrderFactory.create(task=client.task, closed=True)
    Call.objects.create(
        order=order,
        call_key=f"call-{order.pk}",
        dialled_at=EARLIER,
        ended_at=EARLIER,
        system_disposition=SystemDisposition.NO_ANSWER,
    )
    _attempted(client)


def _fix(client: Client, meaning: Meaning) -> None:
    if client.talk is not None:
        disposition = client.task.campaign.dispositions.get(meaning=meaning)
        Communication.objects.filter(pk=client.talk.pk).update(
            state="FIXED", fixed_at=NOON, disposition=disposition
        )


def _defer(client: Client) -> None:
    DeferredCandidate.objects.create(
        campaign=client.task.campaign,
        phone=client.phone,
        client_info={},
        source_key="application:7",
        subject_key=client.task.subject_key,
        subject_changed_at=EARLIER,
    )


# --- what may happen


def older_candidate(scene: Scene) -> None:
    _add(scene, EARLIER - timedelta(days=30))


def newer_candidate(scene: Scene) -> None:
    _add(scene, EARLIER)


def _add(scene: Scene, changed_at: datetime) -> None:
    services.add_candidates(
        [
            Candidate(
                campaign_id=campaign.pk,
                phone=client.phone,
                client_info={},
                source_key="application:1",
                subject_key=client.task.subject_key,
                changed_at=changed_at,
            )
            for campaign in reversed(scene.campaigns)
            for client in reversed(scene.clients)
        ],
        NOON,
    )


def hand_over(scene: Scene) -> None:
    services.hand_over_due_tasks(NOON)


def call_starts(scene: Scene) -> None:
    _report(scene, [CallEventKind.DIALING, CallEventKind.RINGING, CallEventKind.CONNECTED])


def conversation_ends(scene: Scene) -> None:
    _report(scene, [CallEventKind.ENDED], SystemDisposition.CONNECTED)


def nobody_answers(scene: Scene) -> None:
    _report(scene, [CallEventKind.DIALING, CallEventKind.ENDED], SystemDisposition.NO_ANSWER)


def earlier_call_is_reported_late(scene: Scene) -> None:
    """The call of the first order had been a conversation."""
    events = []
    for client in reversed(scene.clients):
        order = client.earliest_order()
        if order is not None and order.state == OrderState.CLOSED:
            events += [
                _event(order, kind, client, SystemDisposition.CONNECTED)
                for kind in (CallEventKind.CONNECTED, CallEventKind.ENDED)
            ]
    services.take_call_events(events)


def lost(scene: Scene) -> None:
    _report(scene, [CallEventKind.LOST])


def removed_from_queue(scene: Scene) -> None:
    """Telephony confirms what it was asked to withdraw."""
    events = [
        _event(order, CallEventKind.WITHDRAWN, client)
        for client in reversed(scene.clients)
        if (order := client.latest_order()) and order.state == OrderState.WITHDRAWING
    ]
    services.take_call_events(events)


def _report(
    scene: Scene, kinds: list[CallEventKind], disposition: SystemDisposition | None = None
) -> None:
    services.take_call_events(
        [
            _event(order, kind, client, disposition)
            for client in reversed(scene.clients)
            if (order := client.latest_order()) and order.state != OrderState.CLOSED
            for kind in kinds
        ]
    )


def _event(
    order: CallOrder,
    kind: CallEventKind,
    client: Client,
    disposition: SystemDisposition | None = None,
) -> CallEvent:
    call = Call.objects.filter(order=order).first()
    is_ended = kind == CallEventKind.ENDED
    talks = kind == CallEventKind.CONNECTED or disposition == SystemDisposition.CONNECTED
    return CallEvent(
        kind=kind,
        order_id=order.pk,
        at=NOON + timedelta(minutes=1),
        call_key=call.call_key if call else f"call-{order.pk}",
        operator_id=client.operator.pk if talks else None,
        system_disposition=disposition if is_ended else None,
        hung_up_by=HungUpBy.CLIENT if is_ended else None,
    )


def _save(scene: Scene, meaning: Meaning) -> None:
    for client in reversed(scene.clients):
        form = _form(client, RESULTS[meaning])
        if form is not None:
            _unless_refused(partial(services.save_result, form, LATER))


def final_result(scene: Scene) -> None:
    _save(scene, Meaning.SUCCESS)


def redial_result(scene: Scene) -> None:
    _save(scene, Meaning.REDIAL)


def never_again_result(scene: Scene) -> None:
    _save(scene, Meaning.NEVER_AGAIN)


def _correct(scene: Scene, meaning: Meaning) -> None:
    for client in reversed(scene.clients):
        talk = Communication.objects.filter(phone=client.phone).order_by("-pk").first()
        if talk is not None:
            correction = Correction(
                communication_id=talk.pk, by=talk.operator_id, own=True, result=RESULTS[meaning]
            )
            _unless_refused(partial(services.correct_result, correction, LATER))


def corrected_to_final(scene: Scene) -> None:
    _correct(scene, Meaning.SUCCESS)


def corrected_to_redial(scene: Scene) -> None:
    _correct(scene, Meaning.REDIAL)


def corrected_to_never_again(scene: Scene) -> None:
    _correct(scene, Meaning.NEVER_AGAIN)


def draft(scene: Scene) -> None:
    for client in reversed(scene.clients):
        form = _form(client, "")
        if form is not None:
            _unless_refused(partial(services.save_draft, form, LATER))


def overdue_results_are_drafted(scene: Scene) -> None:
    services.draft_overdue(LATER)


def _form(client: Client, result: str) -> ResultForm | None:
    talk = Communication.objects.filter(phone=client.phone).order_by("-pk").first()
    if talk is None:
        return None
    return ResultForm(
        communication_id=talk.pk, operator_id=talk.operator_id, phone=talk.phone, result=result
    )


def _unless_refused(save: Callable[[], object]) -> None:
    try:
        save()
    except (CommunicationNotFoundError, ResultConflictError):
        return  # the other action was there first


def never_again(scene: Scene) -> None:
    for client in reversed(scene.clients):
        services.never_call_again(client.phone, "by letter")


def pause(scene: Scene) -> None:
    Campaign.objects.update(active=False)
    services.withdraw_paused_orders()


def resume(scene: Scene) -> None:
    Campaign.objects.update(active=True)
    services.hand_over_due_tasks(NOON)


def unreported_orders_are_withdrawn(scene: Scene) -> None:
    services.withdraw_lost_orders(NOON + timedelta(days=2))


def redials_fall_due(scene: Scene) -> None:
    services.wake_redials(LATER)


def deferred_candidates_are_promoted(scene: Scene) -> None:
    services.promote_deferred(LATER)


def application_is_outdated(scene: Scene) -> None:
    services.withdraw_outdated_tasks(
        [
            Withdrawal(
                campaign_id=campaign.pk,
                subject_key=client.task.subject_key,
                changed_at=NOON,
                reason="stopped",
            )
            for campaign in reversed(scene.campaigns)
            for client in reversed(scene.clients)
        ]
    )


def judgements_are_written(scene: Scene) -> None:
    """Some applications of the batch were stopped, others became candidates."""
    first, *_others, last = scene.clients
    withdrawals = [
        Withdrawal(
            campaign_id=campaign.pk,
            subject_key=last.task.subject_key,
            changed_at=NOON,
            reason="stopped",
        )
        for campaign in scene.campaigns
    ]
    candidates = [
        Candidate(
            campaign_id=campaign.pk,
            phone=first.phone,
            client_info={},
            source_key="application:1",
            subject_key=first.task.subject_key,
            changed_at=LATER,
        )
        for campaign in scene.campaigns
    ]
    services.replace_tasks(withdrawals, candidates, NOON)


def _tasks(scene: Scene) -> list[int]:
    ids = [task.pk for one in scene.clients for task in (one.task, one.other_task)]
    return list(reversed(ids))


def tasks_are_cancelled(scene: Scene) -> None:
    services.cancel_tasks(_tasks(scene), _by(scene))


def tasks_are_put_off(scene: Scene) -> None:
    services.postpone_tasks(_tasks(scene), NOON + timedelta(hours=5), _by(scene))


def cancelled_tasks_are_put_back(scene: Scene) -> None:
    services.put_back_tasks(_tasks(scene), _by(scene), LATER)


def _by(scene: Scene) -> AskedBy:
    return AskedBy(operator_id=scene.clients[0].operator.pk, why="by hand")


ACTIONS: tuple[Callable[[Scene], None], ...] = (
    older_candidate,
    newer_candidate,
    hand_over,
    call_starts,
    conversation_ends,
    nobody_answers,
    earlier_call_is_reported_late,
    lost,
    removed_from_queue,
    final_result,
    redial_result,
    never_again_result,
    corrected_to_final,
    corrected_to_redial,
    corrected_to_never_again,
    draft,
    overdue_results_are_drafted,
    never_again,
    pause,
    resume,
    unreported_orders_are_withdrawn,
    redials_fall_due,
    deferred_candidates_are_promoted,
    application_is_outdated,
    tasks_are_cancelled,
    tasks_are_put_off,
    cancelled_tasks_are_put_back,
    judgements_are_written,
)


# --- afterwards


def come_to_rest() -> None:
    """Telephony answers whatever is open, and the sweeps do what is left to do."""
    for order in CallOrder.objects.exclude(state=OrderState.CLOSED).order_by("pk"):
        services.take_call_events(_last_events(order))
    services.draft_overdue(NOON + timedelta(days=1))


def _last_events(order: CallOrder) -> list[CallEvent]:
    at = NOON + timedelta(hours=1)
    if order.state == OrderState.WITHDRAWING:
        return [CallEvent(kind=CallEventKind.WITHDRAWN, order_id=order.pk, at=at)]
    if order.state == OrderState.QUEUED:
        return [CallEvent(kind=CallEventKind.EXPIRED, order_id=order.pk, at=at)]
    return [
        CallEvent(
            kind=CallEventKind.ENDED,
            order_id=order.pk,
            at=at,
            call_key=call.call_key,
            system_disposition=SystemDisposition.NO_ANSWER,
        )
        for call in order.calls.filter(ended_at=None)
    ]
