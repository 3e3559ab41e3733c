"""What is found in a list before anything of it is stored."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.campaigns.states import TaskState
from apps.filters.models import Application
from apps.ingest.call_lists.asking import (
    ListColumns,
    choose_columns_again,
    confirm_list,
    map_columns,
    proposed_columns,
)
from apps.ingest.states import CallListState, LeftOut
from common.clock import now
from testing.call_lists import ROWS, checked, csv_list, uploaded, worked_on
from testing.factories.campaigns import TaskFactory
from testing.factories.filters import CascadeFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stream")]
BOTH = {"application_status": "created", "client_type": "pioneer"}


def test_every_wrong_cell_is_named_with_row_column_value_and_rule() -> None:
    call_list = checked(csv_list(ROWS[0], ("913 11", "Петров Пётр", "31.02.1990")))

    (row,) = call_list.left_out.all()
    assert (row.line_number, row.why) == (3, LeftOut.REFUSED)
    assert row.broken == [
        ["phone", "913 11", "нужны 11 цифр, первая — 7, без плюса"],
        ["birth_date", "31.02.1990", "нужна существующая дата в виде ДД.ММ.ГГГГ"],
    ]
    assert not Application.objects.exists()


def test_a_phone_that_comes_again_is_a_duplicate_of_its_first_row() -> None:
    call_list = checked(csv_list(ROWS[0], ROWS[1], ("9131112233", "Иванов И.", "")))

    (row,) = call_list.left_out.all()
    assert (row.line_number, row.why) == (4, LeftOut.REPEATED)
    assert row.broken == [["phone", "", "тот же телефон, что в строке 2"]]
    assert (call_list.accepted, call_list.duplicates) == (2, 1)


def test_a_client_with_an_open_task_of_the_campaign_is_a_duplicate() -> None:
    cascade = CascadeFactory.create()
    TaskFactory.create(campaign=cascade.campaign, phone="79131112233")
    TaskFactory.create(
        campaign=cascade.campaign, phone="79131112234", task_state=TaskState.DONE, outcome="CALLED"
    )
    TaskFactory.create(phone="79131112234")  # of another campaign

    call_list = checked(csv_list(*ROWS), cascade)

    assert [(row.line_number, row.why) for row in call_list.left_out.all()] == [(2, LeftOut.KNOWN)]


def test_a_list_without_a_right_row_cannot_be_confirmed() -> None:
    call_list = checked(csv_list(("1", "", "")))

    assert not confirm_list(call_list, call_list.author_id, now())
    assert worked_on(call_list).state == CallListState.CHECKED


def test_only_one_of_two_confirmations_counts() -> None:
    call_list = checked(csv_list(*ROWS))

    assert [confirm_list(call_list, call_list.author_id, now()) for _ in "12"] == [True, False]


def test_columns_are_guessed_from_headings() -> None:
    headings = ("№", "Моб. телефон", "Ф.И.О.", "Одобренная сумма", "birth_date", "Комментарий")

    call_list = uploaded(csv_list(("1", "79131112233"), headings=headings))

    assert proposed_columns(call_list).mapping == {
        "phone": 1,
        "full_name": 2,
        "approved_amount": 3,
        "birth_date": 4,
    }


def test_columns_are_remembered_for_the_next_list_with_the_same_headings() -> None:
    first = uploaded(csv_list(ROWS[0], headings=("А", "Б", "В")))
    columns = ListColumns({"phone": 0, "last_name": 1}, BOTH)
    map_columns(first, columns)

    second = uploaded(csv_list(ROWS[1], headings=("А", "Б", "В")))
    other = uploaded(csv_list(ROWS[1], headings=("А", "Б", "Г")))

    assert proposed_columns(second).mapping == columns.mapping
    assert proposed_columns(other).mapping == {}


def test_a_status_that_the_cascade_takes_is_proposed() -> None:
    settings = {"data-streams": ["POS"], "filters-order": [], "request-statuses": ["scored"]}

    call_list = uploaded(csv_list(ROWS[0]), cascade=CascadeFactory.create(settings=settings))

    assert proposed_columns(call_list).constants == {**BOTH, "application_status": "scored"}


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        (ListColumns({"full_name": 1}, BOTH), "телефон"),
        (ListColumns({"phone": 0}, {"client_type": "pioneer"}), "значение"),
    ],
)
def test_columns_that_are_not_enough_are_refused(columns: ListColumns, what: str) -> None:
    call_list = uploaded(csv_list(ROWS[0]))

    with pytest.raises(ValueError, match=what):
        map_columns(call_list, columns)

    assert worked_on(call_list).state == CallListState.MAPPING


def test_columns_can_be_chosen_again_after_the_check() -> None:
    call_list = checked(csv_list(("1", "79131112233", "")))

    assert choose_columns_again(call_list)
    map_columns(call_list, ListColumns({"phone": 1}, BOTH))

    assert worked_on(call_list).accepted == 1
    confirm_list(worked_on(call_list), call_list.author_id, now())
    assert not choose_columns_again(call_list)


def test_a_check_asks_as_often_for_many_rows_as_for_one() -> None:
    asked = []
    for rows in (1, 300):
        with CaptureQueriesContext(connection) as captured:
            checked(csv_list(*[(f"7913{rows:03d}{n:04d}", "", "") for n in range(rows)]))
        asked.append(len(captured))

    assert asked[0] == asked[1]
