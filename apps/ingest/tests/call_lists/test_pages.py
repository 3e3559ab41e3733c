"""The way of a list through the pages of the back office."""

import io
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from python_calamine import CalamineWorkbook

from apps.campaigns.models import CampaignTask
from apps.campaigns.states import CommunicationState
from apps.filters.models import Application, Cascade
from apps.filters.services import judge_for_a_while
from apps.ingest.models import CallList
from apps.ingest.states import CallListState
from apps.security.models import AccessRecord, Operator
from common.clock import now
from testing.browser import Answer, enter_back_office
from testing.call_lists import ROWS, checked, csv_list, imported, uploaded, worked_on
from testing.factories.campaigns import CommunicationFactory, DispositionFactory
from testing.factories.filters import CascadeFactory
from testing.factories.security import SeniorOperatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stream", "cold_cache")]


@pytest.fixture
def senior() -> Operator:
    return SeniorOperatorFactory.create(may_export=True)


@pytest.fixture
def browser(senior: Operator, settings: Settings) -> Client:
    settings.SECURE_SSL_REDIRECT = False
    browser = Client()
    enter_back_office(browser, senior)
    return browser


def begin(browser: Client, cascade: Cascade, content: bytes) -> dict[str, str]:
    wanted = {"campaign": cascade.campaign_id, "name": "июль.csv", "size": len(content)}
    told: dict[str, str] = browser.post(reverse("admin:ingest_calllist_begin"), wanted).json()
    return told


def send(browser: Client, address: str, piece: bytes, at: int = 0) -> dict[str, object]:
    answer = browser.post(f"{address}?at={at}", piece, content_type="application/octet-stream")
    told: dict[str, object] = answer.json()
    return told


def page(browser: Client, call_list: CallList) -> str:
    return browser.get(
        reverse("admin:ingest_calllist_change", args=[call_list.pk])
    ).content.decode()


def press(browser: Client, call_list: CallList, button: str, **fields: object) -> Answer:
    address = reverse("admin:ingest_calllist_change", args=[call_list.pk])
    return browser.post(address, {button: "1", **fields})


def table(browser: Client, call_list: CallList) -> list[list[Any]]:
    answer = browser.get(reverse("admin:ingest_calllist_result", args=[call_list.pk]))
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(0).to_python()


def test_a_list_goes_from_its_file_to_applications(browser: Client, senior: Operator) -> None:
    content = csv_list(*ROWS)
    addresses = begin(browser, CascadeFactory.create(), content)

    assert send(browser, addresses["piece"], content[:40]) == {"present": 40}
    assert send(browser, addresses["piece"], content[40:], at=40) == {"present": len(content)}
    call_list = worked_on(CallList.objects.get())
    assert addresses["page"] == reverse("admin:ingest_calllist_change", args=[call_list.pk])
    columns = {"column_0": "phone", "column_1": "full_name", "column_2": "birth_date"}
    both = {"application_status": "created", "client_type": "pioneer"}
    press(browser, call_list, "check", **columns, **both)
    call_list = worked_on(call_list)
    assert "Импортировать строк: 2" in page(browser, call_list)
    press(browser, call_list, "confirm")

    assert worked_on(call_list).state == CallListState.IMPORTED
    assert Application.objects.count() == 2
    done = LogEntry.objects.order_by("pk").values_list("user_id", flat=True)
    assert list(done) == [senior.pk] * 3


def test_who_uploaded_what_is_recorded(browser: Client, senior: Operator) -> None:
    begin(browser, CascadeFactory.create(), csv_list(*ROWS))

    call_list = CallList.objects.get()
    found = AccessRecord.objects.filter(action="UPLOADED")
    assert list(found.values_list("operator_id", "subject", "subject_id")) == [
        (senior.pk, "ingest.calllist", call_list.pk)
    ]
    assert (call_list.author, call_list.name) == (senior, "июль.csv")


def test_a_campaign_without_a_cascade_takes_no_list(browser: Client) -> None:
    cascade = CascadeFactory.create()
    Cascade.objects.all().delete()

    assert "error" in begin(browser, cascade, b"x")
    assert not CallList.objects.exists()


@pytest.mark.parametrize("query", ["", "?at=x", "?at=-1", "?at=7"])
def test_a_piece_at_no_place_is_refused(browser: Client, query: str) -> None:
    addresses = begin(browser, CascadeFactory.create(), b"abc")

    answer = browser.post(
        addresses["piece"] + query, b"abc", content_type="application/octet-stream"
    )

    assert "загрузите его заново" in answer.json()["error"]


def test_samples_and_wrong_values_are_masked(browser: Client) -> None:
    assert "79131112233" not in page(browser, uploaded(csv_list(("79131112233", "Иванов", ""))))

    shown = page(browser, checked(csv_list(ROWS[0], ("7913111223", "Иванов", "31.02.1990"))))

    assert "7913111223" not in shown
    assert "7*******23" in shown
    assert "нужны 11 цифр" in shown


def test_a_choice_that_is_not_enough_is_shown_and_changes_nothing(browser: Client) -> None:
    call_list = uploaded(csv_list(*ROWS))

    answer = press(browser, call_list, "check", column_0="full_name", column_1="full_name")

    shown = answer.content.decode()
    assert "Выберите столбец с телефоном." in shown
    assert "«ФИО» выбрано для двух столбцов." in shown
    assert worked_on(call_list).state == CallListState.MAPPING


def test_a_button_that_comes_too_late_is_told(browser: Client) -> None:
    call_list = imported(csv_list(*ROWS))

    press(browser, call_list, "cancel")

    assert "уже что-то произошло" in page(browser, call_list)
    assert worked_on(call_list).state == CallListState.IMPORTED


def test_a_page_of_a_list_that_a_worker_has_renews_itself(browser: Client) -> None:
    call_list = checked(csv_list(*ROWS))
    assert 'http-equiv="refresh"' not in page(browser, call_list)

    press(browser, call_list, "confirm")

    assert 'http-equiv="refresh"' in page(browser, call_list)


def test_the_result_file_tells_what_became_of_every_row(browser: Client) -> None:
    cascade = CascadeFactory.create(
        settings={"data-streams": ["POS"], "filters-order": ["AGE"], "min-age": 30}
    )
    call_list = imported(
        csv_list(
            ("+7 913 111-22-33", "Иванов Иван", "07.10.1990"),
            ("79131112234", "=1+1", "07.10.2005"),
            ("12", "Сидоров", "31.02.1990"),
            ("89131112233", "Иванов И.", ""),
            ("79131112235", "Петров", "07.10.1990"),
        ),
        cascade,
    )
    judge_for_a_while(now)
    talked_with(cascade, "79131112233")

    head, *rows = table(browser, call_list)

    assert head[:4] == ["Телефон", "ФИО", "Дата рождения", "Что стало со строкой"]
    assert [row[0] for row in rows] == [
        "+7 913 111-22-33", "79131112234", "12", "89131112233", "79131112235",
    ]  # fmt: skip
    assert rows[1][1] == "=1+1"
    assert [row[3] for row in rows] == [
        "принята, задача: звонок состоялся",
        "остановлено",
        "отказано",
        "повтор внутри списка",
        "принята, задача: новая",
    ]
    assert (rows[0][5], rows[0][8], rows[0][10]) == (1, "Согласен", "завтра")
    assert "возраст: " in str(rows[1][4])
    assert "Номер телефона: нужны 11 цифр" in str(rows[2][4])
    assert "Номер телефона: тот же телефон, что в строке 2" in str(rows[3][4])


def talked_with(cascade: Cascade, phone: str) -> None:
    """The client of the campaign has talked with an operator, who saved the result."""
    task = CampaignTask.objects.get(phone=phone)
    disposition = DispositionFactory.create(campaign=cascade.campaign, result="Согласен")
    talk = CommunicationFactory.create(ended=True)
    type(talk).objects.filter(pk=talk.pk).update(
        campaign_task=task,
        state=CommunicationState.FIXED,
        disposition=disposition,
        result_details={"result": "Согласен", "comment": "завтра"},
    )
    CampaignTask.objects.filter(pk=task.pk).update(task_state="DONE", outcome="CALLED", attempts=1)


def test_the_result_file_is_an_export_that_needs_its_right(
    browser: Client, senior: Operator
) -> None:
    call_list = imported(csv_list(*ROWS))
    address = reverse("admin:ingest_calllist_result", args=[call_list.pk])
    assert browser.get(address).status_code == 200
    Operator.objects.filter(pk=senior.pk).update(may_export=False)

    assert browser.get(address).status_code == 403

    assert AccessRecord.objects.filter(action="EXPORTED", subject_id=None).count() == 1
    assert address not in page(browser, call_list)
