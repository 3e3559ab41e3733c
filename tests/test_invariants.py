"""The queries that find what breaks a promise: each is valid, and finds what it is made for."""

from datetime import timedelta

import pytest

from apps.campaigns.models import CallOrder
from apps.campaigns.states import OrderState
from testing.factories.campaigns import NOON, CommunicationFactory, TaskFactory
from testing.invariants import EVERYTHING, assert_invariants, broken

pytestmark = pytest.mark.django_db


def test_an_empty_database_keeps_every_promise() -> None:
    assert_invariants(NOON)


def test_the_names_of_the_promises_are_different() -> None:
    assert len({one.name for one in EVERYTHING}) == len(EVERYTHING)


def test_a_broken_promise_is_named_with_its_row() -> None:
    task = TaskFactory.create(handed_over=True)
    CallOrder.objects.update(state=OrderState.CLOSED, ending="LOST", ended_at=NOON)

    assert broken(NOON)["a task in progress has an open order"] == [f'{{"id": {task.pk}}}']


def test_a_result_is_overdue_after_the_time_for_it() -> None:
    CommunicationFactory.create(ended=True)
    name = "a result that was not saved in time is a draft"

    assert name not in broken(NOON + timedelta(minutes=2))
    assert name in broken(NOON + timedelta(minutes=10))
