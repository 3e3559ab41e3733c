from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import transaction
from pytest_django import Settings

from apps.campaigns import selectors, services
from apps.campaigns.models import (
    CallOrder,
    CampaignTask,
    Communication,
    Decision,
    DeferredCandidate,
    DoNotCallEntry,
    ResultVersion,
)
from apps.campaigns.states import OrderState, TaskOutcome, TaskState
from apps.campaigns.types import (
    CallEvent,
    CallEventKind,
    CommunicationNotFoundError,
    Corrected,
    Correction,
    CorrectionTooLateError,
    DoNotCallEffect,
    InvalidResultError,
    Meaning,
    ResultConflictError,
    ResultForm,
    SystemDisposition,
)
from testing.factories.campaigns import (
    NOON,
    CommunicationFactory,
    DispositionFactory,
    OrderFactory,
    ReasonFactory,
    TaskFactory,
)
from testing.factories.security import OperatorFactory
from testing.fakes import FakeDialer
from testing.invariants import ENGINE_AT_ONCE, assert_invariants
from testing.rivals import PATIENCE_SECONDS, Rivals, wait_until_a_lock_is_awaited

pytestmark = pytest.mark.django_db

SAVED_AT = NOON + timedelta(minutes=2)
SOON = SAVED_AT + timedelta(minutes=5)
AGREED, LATER, CALLBACK, NEVER = "Согласен", "Заполнит позже", "Перезвонить", "Больше не звонить"
MEANINGS = {
    AGREED: Meaning.SUCCESS,
    LATER: Meaning.REDIAL,
    CALLBACK: Meaning.CALLBACK,
    NEVER: Meaning.NEVER_AGAIN,
}


@pytest.fixture
def communication() -> Communication:
    found: Communication = CommunicationFactory.create(ended=True)
    campaign = found.campaign_task.campaign
    ReasonFactory.create(campaign=campaign)
    for result, meaning in MEANINGS.items():
        minutes = 180 if meaning == Meaning.REDIAL else 0
        DispositionFactory.create(
            campaign=campaign, result=result, meaning=meaning, block_minutes=minutes
        )
    return found


def save(communication: Communication, result: str, callback_at: datetime | None = None) -> None:
    services.save_result(
        ResultForm(
            communication_id=communication.pk,
            operator_id=communication.operator_id,
            phone=communication.phone,
            result=result,
            comment="как было",
            callback_at=callback_at,
        ),
        SAVED_AT,
    )


def corrected_to(communication: Communication, result: str, **values: object) -> Correction:
    correction = Correction(
        communication_id=communication.pk,
        by=communication.operator_id,
        own=True,
        result=result,
        comment="как надо",
    )
    return replace(correction, **values)  # type: ignore[arg-type]


def task_of(communication: Communication) -> CampaignTask:
    return CampaignTask.objects.get(pk=communication.campaign_task_id)


# --- what is kept


def test_the_old_values_stay_as_a_version_with_who_when_and_why(
    communication: Communication,
) -> None:
    save(communication, AGREED)
    senior = OperatorFactory.create()

    correction = corrected_to(communication, LATER, by=senior.pk, own=False, why="жалоба клиента")
    answer = services.correct_result(correction, SOON)

    communication.refresh_from_db()
    assert communication.result_details == {"reason": "", "result": LATER, "comment": "как надо"}
    assert (communication.fixed_at, communication.result_version) == (SAVED_AT, 2)
    assert answer == Corrected(2, True, DoNotCallEffect.NONE)
    kept = ResultVersion.objects.get()
    assert kept.disposition
    assert kept.disposition.result == AGREED
    assert kept.result_details == {"reason": "", "result": AGREED, "comment": "как было"}
    assert (kept.version, kept.corrected_at, kept.corrected_by_id) == (1, SOON, senior.pk)
    assert kept.why == "жалоба клиента"


def test_the_same_correction_again_changes_nothing(communication: Communication) -> None:
    save(communication, AGREED)
    correction = corrected_to(communication, LATER, seen_version=1)

    answers = [services.correct_result(correction, SOON) for _ in range(2)]

    assert [answer.version for answer in answers] == [2, 2]
    assert ResultVersion.objects.count() == 1


def test_a_correction_is_told_in_the_ledger_without_the_comment(
    communication: Communication,
) -> None:
    save(communication, AGREED)

    services.correct_result(corrected_to(communication, LATER, why="он сказал"), SOON)

    row = Decision.objects.get()
    assert (row.step, row.rule, row.verdict) == ("RESULT", "CORRECTED", "PASSED")
    assert LATER in row.reason
    assert "как надо" not in row.reason
    assert "он сказал" not in row.reason


def test_the_story_tells_what_was_saved_first_and_who_corrected_it(
    communication: Communication,
) -> None:
    save(communication, AGREED)
    senior = OperatorFactory.create(first_name="Анна", last_name="Старшая")
    services.correct_result(
        corrected_to(communication, LATER, by=senior.pk, own=False, why="жалоба"), SOON
    )

    story = selectors.story_of(phone=communication.phone)

    operator = communication.operator.get_full_name()
    assert [
        (entry.at, entry.verdict, entry.reason, entry.comment, entry.operator)
        for entry in story
        if entry.verdict in MEANINGS
    ] == [
        (SAVED_AT, AGREED, "", "как было", operator),
        (SOON, LATER, "жалоба", "как надо", senior.get_full_name()),
    ]


# --- who may, and until when


def test_operators_correct_their_own_result_for_ten_minutes_after_the_first_saving(
    communication: Communication,
) -> None:
    save(communication, AGREED)
    ten_minutes = timedelta(minutes=10)

    services.correct_result(corrected_to(communication, LATER), SAVED_AT + ten_minutes)
    with pytest.raises(CorrectionTooLateError):
        services.correct_result(
            corrected_to(communication, AGREED), SAVED_AT + ten_minutes + timedelta(seconds=1)
        )

    communication.refresh_from_db()
    assert (communication.result_details["result"], communication.result_version) == (LATER, 2)


def test_how_long_operators_may_correct_is_a_setting(
    communication: Communication, settings: Settings
) -> None:
    settings.CORRECTION_SECONDS = 60
    save(communication, AGREED)

    with pytest.raises(CorrectionTooLateError):
        services.correct_result(corrected_to(communication, LATER), SOON)


def test_a_senior_operator_corrects_anybodys_result_at_any_time(
    communication: Communication,
) -> None:
    save(communication, AGREED)
    senior = OperatorFactory.create()
    correction = corrected_to(communication, LATER, by=senior.pk, own=False)

    answer = services.correct_result(correction, SAVED_AT + timedelta(days=30))

    assert answer.task_follows


def test_a_colleagues_result_is_not_found(communication: Communication) -> None:
    save(communication, AGREED)

    with pytest.raises(CommunicationNotFoundError):
        services.correct_result(
            corrected_to(communication, LATER, by=OperatorFactory.create().pk), SOON
        )

    assert not ResultVersion.objects.exists()


def test_what_is_not_saved_yet_is_not_corrected(communication: Communication) -> None:
    with pytest.raises(ResultConflictError):
        services.correct_result(corrected_to(communication, LATER), SOON)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"result": ""}, "result"),
        ({"result": "Придумал сам"}, "result"),
        ({"reason": "Придумал сам"}, "reason"),
        ({"comment": "я" * 2049}, "comment"),
        ({"result": CALLBACK}, "callbackTime"),
        ({"result": CALLBACK, "callback_at": SOON}, "callbackTime"),
    ],
)
def test_a_correction_that_breaks_a_rule_is_refused_whole(
    communication: Communication, change: dict[str, object], field: str
) -> None:
    save(communication, AGREED)

    with pytest.raises(InvalidResultError) as refused:
        services.correct_result(replace(corrected_to(communication, LATER), **change), SOON)  # type: ignore[arg-type]

    communication.refresh_from_db()
    assert list(refused.value.errors) == [field]
    assert (communication.result_details["result"], communication.result_version) == (AGREED, 1)


# --- what follows


def test_a_redial_that_was_meant_counts_from_the_conversation(
    communication: Communication,
) -> None:
    save(communication, AGREED)

    services.correct_result(corrected_to(communication, LATER), SOON)

    assert task_of(communication).redial_at == SAVED_AT + timedelta(hours=3)


def test_a_redial_that_was_not_meant_is_dropped(communication: Communication) -> None:
    save(communication, LATER)

    services.correct_result(corrected_to(communication, AGREED), SOON)

    task = task_of(communication)
    assert (task.task_state, task.outcome, task.redial_at) == ("DONE", "CALLED", None)


def test_a_callback_moves_to_the_corrected_time(communication: Communication) -> None:
    tomorrow = SAVED_AT + timedelta(days=1)
    save(communication, CALLBACK, tomorrow)

    services.correct_result(
        corrected_to(communication, CALLBACK, callback_at=tomorrow + timedelta(hours=2)), SOON
    )

    assert task_of(communication).redial_at == tomorrow + timedelta(hours=2)


def test_a_correction_counts_no_attempt_and_forgets_none(communication: Communication) -> None:
    save(communication, LATER)
    CampaignTask.objects.update(attempts=3)

    services.correct_result(corrected_to(communication, AGREED), SOON)
    services.correct_result(corrected_to(communication, LATER), SOON)

    task = task_of(communication)
    assert (task.attempts, task.outcome) == (3, TaskOutcome.EXHAUSTED)


def test_a_corrected_comment_moves_no_task(communication: Communication) -> None:
    """Also once its callback has brought the task to telephony, and its time lies in the past."""
    at = SAVED_AT + timedelta(minutes=1)
    save(communication, CALLBACK, at)
    services.wake_redials(at)

    services.correct_result(corrected_to(communication, CALLBACK, callback_at=at), SOON)

    assert task_of(communication).task_state == TaskState.NEW
    communication.refresh_from_db()
    assert communication.result_details["comment"] == "как надо"


def test_a_final_correction_takes_the_client_out_of_telephonys_queue(
    communication: Communication, dialer: FakeDialer
) -> None:
    save(communication, LATER)
    task = task_of(communication)
    CampaignTask.objects.filter(pk=task.pk).update(
        task_state=TaskState.IN_PROGRESS, outcome=None, redial_at=None
    )
    order = OrderFactory.create(task=task)

    services.correct_result(corrected_to(communication, AGREED), SOON)

    assert dialer.cancelled == [order.pk]
    assert task_of(communication).outcome == TaskOutcome.CALLED


def test_a_later_result_of_the_task_decides(communication: Communication) -> None:
    save(communication, LATER)
    CommunicationFactory.create(
        campaign_task=communication.campaign_task,
        state="FIXED",
        ended_at=SAVED_AT + timedelta(minutes=1),
        fixed_at=SAVED_AT + timedelta(minutes=2),
        disposition=communication.campaign_task.campaign.dispositions.get(result=AGREED),
    )
    CampaignTask.objects.update(redial_at=None)

    answer = services.correct_result(
        corrected_to(communication, CALLBACK, callback_at=SOON + timedelta(days=1)), SOON
    )

    assert not answer.task_follows
    assert task_of(communication).redial_at is None


def test_what_was_saved_during_a_call_is_corrected_before_its_end() -> None:
    talking = CommunicationFactory.create(
        campaign_task=TaskFactory.create(handed_over=True),
    )
    for result, meaning in ((AGREED, Meaning.SUCCESS), (LATER, Meaning.REDIAL)):
        DispositionFactory.create(
            campaign=talking.campaign_task.campaign,
            result=result,
            meaning=meaning,
            block_minutes=180 if meaning == Meaning.REDIAL else 0,
        )
    save(talking, AGREED)

    services.correct_result(corrected_to(talking, LATER), SAVED_AT)
    end_call(talking, SOON)

    assert task_of(talking).redial_at == SOON + timedelta(hours=3)


# --- the do-not-call list


def test_a_correction_to_never_again_ends_every_task_of_the_client(
    communication: Communication, dialer: FakeDialer
) -> None:
    save(communication, LATER)
    elsewhere = TaskFactory.create(phone=communication.phone, handed_over=True)

    answer = services.correct_result(corrected_to(communication, NEVER), SOON)

    elsewhere.refresh_from_db()
    assert answer == Corrected(2, True, DoNotCallEffect.LISTED)
    assert DoNotCallEntry.objects.get().communication_id == communication.pk
    assert (elsewhere.outcome, task_of(communication).redial_at) == ("FORBIDDEN", None)
    assert dialer.cancelled == [elsewhere.orders.get().pk]


def test_a_correction_away_from_never_again_undoes_all_it_did(
    communication: Communication,
) -> None:
    tomorrow = NOON + timedelta(days=1)
    phone = communication.phone
    waiting = TaskFactory.create(phone=phone)
    called_before = TaskFactory.create(phone=phone, called=True, redial_at=tomorrow)
    deferred = DeferredCandidate.objects.create(
        campaign=TaskFactory.create(phone=phone, called=True).campaign,
        phone=phone,
        client_info={"application_number": "7"},
        source_key="application:7",
        subject_changed_at=NOON,
    )
    save(communication, NEVER)
    arrived = TaskFactory.create(phone=phone)  # while the phone was on the list
    services.hand_over_due_tasks(NOON)
    stranger = TaskFactory.create(outcome=TaskOutcome.FORBIDDEN, task_state=TaskState.DONE)

    answer = services.correct_result(corrected_to(communication, LATER), SOON)

    assert answer == Corrected(2, True, DoNotCallEffect.REMOVED)
    assert not DoNotCallEntry.objects.exists()
    states = dict(CampaignTask.objects.values_list("pk", "task_state"))
    assert (states[waiting.pk], states[arrived.pk]) == (TaskState.NEW, TaskState.NEW)
    assert states[stranger.pk] == TaskState.DONE
    called_before.refresh_from_db()
    assert called_before.redial_at == tomorrow
    back = CampaignTask.objects.get(campaign=deferred.campaign, source_key="application:7")
    assert (back.task_state, back.client_info) == (TaskState.NEW, {"application_number": "7"})
    assert task_of(communication).redial_at == SAVED_AT + timedelta(hours=3)


@pytest.mark.parametrize("by_letter_first", [True, False])
def test_the_phone_stays_on_the_list_for_another_reason(
    communication: Communication, by_letter_first: bool
) -> None:
    if by_letter_first:
        services.never_call_again(communication.phone, "письмо")
    save(communication, NEVER)
    if not by_letter_first:
        other = CommunicationFactory.create(
            phone=communication.phone,
            campaign_task__phone=communication.phone,
            state="FIXED",
            ended_at=SOON,
            fixed_at=SOON,
            disposition=communication.campaign_task.campaign.dispositions.get(result=NEVER),
        )
    waiting = TaskFactory.create(phone=communication.phone)
    services.hand_over_due_tasks(NOON)

    answer = services.correct_result(corrected_to(communication, AGREED), SOON)

    waiting.refresh_from_db()
    assert answer.do_not_call == DoNotCallEffect.STAYS
    assert waiting.outcome == TaskOutcome.FORBIDDEN
    entry = DoNotCallEntry.objects.get()
    assert entry.communication_id == (None if by_letter_first else other.pk)


def test_never_again_taken_back_during_the_call_lets_the_result_decide_at_its_end() -> None:
    talking = CommunicationFactory.create(campaign_task=TaskFactory.create(handed_over=True))
    for result in (NEVER, LATER):
        DispositionFactory.create(
            campaign=talking.campaign_task.campaign,
            result=result,
            meaning=MEANINGS[result],
            block_minutes=180 if result == LATER else 0,
        )
    save(talking, NEVER)

    services.correct_result(corrected_to(talking, LATER), SAVED_AT)
    end_call(talking, SOON)

    task = task_of(talking)
    assert (task.outcome, task.redial_at) == (TaskOutcome.CALLED, SOON + timedelta(hours=3))


def end_call(communication: Communication, at: datetime) -> None:
    order = CallOrder.objects.get(calls__communication=communication)
    services.take_call_events(
        [
            CallEvent(
                kind=CallEventKind.ENDED,
                call_key=order.calls.get().call_key,
                order_id=order.pk,
                at=at,
                operator_id=communication.operator_id,
                system_disposition=SystemDisposition.CONNECTED,
            )
        ]
    )


# --- several at once


@pytest.mark.django_db(transaction=True)
def test_a_correction_leaves_a_newer_call_of_the_client_to_its_own_result(
    communication: Communication, rivals: Rivals, dialer: FakeDialer
) -> None:
    """The call of the redial starts while the correction is under way."""
    save(communication, LATER)
    task = task_of(communication)
    CampaignTask.objects.filter(pk=task.pk).update(
        task_state=TaskState.IN_PROGRESS, outcome=None, redial_at=None
    )
    order = OrderFactory.create(task=task)
    with transaction.atomic():
        services.take_call_events(
            [CallEvent(kind=CallEventKind.DIALING, call_key="c", order_id=order.pk, at=SOON)]
        )
        correction = corrected_to(communication, AGREED)
        rival = rivals.start(partial(services.correct_result, correction, SOON))
        wait_until_a_lock_is_awaited()
    answer = rival.result(PATIENCE_SECONDS)

    task.refresh_from_db()
    order.refresh_from_db()
    assert not answer.task_follows
    assert (task.task_state, order.state) == (TaskState.IN_PROGRESS, OrderState.CALLING)
    assert dialer.cancelled == []
    assert_invariants(SOON, ENGINE_AT_ONCE)


@pytest.mark.django_db(transaction=True)
def test_of_an_operator_and_a_senior_operator_the_later_one_learns_of_the_other(
    communication: Communication, rivals: Rivals
) -> None:
    save(communication, AGREED)
    senior = OperatorFactory.create()
    with transaction.atomic():
        services.correct_result(
            corrected_to(communication, NEVER, by=senior.pk, own=False, seen_version=1), SOON
        )
        rival = rivals.start(
            partial(
                services.correct_result, corrected_to(communication, LATER, seen_version=1), SOON
            )
        )
        wait_until_a_lock_is_awaited()

    with pytest.raises(ResultConflictError):
        rival.result(PATIENCE_SECONDS)
    communication.refresh_from_db()
    assert communication.result_details["result"] == NEVER
    assert (communication.result_version, ResultVersion.objects.count()) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_the_same_correction_twice_at_once_is_one(
    communication: Communication, rivals: Rivals
) -> None:
    save(communication, NEVER)
    correction = corrected_to(communication, LATER, seen_version=1)
    with transaction.atomic():
        services.correct_result(correction, SOON)
        rival = rivals.start(partial(services.correct_result, correction, SOON))
        wait_until_a_lock_is_awaited()

    assert rival.result(PATIENCE_SECONDS).version == 2
    assert ResultVersion.objects.count() == 1
    assert task_of(communication).redial_at == SAVED_AT + timedelta(hours=3)
    assert_invariants(SOON, ENGINE_AT_ONCE)
