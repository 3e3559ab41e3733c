"""Reports in a real browser: charts under the strict policy, in both themes and on a telephone."""

import os
from http.cookies import SimpleCookie
from typing import Literal

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from apps.security.models import Operator
from testing.browser import enter_back_office
from testing.factories.campaigns import DispositionFactory, TaskFactory
from testing.factories.security import OperatorFactory, SeniorOperatorFactory
from testing.reported_calls import at, talk, unreached
from tests.browser.axe import violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
DAYS = "since=2026-11-12&until=2026-11-18"
# a chart is drawn when its canvas has something on it
DRAWN = """
() => [...document.querySelectorAll("canvas[data-table]")].every((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((part) => part);
})
"""


@pytest.fixture
def senior() -> Operator:
    agreed = DispositionFactory.create(campaign__name="Доведи до займа")
    refused = DispositionFactory.create(campaign=agreed.campaign, result="Отказ")
    people = OperatorFactory.create_batch(2)
    for day in range(-5, 1):
        for number in range(4):
            task = TaskFactory.create(campaign=agreed.campaign)
            unreached(task, at(f"{9 + number}:00", days=day))
            talk(
                people[number % 2],
                at(f"{10 + number}:30", days=day),
                task=task,
                result=refused if number else agreed,
                reason="Нет документа",
            )
    return SeniorOperatorFactory.create(may_export=True)


def log_in(page: Page, operator: Operator, address: str) -> None:
    client = Client()
    enter_back_office(client, operator)
    cookies: SimpleCookie = client.cookies
    value = cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": address}]
    )


@pytest.mark.parametrize(("scheme", "width"), [("light", 1366), ("dark", 1366), ("light", 390)])
def test_charts_are_drawn_and_axe_finds_nothing(
    page: Page,
    live_server: object,
    senior: Operator,
    scheme: Literal["light", "dark"],
    width: int,
) -> None:
    log_in(page, senior, str(live_server))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 768})
    found = []

    for name in ("calls", "operators", "campaigns", "funnel"):
        page.goto(f"/admin/reports/{name}/?{DAYS}")
        expect(page.locator("canvas[data-table]").first).to_be_visible()
        page.wait_for_function(DRAWN)
        found += [f"{name}: {one}" for one in violations(page)]
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{scheme}-{width}.png", full_page=True)

    assert found == []
