from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from apps.campaigns import services
from apps.campaigns.models import (
    CallOrder,
    CampaignTask,
    Communication,
    DeferredCandidate,
    TaskTransition,
)
from apps.campaigns.states import (
    CommunicationState,
    OrderEnding,
    OrderState,
    TaskOutcome,
    TaskState,
)
from apps.campaigns.types import AddedCandidates, CallEvent, CallEventKind, Candidate
from testing.factories.campaigns import NOON, CampaignFactory, CommunicationFactory, TaskFactory
from testing.factories.security import OperatorFactory
from testing.fakes import FakeDialer
from testing.rivals import PATIENCE_SECONDS, Rivals, wait_until_a_lock_is_awaited

PHONE = "79131234567"

pytestmark = pytest.mark.django_db


def candidate(
    campaign_id: int, number: int = 1, phone: str = PHONE, changed_at: datetime = NOON
) -> Candidate:
    return Candidate(
        campaign_id=campaign_id,
        phone=phone,
        client_info={"application_number": str(number)},
        source_key=f"application:{number}",
        subject_key=f"MOBILE_LOANS/{number}",
        changed_at=changed_at,
    )


def end(communication: Communication) -> None:
    """End the call, and fix its result."""
    Communication.objects.filter(pk=communication.pk).update(
        state=CommunicationState.FIXED, ended_at=NOON
    )
    CallOrder.objects.filter(calls__communication=communication).update(
        state=OrderState.CLOSED, ending=OrderEnding.CONVERSATION, ended_at=NOON
    )
    CampaignTask.objects.filter(pk=communication.campaign_task_id).update(
        task_state=TaskState.DONE, outcome=TaskOutcome.CALLED
    )


def test_a_candidate_becomes_a_new_task_with_all_it_came_with() -> None:
    campaign = CampaignFactory.create()

    added = services.add_candidates([candidate(campaign.pk)], NOON)

    assert added == AddedCandidates(created=1, superseded=0, deferred=0)
    task = CampaignTask.objects.get()
    assert (task.phone, task.task_state, task.task_time) == (PHONE, TaskState.NEW, NOON)
    assert task.client_info == {"application_number": "1"}
    assert task.source_key == "application:1"
    assert (task.subject_key, task.subject_changed_at) == ("MOBILE_LOANS/1", NOON)


def test_an_older_application_that_comes_later_supersedes_nothing() -> None:
    newer = TaskFactory.create(phone=PHONE, subject_changed_at=NOON)
    older = candidate(newer.campaign_id, changed_at=NOON - timedelta(seconds=1))

    added = services.add_candidates([older], NOON)

    newer.refresh_from_db()
    assert (added.created, newer.task_state) == (0, TaskState.NEW)
    kept = CampaignTask.objects.exclude(pk=newer.pk).get()
    assert (kept.source_key, kept.outcome) == ("application:1", TaskOutcome.SUPERSEDED)


def test_of_one_batch_the_candidate_that_changed_last_is_called_whatever_its_place() -> None:
    campaign = CampaignFactory.create()
    late = candidate(campaign.pk, 1, changed_at=NOON)
    early = candidate(campaign.pk, 2, changed_at=NOON - timedelta(hours=1))

    services.add_candidates([late, early], NOON)

    assert CampaignTask.objects.get(task_state=TaskState.NEW).source_key == "application:1"


def test_a_newer_candidate_supersedes_a_task_that_waits(dialer: FakeDialer) -> None:
    earlier = TaskFactory.create(phone=PHONE)

    added = services.add_candidates([candidate(earlier.campaign_id)], NOON)

    earlier.refresh_from_db()
    assert added.superseded == 1
    assert (earlier.task_state, earlier.outcome) == (TaskState.DONE, TaskOutcome.SUPERSEDED)
    assert dialer.cancelled == []


def test_a_newer_candidate_calls_back_a_task_from_telephony(dialer: FakeDialer) -> None:
    earlier = TaskFactory.create(phone=PHONE, handed_over=True)

    services.add_candidates([candidate(earlier.campaign_id)], NOON)

    assert dialer.cancelled == [earlier.orders.get().pk]
    trace = TaskTransition.objects.get(task=earlier)
    assert (trace.from_state, trace.to_state) == (TaskState.IN_PROGRESS, TaskState.DONE)


def test_a_conversation_is_not_cut_and_its_candidate_waits_for_the_result() -> None:
    task = TaskFactory.create(phone=PHONE, handed_over=True)
    communication = CommunicationFactory.create(campaign_task=task)

    added = services.add_candidates([candidate(task.campaign_id)], NOON)
    waiting = services.promote_deferred(NOON)
    end(communication)
    promoted = services.promote_deferred(NOON)

    assert (added.deferred, waiting, promoted) == (1, 0, 1)
    assert DeferredCandidate.objects.count() == 0
    newest = CampaignTask.objects.latest("pk")
    assert (newest.source_key, newest.task_state) == ("application:1", TaskState.NEW)


@pytest.mark.parametrize("saved", CommunicationState)
def test_a_conversation_is_not_cut_whatever_was_saved_of_it(
    dialer: FakeDialer, saved: CommunicationState
) -> None:
    task = TaskFactory.create(phone=PHONE, handed_over=True)
    CommunicationFactory.create(campaign_task=task, state=saved)

    added = services.add_candidates([candidate(task.campaign_id)], NOON)

    task.refresh_from_db()
    assert (added.deferred, task.task_state) == (1, TaskState.IN_PROGRESS)
    assert dialer.cancelled == []


@pytest.mark.django_db(transaction=True)
def test_a_conversation_that_starts_meanwhile_is_not_cut(
    dialer: FakeDialer, rivals: Rivals
) -> None:
    task, operator = TaskFactory.create(phone=PHONE, handed_over=True), OperatorFactory.create()

    def add() -> AddedCandidates:
        return services.add_candidates([candidate(task.campaign_id)], NOON)

    with transaction.atomic():
        services.take_call_events(
            [
                CallEvent(
                    kind=CallEventKind.CONNECTED,
                    call_key="call-1",
                    order_id=task.orders.get().pk,
                    at=NOON,
                    operator_id=operator.pk,
                )
            ]
        )
        rival = rivals.start(add)
        wait_until_a_lock_is_awaited()
    added = rival.result(PATIENCE_SECONDS)

    task.refresh_from_db()
    assert (added.deferred, task.task_state) == (1, TaskState.IN_PROGRESS)
    assert dialer.cancelled == []


def test_only_the_newest_of_several_deferred_candidates_waits_and_all_are_kept() -> None:
    task = TaskFactory.create(phone=PHONE, handed_over=True)
    CommunicationFactory.create(campaign_task=task)

    for number in (1, 2):
        services.add_candidates([candidate(task.campaign_id, number)], NOON)

    assert DeferredCandidate.objects.get().source_key == "application:2"
    left_behind = CampaignTask.objects.exclude(pk=task.pk).get()
    assert (left_behind.source_key, left_behind.outcome) == (
        "application:1",
        TaskOutcome.SUPERSEDED,
    )


def test_a_deferred_candidate_never_takes_the_place_of_a_newer_one() -> None:
    talk = CommunicationFactory.create(campaign_task__phone=PHONE)
    campaign_id = talk.campaign_task.campaign_id
    services.add_candidates([candidate(campaign_id, 1)], NOON)
    end(talk)

    services.add_candidates([candidate(campaign_id, 2)], NOON)
    promoted = services.promote_deferred(NOON)

    open_task = CampaignTask.objects.get(task_state=TaskState.NEW)
    assert (promoted, open_task.source_key) == (0, "application:2")
    assert CampaignTask.objects.get(source_key="application:1").outcome == TaskOutcome.SUPERSEDED


@pytest.mark.django_db(transaction=True)
def test_a_sweep_of_deferred_candidates_and_new_ones_never_deadlock(rivals: Rivals) -> None:
    talk = CommunicationFactory.create(campaign_task__phone=PHONE)
    campaign_id = talk.campaign_task.campaign_id
    services.add_candidates([candidate(campaign_id)], NOON)
    over = CommunicationFactory.create(campaign_task__campaign_id=campaign_id)
    services.add_candidates([candidate(campaign_id, 2, over.phone)], NOON)
    end(over)

    with transaction.atomic():
        services.add_candidates([candidate(campaign_id, 3, "79130000003")], NOON)
        rival = rivals.start(lambda: services.promote_deferred(NOON))
        wait_until_a_lock_is_awaited()
        added = services.add_candidates([candidate(campaign_id, 4)], NOON)

    assert (added.deferred, rival.result(PATIENCE_SECONDS)) == (1, 1)


def test_of_one_batch_the_newest_candidate_of_a_client_is_called_and_all_are_kept() -> None:
    campaign = CampaignFactory.create()

    services.add_candidates([candidate(campaign.pk, n) for n in (1, 2, 3)], NOON)

    states = dict(CampaignTask.objects.values_list("source_key", "outcome"))
    assert states == {
        "application:1": TaskOutcome.SUPERSEDED,
        "application:2": TaskOutcome.SUPERSEDED,
        "application:3": None,
    }


def test_a_client_in_two_campaigns_has_a_task_in_each() -> None:
    first, second = CampaignFactory.create_batch(2)

    services.add_candidates([candidate(first.pk), candidate(second.pk)], NOON)

    assert CampaignTask.objects.filter(task_state=TaskState.NEW).count() == 2


def test_a_blocked_client_stays_blocked_in_the_newer_task() -> None:
    until = NOON + timedelta(days=3)
    earlier = TaskFactory.create(phone=PHONE, called=True, redial_at=until)

    services.add_candidates([candidate(earlier.campaign_id)], NOON)

    earlier.refresh_from_db()
    assert CampaignTask.objects.latest("pk").task_time == until
    assert earlier.redial_at is None


def test_the_database_itself_refuses_a_second_open_task() -> None:
    task = TaskFactory.create()

    with pytest.raises(IntegrityError, match="one_open_task_per_client"), transaction.atomic():
        TaskFactory.create(campaign=task.campaign, phone=task.phone, handed_over=True)

    assert CampaignTask.objects.count() == 1


def test_fifty_candidates_cost_as_many_queries_as_one(django_assert_num_queries: object) -> None:
    campaign = CampaignFactory.create()

    def queries_for(count: int, first: int) -> int:
        batch = [candidate(campaign.pk, n, f"7913{n:07d}") for n in range(first, first + count)]
        before = len(connection.queries_log)
        services.add_candidates(batch, NOON)
        return len(connection.queries_log) - before

    connection.force_debug_cursor = True
    try:
        counts = {queries_for(1, 1), queries_for(50, 100)}
    finally:
        connection.force_debug_cursor = False

    assert len(counts) == 1


@pytest.mark.django_db(transaction=True)
def test_rival_batches_leave_one_open_task_per_client(rivals: Rivals) -> None:
    campaign = CampaignFactory.create()

    def add(start: int, step: int) -> None:
        phones = [f"7913{n:07d}" for n in range(40)][::step]
        for round_number in range(5):
            batch = [
                candidate(campaign.pk, start + round_number * 100 + n, phone)
                for n, phone in enumerate(phones)
            ]
            services.add_candidates(batch, NOON)

    started = [rivals.start(lambda: add(1000, 1)), rivals.start(lambda: add(9000, -1))]
    for rival in started:
        rival.result(PATIENCE_SECONDS)

    assert CampaignTask.objects.filter(task_state=TaskState.NEW).count() == 40
    assert CampaignTask.objects.count() == 400
