"""The pages of the reports: numbers, the rows behind them, files, rights and records."""

import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from python_calamine import CalamineWorkbook

from apps.campaigns.models import Disposition
from apps.reports.reports import REPORTS
from apps.security.models import AccessRecord, Operator
from testing.browser import enter_back_office
from testing.factories.campaigns import DispositionFactory, TaskFactory
from testing.factories.security import OperatorFactory, SeniorOperatorFactory
from testing.reported_calls import at, talk, unreached

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]

DAY = "since=2026-11-18&until=2026-11-18"
LINK = re.compile(r'href="(/admin/reports/rows/\?[^"]+)">([\d\xa0 ]+)<')


@pytest.fixture(autouse=True)
def without_https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture
def senior() -> Operator:
    return SeniorOperatorFactory.create()


@pytest.fixture
def browser(senior: Operator, client: Client) -> Client:
    enter_back_office(client, senior)
    return client


@pytest.fixture
def day() -> Disposition:
    """Two conversations, one of them a success, and two calls that reached nobody."""
    agreed: Disposition = DispositionFactory.create()
    task = TaskFactory.create(campaign=agreed.campaign)
    unreached(task, at("09:00"))
    unreached(task, at("09:30"))
    talk(OperatorFactory.create(), at("10:00"), task=task, result=agreed, reason="Дорого")
    talk(OperatorFactory.create(), at("11:00"), saved_after=None)
    return agreed


def page(browser: Client, name: str, query: str = DAY) -> str:
    answer = browser.get(f"{reverse(f'admin:reports_{name}')}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.usefixtures("day")
def test_every_number_opens_as_many_rows_as_it_counts(browser: Client, name: str) -> None:
    links = LINK.findall(page(browser, name))

    opened = {
        (href, int(number)): len(browser.get(href.replace("&amp;", "&")).context["rows"])
        for href, number in links
    }

    assert len(links) > 3
    assert {key: rows for key, rows in opened.items() if rows != key[1]} == {}


@pytest.mark.parametrize("name", REPORTS)
def test_a_period_without_calls_says_so(browser: Client, name: str) -> None:
    assert "В этом периоде не было звонков." in page(browser, name)


@pytest.mark.usefixtures("day")
def test_a_page_counts_what_has_changed_before_it_shows_it(browser: Client) -> None:
    text = page(browser, "calls")

    assert "Данные на" in text
    assert "пересчитыва" not in text
    assert "50,0\xa0%\xa0±\xa040,5" in text  # the conversion, 1 of 2


def test_a_wrong_period_is_explained(browser: Client) -> None:
    text = page(browser, "calls", "since=2026-11-18&until=2026-11-17")

    assert "Период заканчивается раньше, чем начинается." in text


@pytest.mark.parametrize("query", ["rows=secrets", "outcome=MAGIC", "attempt=x", "p=x", "since=1"])
def test_an_address_that_no_number_has_is_refused(browser: Client, query: str) -> None:
    assert browser.get(f"{reverse('admin:reports_rows')}?{query}").status_code == 400


@pytest.mark.usefixtures("day")
def test_the_rows_mask_phones_and_are_recorded(browser: Client, senior: Operator) -> None:
    answer = browser.get(f"{reverse('admin:reports_rows')}?{DAY}")

    assert "+7 (***) ***-" in answer.content.decode()
    assert not re.search(r"7913\d{7}", answer.content.decode())
    assert list(AccessRecord.objects.values_list("operator_id", "action", "subject")) == [
        (senior.pk, "SEARCHED", "campaigns.communication")
    ]


@pytest.mark.django_db(transaction=True)
def test_a_table_leaves_as_a_file_with_its_definitions_on_record(client: Client) -> None:
    agreed = DispositionFactory.create()
    talk(OperatorFactory.create(), at("10:00"), result=agreed)
    senior = SeniorOperatorFactory.create(may_export=True)
    enter_back_office(client, senior)

    answer = client.get(f"{reverse('admin:reports_campaigns_export')}?{DAY}&table=campaigns")

    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer)))
    heading, row = book.get_sheet_by_index(0).to_python()
    assert heading[:3] == ["кампания", "звонки", "дозвоны"]
    assert row[:3] == [agreed.campaign.name, 1, 1]
    assert "Успехи ÷ дозвоны." in str(book.get_sheet_by_index(1).to_python())
    records = AccessRecord.objects.values_list("operator_id", "action", "subject")
    assert list(records) == [(senior.pk, "EXPORTED", "reports.reportcall")]


@pytest.mark.usefixtures("day")
def test_whoever_may_not_export_is_offered_no_file_and_gets_none(browser: Client) -> None:
    assert "export/" not in page(browser, "campaigns")

    address = reverse("admin:reports_campaigns_export")
    assert browser.get(f"{address}?{DAY}&table=campaigns").status_code == 403


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("name", ["calls", "operators", "campaigns", "funnel"])
def test_a_day_at_the_end_of_the_calendar_breaks_no_page(
    name: str, day: str, browser: Client
) -> None:
    answer = browser.get(f"/admin/reports/{name}/?since={day}&until={day}")

    assert answer.status_code == 200
