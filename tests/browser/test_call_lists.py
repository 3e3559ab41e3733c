"""A senior operator's way from a file to the first call of its list."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from apps.campaigns.models import CallOrder
from apps.campaigns.services import hand_over_due_tasks
from apps.filters.services import judge_for_a_while
from apps.ingest.models import CallList
from common.clock import now
from testing.browser import enter_back_office
from testing.call_lists import HEADINGS, ROWS, work_on_all, workbook
from testing.factories.campaigns import CampaignFactory
from testing.factories.filters import CascadeFactory
from testing.factories.security import SeniorOperatorFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


def test_a_list_is_uploaded_checked_and_brought_to_its_first_call(
    page: Page, live_server: LiveServer, settings: Settings, tmp_path: Path
) -> None:
    settings.CSV_BASE_FOLDER = tmp_path / "csv"
    campaign = CampaignFactory.create(name="Июльские", weekday_from="00:00", weekend_from="00:00",
                                      weekday_till="23:59", weekend_till="23:59")  # fmt: skip
    CascadeFactory.create(campaign=campaign)
    enter(page, live_server)
    file = tmp_path / "июль.xlsx"
    file.write_bytes(workbook(HEADINGS, *ROWS, ("12", "Сидоров", "31.02.1990")))

    page.goto("/admin/ingest/calllist/add/")
    page.get_by_label("Кампания").select_option("Июльские")
    page.get_by_label("Файл", exact=True).set_input_files(file)
    page.get_by_role("button", name="Загрузить").click()
    page.wait_for_url("**/change/")
    work_on_all()
    page.reload()
    expect(page.get_by_label("Телефон", exact=True)).to_have_value("phone")
    page.get_by_role("button", name="Проверить строки").click()
    work_on_all()
    page.reload()
    expect(page.locator("tr.bad")).to_have_count(2)
    page.get_by_role("button", name="Импортировать строк: 2").click()
    work_on_all()
    page.reload()
    expect(page.locator(".state")).to_have_text("Импортирован")
    judge_for_a_while(now)
    hand_over_due_tasks(now())

    assert CallList.objects.get().accepted == 2
    assert set(CallOrder.objects.values_list("phone", flat=True)) == {"79131112233", "79131112234"}


def enter(page: Page, live_server: LiveServer) -> None:
    client = Client()
    enter_back_office(client, SeniorOperatorFactory.create())
    name = django_settings.SESSION_COOKIE_NAME
    cookie = client.cookies[name].value
    page.context.add_cookies([{"name": name, "value": cookie, "url": live_server.url}])
