"""Each measure against a day that was counted by hand, and the measures against each other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from apps.arm.models import StatePeriod
from apps.arm.types import PeriodState
from apps.campaigns.models import Disposition
from apps.campaigns.types import Meaning, SystemDisposition
from apps.reports import measures as m
from apps.reports.choice import Choice, quick_choice
from apps.reports.counting import Period, count_changed, recount
from apps.reports.measures import Measure, Totals
from apps.reports.reports import REPORTS
from apps.reports.sums import new_tasks_by_campaign, total_of, totals_by
from apps.reports.wilson import interval, uncertainty
from apps.security.models import Operator
from testing.factories.campaigns import CampaignFactory, DispositionFactory, TaskFactory
from testing.factories.security import OperatorFactory
from testing.reported_calls import DAY, at, talk, unreached

pytestmark = pytest.mark.django_db

WHOLE_DAY = Choice(first=DAY.date(), last=DAY.date())


@pytest.fixture
def agreed() -> Disposition:
    return DispositionFactory.create()


@pytest.fixture
def later(agreed: Disposition) -> Disposition:
    return DispositionFactory.create(
        campaign=agreed.campaign, result="Перезвонить", meaning=Meaning.CALLBACK
    )


@pytest.fixture
def operator() -> Operator:
    return OperatorFactory.create()


def counted(choice: Choice = WHOLE_DAY) -> Totals:
    count_changed(seconds=60)
    return total_of(totals_by(choice, "hour"))


def of(totals: Totals, *measures: Measure) -> list[float | None]:
    return [one.value(totals) for one in measures]


def test_calls_are_counted_and_shared_out_as_by_hand(
    operator: Operator, agreed: Disposition
) -> None:
    task = TaskFactory.create(campaign=agreed.campaign)
    unreached(task, at("09:00"))
    unreached(task, at("10:59:59"), SystemDisposition.NO_ANSWER)
    talk(operator, at("11:00"), task=task, result=agreed)
    talk(operator, at("11:30"), saved_after=None)

    totals = counted()

    assert of(totals, m.CALLS, m.REACHED, m.REACH_SHARE) == [4, 2, 0.5]
    assert of(totals, m.RESULTS, m.SUCCESSES, m.CONVERSION) == [1, 1, 0.5]


def test_handling_time_is_talk_and_after_call_work_of_conversations_that_are_over(
    operator: Operator, agreed: Disposition
) -> None:
    talk(operator, at("10:00"), seconds=100, saved_after=20, result=agreed)
    talk(operator, at("10:05"), seconds=50, saved_after=-10, result=agreed)  # during the call
    talk(operator, at("10:10"), seconds=30, saved_after=None)  # the 60 seconds ran out
    talk(operator, at("10:15"), seconds=20, saved_after=5_000, result=agreed)  # a card for rework

    totals = counted()

    assert of(totals, m.TALK) == [200]
    assert of(totals, m.AFTER_CALL) == [(20 + 0 + 60 + 60) / 4]
    assert of(totals, m.HANDLING) == [(200 + 140) / 4]


def test_a_conversation_that_goes_on_is_a_call_and_no_handling_yet(
    operator: Operator, agreed: Disposition
) -> None:
    going_on = talk(operator, at("10:00"), result=agreed)
    type(going_on).objects.filter(pk=going_on.pk).update(
        state="NEW", ended_at=None, disposition=None, fixed_at=None
    )

    totals = counted()

    assert of(totals, m.CALLS, m.REACHED, m.TALK) == [1, 1, 0]
    assert of(totals, m.HANDLING, m.AFTER_CALL) == [None, None]


@pytest.mark.parametrize(
    ("minutes", "kept", "late"), [(-6, 0, 0), (-5, 1, 0), (15, 1, 0), (16, 0, 1)]
)
def test_a_callback_is_kept_from_5_minutes_before_until_15_after(
    operator: Operator, later: Disposition, minutes: int, kept: int, late: int
) -> None:
    promised = at("15:00")
    first = talk(operator, at("10:00"), result=later, callback_at=promised)
    assert of(counted(), *m.OF_CALLBACKS) == [1, 0, 0]

    unreached(first.campaign_task, promised + timedelta(minutes=minutes))

    assert of(counted(), *m.OF_CALLBACKS) == [1, kept, late]


def test_occupancy_is_the_busy_part_of_the_time_on_line(operator: Operator) -> None:
    for state, begins, ends in (
        (PeriodState.READY, "10:00", "10:30"),
        (PeriodState.IN_CALL, "10:30", "10:40"),
        (PeriodState.WRAP_UP, "10:40", "10:41"),
        (PeriodState.BREAK, "10:41", "12:00"),
    ):
        StatePeriod.objects.create(
            operator=operator, state=state, began_at=at(begins), ended_at=at(ends)
        )

    (table,) = REPORTS["operators"].contents(WHOLE_DAY).tables

    values = dict(zip((one.key for one in table.measures), table.rows[0].cells, strict=True))
    assert values["on_line"].value == 41 * 60
    assert values["occupancy"].value == 11 / 41
    assert REPORTS["operators"].contents(replace(WHOLE_DAY, campaign_id=1)).totals == Totals()


def test_a_callback_that_a_newer_task_of_the_client_makes_is_kept(
    operator: Operator, later: Disposition
) -> None:
    first = talk(operator, at("10:00"), result=later, callback_at=at("15:00"))
    newer = TaskFactory.create(campaign=later.campaign, phone=first.phone)

    unreached(newer, at("15:01"))

    assert of(counted(), *m.OF_CALLBACKS) == [1, 1, 0]


def test_attempts_are_counted_until_a_client_is_reached_for_the_first_time(
    operator: Operator, agreed: Disposition
) -> None:
    task = TaskFactory.create(campaign=agreed.campaign)
    unreached(task, at("09:00", days=-3))
    unreached(task, at("09:00"))
    talk(operator, at("11:00"), task=task, result=agreed)
    talk(operator, at("12:00"), task=task, result=agreed)  # is called again
    talk(operator, at("13:00"), result=agreed)
    count_changed(seconds=60)

    found = totals_by(WHOLE_DAY, "attempt")

    assert {key: one.first_reached for key, one in found.items()} == {
        (None,): 0, (1,): 1, (3,): 1,
    }  # fmt: skip
    assert total_of(found).first_dials == 1


def test_a_call_belongs_to_the_moscow_day_on_which_its_conversation_began(
    operator: Operator,
) -> None:
    talk(operator, at("00:00"))
    talk(operator, at("23:59:59"))
    talk(operator, at("00:00", days=1))

    assert counted().conversations == 2
    assert counted(quick_choice("week", at("12:00", days=6).date())).conversations == 3


def test_new_tasks_are_counted_where_they_were_made(agreed: Disposition) -> None:
    made = TaskFactory.create_batch(3, campaign=agreed.campaign)
    type(made[0]).objects.update(wtime=at("10:00"))
    count_changed(seconds=60)

    # the moment of creation never changes elsewhere, and so it leaves no mark
    recount(Period(at("10:00"), at("11:00")))
    assert new_tasks_by_campaign(WHOLE_DAY) == {agreed.campaign_id: 3}


def test_every_way_to_share_out_the_calls_has_the_same_sum(
    operator: Operator, agreed: Disposition, later: Disposition
) -> None:
    colleague, other = OperatorFactory.create(), DispositionFactory.create(result="Отказ")
    talk(operator, at("10:00"), result=agreed, reason="Нет документа")
    talk(colleague, at("11:00"), result=other)
    talk(colleague, at("11:30"), result=later, callback_at=at("12:00"))
    talk(operator, at("12:00"), saved_after=None)
    unreached(TaskFactory.create(campaign=CampaignFactory.create()), at("12:30"))
    whole = counted()

    for keys in (
        ("operator_id",), ("campaign_id",), ("outcome",), ("disposition_id",), ("reason",),
        ("attempt",), ("day",), ("hour_of_day",), ("state",), ("operator_id", "campaign_id"),
    ):  # fmt: skip
        assert total_of(totals_by(WHOLE_DAY, *keys)) == whole, keys


def test_the_totals_of_a_report_are_the_sum_of_its_tables(
    operator: Operator, agreed: Disposition
) -> None:
    talk(operator, at("10:00"), result=agreed)
    talk(OperatorFactory.create(), at("11:00"), result=agreed)
    unreached(TaskFactory.create(campaign=agreed.campaign), at("12:00"))
    count_changed(seconds=60)

    totals = {name: report.contents(WHOLE_DAY).totals for name, report in REPORTS.items()}

    assert {name: one.calls for name, one in totals.items()} == {
        "calls": 3, "campaigns": 3, "funnel": 3,
        "operators": 2,  # a call that reached nobody has no operator
    }  # fmt: skip
    assert {one.conversations for one in totals.values()} == {2}


def test_a_choice_of_campaign_operator_and_hour_leaves_the_others_out(
    operator: Operator, agreed: Disposition
) -> None:
    talk(operator, at("10:00"), result=agreed)
    talk(operator, at("11:00"), result=agreed)
    talk(operator, at("11:00", days=1), result=agreed)
    talk(OperatorFactory.create(), at("11:10"), result=agreed)
    talk(operator, at("11:20"))

    chosen = Choice(
        first=DAY.date(),
        last=DAY.date(),
        campaign_id=agreed.campaign_id,
        operator_id=operator.pk,
        hour=11,
    )

    assert counted(chosen).conversations == 1


@pytest.mark.parametrize(
    ("successes", "cases", "low", "high"),
    # from Wilson's formula, computed apart to four places
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (124, 1000, 0.1050, 0.1459),
        (1, 2, 0.0945, 0.9055),
    ],
)
def test_the_interval_of_a_share_is_wilsons(
    successes: int, cases: int, low: float, high: float
) -> None:
    found = interval(successes, cases)

    assert found == pytest.approx((low, high), abs=5e-5)
    share = successes / cases
    assert uncertainty(successes, cases) == pytest.approx(max(share - low, high - share), abs=5e-5)


def test_a_share_of_nothing_has_no_interval() -> None:
    assert interval(0, 0) is None
    assert uncertainty(0, 0) is None
