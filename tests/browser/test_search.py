"""A senior operator finds a client from any page of the back office, by keyboard alone."""

from datetime import timedelta
from typing import Literal

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.campaigns.models import Campaign
from apps.campaigns.types import Meaning
from apps.filters.known_clients import add_clients_of
from apps.filters.types import ApplicationKey
from common.clock import now
from testing.browser import enter_back_office
from testing.factories.campaigns import (
    CampaignFactory,
    CommunicationFactory,
    DispositionFactory,
    TaskFactory,
)
from testing.factories.filters import ApplicationFactory, batch_of
from testing.factories.security import SeniorOperatorFactory
from tests.browser.axe import violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
PHONE = "79131234567"


@pytest.fixture
def back_office(page: Page, live_server: LiveServer) -> Page:
    """The home page, as a senior operator sees it."""
    client = Client()
    enter_back_office(client, SeniorOperatorFactory.create())
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.goto("/admin/")
    return page


@pytest.fixture
def client_of_two_applications() -> None:
    campaign: Campaign = CampaignFactory.create(
        name="Доведи до займа", time_zone="Asia/Krasnoyarsk", max_attempts=3
    )
    first, second = (
        ApplicationFactory.create(
            phone=PHONE, last_name="Асанов", first_name="Айбек", middle_name="Маратович"
        )
        for _ in range(2)
    )
    add_clients_of(batch_of(first, second))
    task = TaskFactory.create(
        phone=PHONE,
        campaign=campaign,
        called=True,
        source_key=str(ApplicationKey(first.pk)),
        redial_at=now() + timedelta(days=1),
        callback_at=now() + timedelta(days=1),
    )
    CommunicationFactory.create(
        campaign_task=task,
        state="FIXED",
        ended_at=now(),
        fixed_at=now(),
        disposition=DispositionFactory.create(campaign=campaign, meaning=Meaning.CALLBACK),
        result_details={"result": "Перезвонить", "reason": "Занят", "comment": "после шести"},
    )


def test_the_key_leads_to_the_search_and_the_search_to_the_client(
    back_office: Page, client_of_two_applications: None
) -> None:
    back_office.keyboard.press("/")
    back_office.keyboard.type("8 (913) 123-45-67")
    back_office.keyboard.press("Enter")
    expect(back_office.locator("#found-clients")).to_be_visible()
    expect(back_office.locator("#search-text")).to_have_value("8 (913) 123-45-67")

    back_office.get_by_role("link", name="Асанов Айбек Маратович").first.click()

    expect(back_office.get_by_role("heading", level=1)).to_have_text("Асанов Айбек Маратович")
    assert PHONE not in back_office.url
    next_calls = back_office.get_by_role("region", name="Что дальше")
    expect(next_calls).to_contain_text("обратный звонок")
    expect(next_calls).to_contain_text("у клиента")
    expect(next_calls).to_contain_text("попытка 2 из 3")


def test_the_key_is_a_letter_where_somebody_types(back_office: Page) -> None:
    back_office.locator("#search-text").fill("")
    back_office.locator("#search-text").press("/")

    expect(back_office.locator("#search-text")).to_have_value("/")


@pytest.mark.parametrize(
    ("scheme", "size"), [("light", (1366, 768)), ("dark", (1366, 768)), ("light", (390, 844))]
)
def test_axe_finds_nothing_and_nothing_is_cut_off(
    back_office: Page,
    client_of_two_applications: None,
    scheme: Literal["light", "dark"],
    size: tuple[int, int],
) -> None:
    back_office.emulate_media(color_scheme=scheme)
    back_office.set_viewport_size({"width": size[0], "height": size[1]})
    for address in ("/admin/search/?q=Асанов", "/admin/search/?q=Никого"):
        back_office.goto(address)
        assert violations(back_office) == []
        assert not back_office.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
    back_office.goto("/admin/search/?q=Асанов")
    back_office.get_by_role("link", name="Асанов Айбек Маратович").first.click()
    assert violations(back_office) == []
