from dataclasses import replace
from datetime import timedelta

import pytest

from apps.campaigns import selectors, services
from apps.campaigns.models import (
    Call,
    CallOrder,
    CampaignTask,
    Communication,
    Decision,
    DoNotCallEntry,
)
from apps.campaigns.states import (
    CommunicationState,
    OrderEnding,
    OrderState,
    TaskOutcome,
    TaskState,
)
from apps.campaigns.types import (
    CallEvent,
    CallEventKind,
    CommunicationNotFoundError,
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

pytestmark = pytest.mark.django_db

SAVED_AT = NOON + timedelta(minutes=2)
LATER = SAVED_AT + timedelta(seconds=1)  # the time for the result is over


@pytest.fixture
def communication() -> Communication:
    found: Communication = CommunicationFactory.create(ended=True)
    campaign = found.campaign_task.campaign
    ReasonFactory.create(campaign=campaign)
    DispositionFactory.create(campaign=campaign)
    for result, meaning, minutes in (
        ("Заполнит позже", Meaning.REDIAL, 180),
        ("Перезвонить", Meaning.CALLBACK, 0),
        ("Больше не звонить", Meaning.NEVER_AGAIN, 0),
        ("Отказ от взаимодействия", Meaning.REFUSED, 0),
    ):
        DispositionFactory.create(
            campaign=campaign, result=result, meaning=meaning, block_minutes=minutes
        )
    return found


def form(communication: Communication, result: str = "Согласен оформить") -> ResultForm:
    return ResultForm(
        communication_id=communication.pk,
        operator_id=communication.operator_id,
        phone=communication.phone,
        reason="Не было с собой документа",
        result=result,
        comment="перезвонит сам",
    )


def task_of(communication: Communication) -> CampaignTask:
    return CampaignTask.objects.get(pk=communication.campaign_task_id)


def test_a_saved_result_is_fixed_with_its_communication(communication: Communication) -> None:
    services.save_result(form(communication), SAVED_AT)

    communication.refresh_from_db()
    assert communication.state == CommunicationState.FIXED
    assert communication.fixed_at == SAVED_AT
    assert communication.result_details == {
        "reason": "Не было с собой документа",
        "result": "Согласен оформить",
        "comment": "перезвонит сам",
    }


def test_saving_the_same_again_is_right_and_changes_nothing(communication: Communication) -> None:
    services.save_result(form(communication), SAVED_AT)

    services.save_result(form(communication), SAVED_AT + timedelta(hours=1))

    communication.refresh_from_db()
    assert communication.fixed_at == SAVED_AT


def test_a_different_result_is_a_conflict(communication: Communication) -> None:
    services.save_result(form(communication), SAVED_AT)

    with pytest.raises(ResultConflictError):
        services.save_result(form(communication, "Отказ от взаимодействия"), SAVED_AT)

    communication.refresh_from_db()
    assert communication.result_details["result"] == "Согласен оформить"


def test_another_phone_is_a_conflict(communication: Communication) -> None:
    with pytest.raises(ResultConflictError):
        services.save_result(replace(form(communication), phone="79990000000"), SAVED_AT)

    communication.refresh_from_db()
    assert communication.state == CommunicationState.NEW


def test_a_colleagues_communication_is_not_found(communication: Communication) -> None:
    with pytest.raises(CommunicationNotFoundError):
        services.save_result(replace(form(communication), operator_id=0), SAVED_AT)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"result": ""}, "result"),
        ({"result": "Придумал сам"}, "result"),
        ({"reason": "Придумал сам"}, "reason"),
        ({"comment": "я" * 2049}, "comment"),
        ({"result": "Перезвонить"}, "callbackTime"),
        ({"result": "Перезвонить", "callback_at": SAVED_AT}, "callbackTime"),
        (
            {"result": "Перезвонить", "callback_at": SAVED_AT + timedelta(days=60, minutes=1)},
            "callbackTime",
        ),
    ],
)
def test_a_form_that_breaks_a_rule_is_refused_whole(
    communication: Communication, change: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidResultError) as refused:
        services.save_result(replace(form(communication), **change), SAVED_AT)  # type: ignore[arg-type]

    communication.refresh_from_db()
    assert list(refused.value.errors) == [field]
    assert (communication.state, communication.result_details) == (CommunicationState.NEW, {})


@pytest.mark.parametrize(
    "change",
    [
        {"comment": "я" * 2000},
        {"reason": ""},
        {"result": "Перезвонить", "callback_at": SAVED_AT + timedelta(days=60)},
    ],
)
def test_a_form_at_the_edge_of_the_rules_is_saved(
    communication: Communication, change: dict[str, object]
) -> None:
    services.save_result(replace(form(communication), **change), SAVED_AT)  # type: ignore[arg-type]

    communication.refresh_from_db()
    assert communication.state == CommunicationState.FIXED


def test_a_candidate_to_redial_is_blocked_and_then_called_again(
    communication: Communication,
) -> None:
    services.save_result(form(communication, "Заполнит позже"), SAVED_AT)

    assert task_of(communication).redial_at == SAVED_AT + timedelta(hours=3)
    assert services.wake_redials(SAVED_AT + timedelta(hours=2)) == 0
    assert services.wake_redials(SAVED_AT + timedelta(hours=3)) == 1


def test_a_redial_after_the_last_attempt_ends_the_task(communication: Communication) -> None:
    CampaignTask.objects.update(attempts=3)

    services.save_result(form(communication, "Заполнит позже"), SAVED_AT)

    task = task_of(communication)
    assert (task.outcome, task.redial_at) == (TaskOutcome.EXHAUSTED, None)


def test_the_client_is_called_back_at_the_time_they_named(communication: Communication) -> None:
    tomorrow = SAVED_AT + timedelta(days=1)

    services.save_result(
        replace(form(communication, "Перезвонить"), callback_at=tomorrow), SAVED_AT
    )

    assert task_of(communication).redial_at == tomorrow


def test_never_again_closes_every_task_of_the_phone(
    communication: Communication, dialer: FakeDialer
) -> None:
    services.save_draft(form(communication), LATER)
    waiting = TaskFactory.create(phone=communication.phone)
    sent = TaskFactory.create(phone=communication.phone, handed_over=True)
    stranger = TaskFactory.create()

    services.save_result(form(communication, "Больше не звонить"), SAVED_AT)

    outcomes = dict(CampaignTask.objects.values_list("pk", "outcome"))
    assert (outcomes[waiting.pk], outcomes[sent.pk]) == (TaskOutcome.FORBIDDEN,) * 2
    assert outcomes[stranger.pk] is None
    assert dialer.cancelled == [sent.orders.get().pk]
    assert DoNotCallEntry.objects.get().phone == communication.phone


def test_the_ledger_tells_once_that_a_client_asked_for_no_calls(
    communication: Communication,
) -> None:
    services.save_result(form(communication, "Больше не звонить"), SAVED_AT)

    services.never_call_again(communication.phone, "письмо")

    row = Decision.objects.get()
    assert (row.step, row.rule, row.reason) == ("RESULT", "NEVER_AGAIN", "Больше не звонить")


def test_a_result_whose_disposition_is_gone_asks_for_nothing_and_holds_up_no_other() -> None:
    first, second = (
        CommunicationFactory.create(state=CommunicationState.FIXED, fixed_at=NOON) for _ in range(2)
    )
    Communication.objects.filter(pk=second.pk).update(
        disposition=DispositionFactory.create(
            campaign=second.campaign_task.campaign, meaning=Meaning.REDIAL, block_minutes=60
        )
    )
    ends = [
        CallEvent(
            kind=CallEventKind.ENDED,
            call_key=f"call-of-{one.pk}",
            order_id=one.campaign_task.orders.get().pk,
            at=SAVED_AT,
            operator_id=one.operator_id,
            system_disposition=SystemDisposition.CONNECTED,
        )
        for one in (first, second)
    ]

    services.take_call_events(ends)

    assert task_of(first).redial_at is None
    assert task_of(second).redial_at == SAVED_AT + timedelta(hours=1)


def test_never_again_drops_redials_and_callbacks_of_every_campaign(
    communication: Communication,
) -> None:
    tomorrow = NOON + timedelta(days=1)
    waiting = TaskFactory.create(phone=communication.phone, called=True, redial_at=tomorrow)
    stranger = TaskFactory.create(called=True, redial_at=tomorrow)

    services.save_result(form(communication, "Больше не звонить"), SAVED_AT)

    redials = dict(CampaignTask.objects.values_list("pk", "redial_at"))
    assert (redials[waiting.pk], redials[stranger.pk]) == (None, tomorrow)


def test_never_again_said_during_the_call_does_not_end_it_and_is_recorded_once(
    dialer: FakeDialer,
) -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()
    DispositionFactory.create(
        campaign=task.campaign, result="Больше не звонить", meaning=Meaning.NEVER_AGAIN
    )
    started = CallEvent(
        kind=CallEventKind.CONNECTED,
        call_key="c",
        order_id=task.orders.get().pk,
        at=NOON,
        operator_id=operator.pk,
    )
    services.take_call_events([started])
    live = Communication.objects.get()

    services.save_result(replace(form(live, "Больше не звонить"), reason=""), NOON)
    services.take_call_events(
        [
            replace(
                started,
                kind=CallEventKind.ENDED,
                at=SAVED_AT,
                system_disposition=SystemDisposition.CONNECTED,
            )
        ]
    )

    task.refresh_from_db()
    assert (task.task_state, dialer.cancelled) == (TaskState.DONE, [])
    assert Decision.objects.count() == 1


def test_a_block_moves_the_newer_task_of_the_client(communication: Communication) -> None:
    newer = TaskFactory.create(
        phone=communication.phone, campaign=communication.campaign_task.campaign, task_time=NOON
    )

    services.save_result(form(communication, "Заполнит позже"), SAVED_AT)

    newer.refresh_from_db()
    assert newer.task_time == SAVED_AT + timedelta(hours=3)
    assert task_of(communication).redial_at is None


def test_a_result_saved_during_the_call_takes_effect_at_its_end() -> None:
    task, operator = TaskFactory.create(handed_over=True), OperatorFactory.create()
    DispositionFactory.create(
        campaign=task.campaign,
        result="Заполнит позже",
        meaning=Meaning.REDIAL,
        block_minutes=60,
    )
    connected = CallEvent(
        kind=CallEventKind.CONNECTED,
        call_key="c",
        order_id=task.orders.get().pk,
        at=NOON,
        operator_id=operator.pk,
    )
    services.take_call_events([connected])
    live = Communication.objects.get()
    services.save_result(replace(form(live, "Заполнит позже"), reason=""), NOON)

    services.take_call_events(
        [
            CallEvent(
                kind=CallEventKind.ENDED,
                call_key="c",
                order_id=task.orders.get().pk,
                at=SAVED_AT,
                operator_id=live.operator_id,
                system_disposition=SystemDisposition.CONNECTED,
            )
        ]
    )

    task.refresh_from_db()
    assert (task.task_state, task.redial_at) == (TaskState.DONE, SAVED_AT + timedelta(hours=1))


def test_a_final_result_ends_a_task_that_a_redial_has_made_new(
    communication: Communication,
) -> None:
    task = task_of(communication)
    services.save_draft(form(communication), LATER)
    CampaignTask.objects.filter(pk=task.pk).update(task_state=TaskState.NEW, outcome=None)

    services.save_result(form(communication), SAVED_AT)

    task.refresh_from_db()
    assert (task.task_state, task.outcome, task.redial_at) == ("DONE", "CALLED", None)


def test_a_final_result_withdraws_an_order_that_a_redial_has_placed(
    communication: Communication, dialer: FakeDialer
) -> None:
    task = task_of(communication)
    services.save_draft(form(communication), LATER)
    CampaignTask.objects.filter(pk=task.pk).update(task_state=TaskState.IN_PROGRESS, outcome=None)
    later = OrderFactory.create(task=task)

    services.save_result(form(communication), SAVED_AT)

    task.refresh_from_db()
    assert (task.task_state, task.outcome) == (TaskState.DONE, TaskOutcome.CALLED)
    assert dialer.cancelled == [later.pk]


@pytest.mark.parametrize("drafted", [True, False])
def test_the_client_is_free_for_other_orders_once_the_result_is_saved_or_drafted(
    communication: Communication, drafted: bool
) -> None:
    order = CallOrder.objects.get(calls__communication=communication)
    assert order.state == OrderState.RESULT_DUE

    if drafted:
        services.save_draft(form(communication), LATER)
    else:
        services.save_result(form(communication), SAVED_AT)

    order.refresh_from_db()
    assert (order.state, order.ending) == (OrderState.CLOSED, OrderEnding.CONVERSATION)


@pytest.mark.parametrize("ended", [True, False])
def test_a_draft_within_the_time_for_the_result_changes_nothing_but_what_it_keeps(
    ended: bool,
) -> None:
    communication = CommunicationFactory.create(ended=ended)
    orders = CallOrder.objects.filter(calls__communication=communication)
    before = orders.values().get()
    live = selectors.live_communication(communication.operator_id)

    for _ in range(2):
        assert services.save_draft(form(communication), SAVED_AT) is False

    communication.refresh_from_db()
    assert communication.state == CommunicationState.NEW
    assert communication.result_details["comment"] == "перезвонит сам"
    assert selectors.live_communication(communication.operator_id) == live
    assert orders.values().get() == before


def test_what_a_draft_kept_while_talking_is_on_the_card_for_rework(
    communication: Communication,
) -> None:
    services.save_draft(form(communication), NOON)

    services.draft_overdue(LATER)

    (card,) = selectors.unfinished_communications(communication.operator_id)
    assert (card.state, card.result["comment"]) == (CommunicationState.DRAFT, "перезвонит сам")


def test_a_comment_holds_2048_characters_in_a_draft_and_in_a_result(
    communication: Communication,
) -> None:
    longest = replace(form(communication), comment="я" * 2048)
    longer = replace(longest, comment="я" * 2049)

    with pytest.raises(InvalidResultError) as refused:
        services.save_draft(longer, SAVED_AT)
    services.save_draft(longest, SAVED_AT)
    services.save_result(longest, SAVED_AT)

    assert list(refused.value.errors) == ["comment"]


def test_the_masked_phone_is_that_of_the_communication(communication: Communication) -> None:
    masked = f"+7 (***) ***-{communication.phone[7:9]}-{communication.phone[9:]}"
    wrong = replace(form(communication), phone="+7 (***) ***-98-76")

    with pytest.raises(ResultConflictError):
        services.save_result(wrong, SAVED_AT)
    services.save_result(replace(wrong, phone=masked), SAVED_AT)

    communication.refresh_from_db()
    assert communication.state == CommunicationState.FIXED


def test_a_draft_keeps_what_was_filled_in_and_never_shrinks(communication: Communication) -> None:
    services.save_draft(form(communication), LATER)

    services.save_draft(replace(form(communication), comment="", reason=""), LATER)

    communication.refresh_from_db()
    assert communication.state == CommunicationState.DRAFT
    assert communication.result_details["comment"] == "перезвонит сам"


def test_a_draft_kept_during_the_call_leaves_the_client_engaged() -> None:
    talking = CommunicationFactory.create()

    services.save_draft(form(talking), LATER)

    assert CallOrder.objects.get().state == OrderState.CALLING


def test_a_draft_of_a_conversation_without_a_call_is_kept() -> None:
    communication = CommunicationFactory.create(ended=True)
    Call.objects.all().delete()

    services.save_draft(form(communication), LATER)

    communication.refresh_from_db()
    assert communication.state == CommunicationState.DRAFT


def test_a_draft_does_not_undo_a_saved_result(communication: Communication) -> None:
    services.save_result(form(communication), SAVED_AT)

    with pytest.raises(ResultConflictError):
        services.save_draft(form(communication), LATER)

    communication.refresh_from_db()
    assert communication.state == CommunicationState.FIXED


def test_a_draft_is_finished_later(communication: Communication) -> None:
    services.save_draft(form(communication), LATER)

    services.save_result(form(communication), SAVED_AT + timedelta(days=1))

    communication.refresh_from_db()
    assert communication.state == CommunicationState.FIXED


def test_the_server_itself_drafts_what_was_not_saved_in_sixty_seconds(
    communication: Communication,
) -> None:
    ended_at = NOON + timedelta(minutes=1)

    early = services.draft_overdue(ended_at + timedelta(seconds=60))
    late = services.draft_overdue(ended_at + timedelta(seconds=60, microseconds=1))

    assert (early, late) == ([], [communication.operator_id])
    communication.refresh_from_db()
    assert communication.state == CommunicationState.DRAFT
    assert CallOrder.objects.get(calls__communication=communication).state == OrderState.CLOSED


def test_the_live_communication_is_found_until_its_result_is_saved(
    communication: Communication,
) -> None:
    live = selectors.live_communication(communication.operator_id)
    services.save_result(form(communication), SAVED_AT)

    assert live is not None
    assert live.result_due_at == NOON + timedelta(minutes=2)
    assert selectors.live_communication(communication.operator_id) is None


def test_cards_for_rework_come_oldest_first() -> None:
    newer = CommunicationFactory.create(draft=True)
    older = CommunicationFactory.create(
        draft=True, operator=newer.operator, started_at=NOON - timedelta(days=1)
    )
    CommunicationFactory.create(draft=True)

    found = selectors.unfinished_communications(newer.operator_id)

    assert [communication.id for communication in found] == [older.pk, newer.pk]
