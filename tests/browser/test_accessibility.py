"""axe-core finds nothing wrong on any screen: light, dark, and magnified."""

from typing import Literal

import pytest
from playwright.sync_api import expect

from testing.fakes import FakeRecords
from tests.browser.axe import violations
from tests.browser.clients import CLIENT
from tests.browser.scenes import Conversation, WorkplacePage, card_for_rework

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


@pytest.mark.parametrize(
    ("scheme", "size"),
    [("light", (1366, 768)), ("dark", (1366, 768)), ("light", (683, 384)), ("dark", (390, 844))],
)
def test_axe_finds_nothing(
    workplace: WorkplacePage,
    records: FakeRecords,
    scheme: Literal["light", "dark"],
    size: tuple[int, int],
) -> None:
    records.record = CLIENT
    page = workplace.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    found = violations(page)
    card_for_rework(workplace.operator)
    page.reload()
    expect(page.locator(".row-button")).to_be_visible()
    found += violations(page)
    call = Conversation.begin(workplace.operator, offers_never=True)
    workplace.see_card("Идёт разговор", results=3)
    workplace.press("Alt+j", "Control+Enter")
    found += violations(page)
    call.end(seconds_ago=52)
    expect(page.locator("[data-urgency=hurry]")).to_be_visible()
    workplace.press("Alt+3", "Control+Enter")
    page.get_by_role("dialog").wait_for()
    found += violations(page)
    workplace.press("Escape", "F1")
    found += violations(page)

    assert found == []
