"""Counted hours are the calls: after late reports and corrections, with two who count at once, and
where one is killed.
"""

import io
from datetime import UTC

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Sum
from pytest_django import Settings

from apps.campaigns import selectors as campaigns
from apps.campaigns.models import Communication, Disposition
from apps.reports.checking import compare
from apps.reports.counting import HOUR, Period, count_changed, freshness, recount
from apps.reports.models import ReportCall, ReportHour
from apps.security.models import Operator
from testing.factories.campaigns import DispositionFactory, TaskFactory
from testing.factories.security import OperatorFactory
from testing.reported_calls import at, talk, unreached
from testing.rivals import PATIENCE_SECONDS, Rivals, wait_until_a_lock_is_awaited

TEN = Period(at("10:00"), at("11:00"))
DAY = Period(at("00:00"), at("00:00", days=1))


@pytest.fixture
def operator(db: None) -> Operator:
    return OperatorFactory.create()


@pytest.fixture
def agreed(db: None) -> Disposition:
    return DispositionFactory.create()


def stored(period: Period = TEN) -> list[tuple[int | None, int]]:
    """How many calls of the hour have each result."""
    rows = ReportCall.objects.filter(hour__gte=period.since, hour__lt=period.until)
    counted = rows.values_list("disposition_id").annotate(number=Sum("calls"))
    return sorted(counted, key=str)


def test_a_change_marks_its_hour_and_counting_takes_the_mark_away(operator: Operator) -> None:
    talk(operator, at("10:05"))
    assert at("10:00") in campaigns.changed_hours(*DAY).hours

    count_changed(seconds=60)

    assert campaigns.changed_hours().hours == ()
    assert stored() == [(None, 1)]


def test_a_corrected_result_is_counted_anew(operator: Operator, agreed: Disposition) -> None:
    row = talk(operator, at("10:05"), result=agreed)
    other = DispositionFactory.create(campaign=agreed.campaign, result="Отказ")
    count_changed(seconds=60)

    Communication.objects.filter(pk=row.pk).update(disposition=other)
    count_changed(seconds=60)

    assert stored() == [(other.pk, 1)]


def test_a_conversation_that_is_reported_late_leaves_the_hour_of_the_unreached_call(
    operator: Operator,
) -> None:
    call = unreached(TaskFactory.create(), at("10:59:50"))
    count_changed(seconds=60)
    assert stored() == [(None, 1)]

    call.communication = Communication.objects.create(
        campaign_task=call.order.task,
        operator=operator,
        phone=call.order.phone,
        started_at=at("11:00:05"),
    )
    call.save()
    count_changed(seconds=60)

    assert stored() == []
    assert stored(Period(at("11:00"), at("12:00"))) == [(None, 1)]


def test_what_changes_nothing_that_is_counted_marks_no_hour(operator: Operator) -> None:
    row = talk(operator, at("10:05"))
    count_changed(seconds=60)

    Communication.objects.filter(pk=row.pk).update(card_fetched_at=at("10:06"))

    assert campaigns.changed_hours().hours == ()


def test_an_hour_may_be_counted_again_and_again(operator: Operator) -> None:
    talk(operator, at("10:05"))

    for _ in range(3):
        recount(TEN)

    assert stored() == [(None, 1)]


def test_hours_are_counted_anew_when_the_time_for_the_result_changes(
    operator: Operator, settings: Settings
) -> None:
    talk(operator, at("10:05"), saved_after=None)
    count_changed(seconds=60)

    settings.RESULT_SECONDS = 90
    count_changed(seconds=60)

    assert ReportCall.objects.get().after_call_ms == 90_000


def test_numbers_are_as_fresh_as_the_oldest_change_that_waits(operator: Operator) -> None:
    talk(operator, at("10:05"))
    found = freshness(DAY, at("12:00", days=900))
    assert found.waiting >= 1
    assert found.at < at("12:00", days=900)

    count_changed(seconds=60)

    assert freshness(DAY, at("12:00")) == (at("12:00"), 0)


def test_whoever_is_killed_while_counting_leaves_the_hour_and_its_mark(operator: Operator) -> None:
    talk(operator, at("10:05"))
    recount(TEN)
    talk(operator, at("10:25"))
    counted: list[int] = []

    def kill_at(number: int) -> None:
        """Stop at so many of the statements, as the end of the process would."""

        def stop(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
            counted.append(1)
            if len(counted) == number:
                raise KeyboardInterrupt
            return execute(sql, params, many, context)

        counted.clear()
        with pytest.raises(KeyboardInterrupt), connection.execute_wrapper(stop):
            recount(TEN)

    for number in range(1, 7):
        kill_at(number)
        assert stored() == [(None, 1)]
        assert at("10:00") in campaigns.changed_hours().hours
    recount(TEN)
    assert stored() == [(None, 2)]


@pytest.mark.django_db(transaction=True)
def test_two_who_count_the_same_hour_do_it_one_after_the_other(rivals: Rivals) -> None:
    operator = OperatorFactory.create()
    talk(operator, at("10:05"))

    with transaction.atomic():
        recount(TEN)
        other = rivals.start(lambda: recount(TEN))
        wait_until_a_lock_is_awaited()
        talk(operator, at("10:25"))
    other.result(PATIENCE_SECONDS)

    count_changed(seconds=60)
    assert stored() == [(None, 2)]
    assert compare(DAY) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_committed_while_its_hour_is_counted_is_counted_next(
    rivals: Rivals,
) -> None:
    operator = OperatorFactory.create()
    talk(operator, at("10:05"))
    with transaction.atomic():
        talk(operator, at("10:25"))
        rivals.start(lambda: recount(TEN)).result(PATIENCE_SECONDS)

    assert stored() == [(None, 1)]
    assert campaigns.changed_hours(*TEN).hours == (at("10:00").astimezone(UTC),)
    count_changed(seconds=60)
    assert stored() == [(None, 2)]


@pytest.mark.django_db(transaction=True)
def test_the_check_names_the_hour_that_is_not_what_the_calls_say_and_the_rebuild_mends_it() -> None:
    operator = OperatorFactory.create()
    talk(operator, at("10:05"))
    talk(operator, at("12:05", days=2))
    count_changed(seconds=60)
    call_command("rebuild_reports", "--check", stdout=io.StringIO())
    ReportCall.objects.filter(hour=at("10:00")).update(calls=2)
    told = io.StringIO()

    with pytest.raises(CommandError, match=r"1 of .* hours differ"):
        call_command("rebuild_reports", "--check", stderr=told)

    assert told.getvalue() == "18.11.2026 10:00 (Moscow time): not what the calls say\n"
    assert stored() == [(None, 2)]
    call_command("rebuild_reports", stdout=io.StringIO())
    assert stored() == [(None, 1)]
    call_command("rebuild_reports", "--check", stdout=io.StringIO())


def test_an_hour_whose_calls_are_gone_has_no_numbers(operator: Operator) -> None:
    call = unreached(TaskFactory.create(), at("10:05"))
    count_changed(seconds=60)

    call.delete()
    count_changed(seconds=60)

    assert stored() == []
    assert ReportHour.objects.filter(hour=at("10:00")).exists()


def test_a_slice_counts_the_latest_hours_first(operator: Operator) -> None:
    talk(operator, at("10:05"))
    talk(operator, at("12:05"))

    assert count_changed(seconds=-1, period=DAY) == 0
    recount(Period(at("12:00"), at("12:00") + HOUR))

    assert campaigns.changed_hours(*DAY).hours == (at("10:00").astimezone(UTC),)
