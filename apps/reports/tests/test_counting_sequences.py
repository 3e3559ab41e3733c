"""Random changes of calls, in any order: after each the counted hours are what the calls say.

A change that marks no hour, or not every hour that it concerns, leaves a difference.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.campaigns import selectors as campaigns
from apps.campaigns.models import Call, CallOrder, CampaignTask, Communication, Disposition
from apps.campaigns.types import Meaning
from apps.reports.checking import compare
from apps.reports.counting import HOUR, Period, count_changed
from apps.security.models import Operator
from testing.factories.campaigns import DispositionFactory, TaskFactory
from testing.factories.security import OperatorFactory
from testing.reported_calls import at, talk, unreached

EFFORT = settings(
    max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
MINUTES = st.integers(min_value=8 * 60, max_value=11 * 60)


class Floor:
    """Two tasks of one client and one of another, whose calls a sequence makes and changes."""

    def __init__(self) -> None:
        self.operator: Operator = OperatorFactory.create()
        self.later: Disposition = DispositionFactory.create(meaning=Meaning.CALLBACK)
        first = TaskFactory.create(campaign=self.later.campaign, called=True, order=None)
        second = TaskFactory.create(
            campaign=self.later.campaign, phone=first.phone, called=True, order=None
        )
        other = TaskFactory.create(campaign=self.later.campaign, called=True, order=None)
        self.tasks: list[CampaignTask] = [first, second, other]

    def dial(self, which: int, moment: datetime) -> None:
        unreached(self.tasks[which % 3], moment)

    def talk(self, which: int, moment: datetime) -> None:
        talk(self.operator, moment, task=self.tasks[which % 3])

    def promise(self, which: int, moment: datetime) -> None:
        talk(
            self.operator,
            moment,
            task=self.tasks[which % 3],
            result=self.later,
            callback_at=moment + timedelta(minutes=40),
        )

    def shift_dialling(self, which: int, moment: datetime) -> None:
        _one(Call, which, lambda pk: Call.objects.filter(pk=pk).update(dialled_at=moment))

    def shift_conversation(self, which: int, moment: datetime) -> None:
        rows = Communication.objects.all()
        end = moment + timedelta(minutes=3)
        _one(
            Communication,
            which,
            lambda pk: rows.filter(pk=pk).update(started_at=moment, ended_at=end, fixed_at=end),
        )

    def correct(self, which: int, moment: datetime) -> None:
        rows = Communication.objects.filter(state="FIXED")
        details = {"reason": "Дорого", "callback_at": moment.isoformat()}
        change = {"disposition": self.later, "result_details": details}
        _one(Communication, which, lambda pk: rows.filter(pk=pk).update(**change))

    def count_no_attempt(self, which: int, moment: datetime) -> None:
        _one(CallOrder, which, lambda pk: CallOrder.objects.filter(pk=pk).update(is_attempt=False))

    def connect_late(self, which: int, moment: datetime) -> None:
        """An unreached call turns out to have been a conversation."""
        calls = list(Call.objects.filter(communication=None).order_by("pk"))
        if not calls:
            return
        call = calls[which % len(calls)]
        call.communication = Communication.objects.create(
            campaign_task=call.order.task,
            operator=self.operator,
            phone=call.order.phone,
            state="DRAFT",
            started_at=moment,
            ended_at=moment + timedelta(minutes=1),
        )
        call.save()


def _one(model: type, which: int, change: Callable[[int], object]) -> None:
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))  # type: ignore[attr-defined]
    if keys:
        change(keys[which % len(keys)])


STEPS = (
    Floor.dial,
    Floor.talk,
    Floor.promise,
    Floor.shift_dialling,
    Floor.shift_conversation,
    Floor.correct,
    Floor.count_no_attempt,
    Floor.connect_late,
)


@pytest.mark.django_db
@EFFORT
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 20), MINUTES), max_size=12))
def test_counted_hours_are_the_calls_whatever_changes_in_whatever_order(
    steps: list[tuple[Callable[[Floor, int, datetime], None], int, int]],
) -> None:
    with transaction.atomic():
        floor = Floor()
        for step, which, minutes in steps:
            step(floor, which, at("00:00") + timedelta(minutes=minutes))
            count_changed(seconds=60)
            assert compare(_everything()) == ([], 0)
        transaction.set_rollback(True)


def _everything() -> Period:
    found = campaigns.first_and_last_counted()
    assert found
    first, last = (moment.replace(minute=0, second=0, microsecond=0) for moment in found)
    return Period(first, last + HOUR)
