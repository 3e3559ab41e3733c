"""A call list from the upload to applications, verdicts and tasks."""

from datetime import UTC, date, datetime
from itertools import count

import pytest

from apps.campaigns.models import CampaignTask
from apps.campaigns.states import TaskState
from apps.filters.models import Application, JudgementBatch, Verdict
from apps.filters.services import judge_for_a_while
from apps.ingest.call_lists import importing
from apps.ingest.call_lists.asking import cancel_list, confirm_list, resume_list
from apps.ingest.models import FileOutcome, IncomingFile
from apps.ingest.states import CallListState, LeftOut
from common.clock import MOSCOW, now
from testing.call_lists import ROWS, checked, csv_list, imported, uploaded, worked_on
from testing.factories.campaigns import CampaignFactory, TaskFactory
from testing.factories.filters import CascadeFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stream")]


def test_a_row_becomes_an_application_of_its_campaign() -> None:
    call_list = imported(csv_list(ROWS[0]))

    application = Application.objects.get()
    uploaded_at = call_list.wtime.replace(microsecond=0)
    assert {
        "stream": application.stream,
        "file": application.file_id,
        "line": application.line_number,
        "number": application.application_number,
        "phone": application.phone,
        "name": (application.last_name, application.first_name, application.middle_name),
        "birth": application.birth_date,
        "status": (application.application_status, application.client_type),
        "moments": (application.created_at, application.changed_at),
    } == {
        "stream": f"CALL_LIST:{call_list.campaign_id}",
        "file": call_list.file_id,
        "line": 2,
        "number": f"9{call_list.pk:07d}0000002",
        "phone": "79131112233",
        "name": ("Иванов", "Иван", "Иванович"),
        "birth": date(1990, 10, 7),
        "status": ("created", "pioneer"),
        "moments": (uploaded_at, uploaded_at),
    }


def test_what_a_list_tells_itself_counts() -> None:
    headings = ("Телефон", "Номер заявки", "Дата заявки", "Дата изменения", "Статус", "Тип клиента")
    row = (
        "79131112233",
        "34697463",
        "07.10.2022",
        "2022-10-08 12:30",
        "Зарегистрирована",
        "Повторный",
    )

    imported(csv_list(row, headings=headings))

    application = Application.objects.get()
    assert application.application_number == "34697463"
    assert application.created_at == datetime(2022, 10, 7, tzinfo=MOSCOW)
    assert application.changed_at == datetime(2022, 10, 8, 9, 30, tzinfo=UTC)
    assert application.application_status == "registered"
    assert application.client_type == "repeater"


def test_a_list_goes_through_the_cascade_of_its_campaign_alone() -> None:
    cascade = CascadeFactory.create(
        settings={"data-streams": ["POS"], "filters-order": ["AGE"], "min-age": 40}
    )
    CascadeFactory.create(settings={"data-streams": ["POS"], "filters-order": []})
    young, old = ("79131112233", "Иванов Иван", "07.10.2000"), ("79131112234", "", "07.10.1960")

    imported(csv_list(young, old), cascade)
    judge_for_a_while(now)

    verdicts = Verdict.objects.values_list("campaign", "application__phone", "state", "rule")
    assert set(verdicts) == {
        (cascade.campaign_id, "79131112233", "STOPPED", "AGE"),
        (cascade.campaign_id, "79131112234", "PASSED", ""),
    }
    task = CampaignTask.objects.get()
    assert (task.campaign_id, task.phone) == (cascade.campaign_id, "79131112234")


def test_a_list_of_a_campaign_that_is_not_active_is_judged_and_waits() -> None:
    cascade = CascadeFactory.create(campaign=CampaignFactory.create(active=False))

    imported(csv_list(ROWS[0]), cascade)
    judge_for_a_while(now)

    assert Verdict.objects.get().state == "PASSED"
    assert CampaignTask.objects.get().task_state == TaskState.NEW


def test_a_wrong_row_keeps_no_other_from_being_imported() -> None:
    call_list = imported(csv_list(ROWS[0], ("12-34", "Петров Пётр", "31.02.1990"), ROWS[1]))

    assert (call_list.rows, call_list.refused, call_list.duplicates) == (3, 1, 0)
    assert set(Application.objects.values_list("line_number", flat=True)) == {2, 4}
    assert [(row.line_number, row.why) for row in call_list.left_out.all()] == [
        (3, LeftOut.REFUSED)
    ]


def test_a_client_who_got_a_task_after_the_check_is_left_out() -> None:
    cascade = CascadeFactory.create()
    call_list = checked(csv_list(*ROWS), cascade)
    TaskFactory.create(campaign=cascade.campaign, phone="79131112234")

    confirm_list(call_list, call_list.author_id, now())
    call_list = worked_on(call_list)

    assert Application.objects.get().phone == "79131112233"
    assert (call_list.duplicates, IncomingFile.objects.get().duplicates) == (1, 1)


def test_the_import_goes_slice_by_slice_and_keeps_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "ROWS_OF_A_SLICE", 2)
    rows = [(f"7913111{number:04d}", "Иванов Иван", "") for number in range(5)]
    call_list = checked(csv_list(*rows))
    confirm_list(call_list, call_list.author_id, now())
    call_list.refresh_from_db()
    seen = []

    for turn in count():
        importing.import_slice(call_list, now())
        call_list.refresh_from_db()
        seen.append((call_list.state, call_list.rows_done, Application.objects.count()))
        if call_list.state == CallListState.IMPORTED or turn > 5:
            break

    assert seen == [("IMPORTING", 2, 2), ("IMPORTING", 4, 4), ("IMPORTED", 5, 5)]
    assert JudgementBatch.objects.count() == 3
    file = IncomingFile.objects.get()
    assert (file.rows, file.outcome, call_list.file) == (5, FileOutcome.IMPORTED, file)


def test_a_slice_that_another_worker_did_is_not_done_again() -> None:
    call_list = checked(csv_list(*ROWS))
    confirm_list(call_list, call_list.author_id, now())
    call_list.refresh_from_db()
    importing.import_slice(type(call_list).objects.get(pk=call_list.pk), now())

    importing.import_slice(call_list, now())

    assert Application.objects.count() == 2
    assert IncomingFile.objects.count() == 1


def test_the_same_file_is_imported_once_for_a_campaign() -> None:
    cascade = CascadeFactory.create()
    first = imported(csv_list(*ROWS), cascade)

    second = uploaded(csv_list(*ROWS), cascade=cascade)
    elsewhere = imported(csv_list(*ROWS))

    assert second.state == CallListState.REFUSED
    assert f"№ {first.pk}" in second.reason
    assert elsewhere.state == CallListState.IMPORTED
    assert Application.objects.count() == 4


def test_of_two_confirmed_lists_with_the_same_content_one_is_imported() -> None:
    cascade = CascadeFactory.create()
    lists = [checked(csv_list(*ROWS), cascade) for _ in range(2)]
    for call_list in lists:
        confirm_list(call_list, call_list.author_id, now())

    ended = [worked_on(call_list) for call_list in lists]

    assert [call_list.state for call_list in ended] == ["IMPORTED", "REFUSED"]
    assert Application.objects.count() == 2


def test_a_list_can_be_cancelled_until_its_import_begins() -> None:
    call_list = checked(csv_list(*ROWS))
    confirm_list(call_list, call_list.author_id, now())

    assert cancel_list(call_list, now())

    assert worked_on(call_list).state == CallListState.CANCELLED
    assert not Application.objects.exists()
    assert not cancel_list(imported(csv_list(ROWS[0])), now())


def test_an_error_amid_the_import_is_shown_and_the_rest_can_be_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "ROWS_OF_A_SLICE", 1)
    call_list = checked(csv_list(*ROWS))
    confirm_list(call_list, call_list.author_id, now())
    call_list.refresh_from_db()
    importing.import_slice(call_list, now())
    with monkeypatch.context() as patch:
        patch.setattr(importing, "read_rows", lambda *_: 1 / 0)
        call_list = worked_on(call_list)

    assert (call_list.state, call_list.rows_done) == ("FAILED", 1)
    assert "ZeroDivisionError" in call_list.reason
    assert resume_list(call_list)
    assert worked_on(call_list).state == CallListState.IMPORTED
    assert Application.objects.count() == 2
