"""Ways through the page that an operator goes once a day: rings, tabs, callbacks, languages."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from apps.arm import services as arm
from apps.arm.types import TelephonyState
from apps.campaigns.models import DoNotCallEntry
from apps.campaigns.states import CommunicationState
from common.clock import MOSCOW, now, parse_moment
from testing.fakes import FakeRecords, FakeSessions
from tests.browser.clients import CLIENT
from tests.browser.scenes import NEVER, Conversation, WorkplacePage, card_for_rework

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]

# counts what a person would hear and see outside the page; the page itself is as it is
LISTEN = """
window.heard = 0;
window.notified = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  window.heard += 1;
  return start.apply(this, when);
};
window.Notification = class extends EventTarget {
  static permission = "granted";
  constructor(title, options) { super(); window.notified.push([title, options.body]); }
};
Object.defineProperty(document, "hidden", { get: () => Boolean(window.outOfSight) });
"""
MEANT = """
async () => {
  const { wallMeant, wallToApi } = await import("/static/arm/when.js");
  const now = Date.UTC(2026, 10, 25, 11, 7);  // Wednesday, 14:07 in Moscow
  const typed = ["завтра 10", "Завтра в 10:30", "14:30", "9", "26.11 14:30", "01.02 9", "пн 9.15",
                 "ср 10", "через 2 ч", "через час", "+30 мин",
                 "31.02 10", "завтра", "25:00", "потом"];
  const walls = typed.map((text) => wallMeant(text, now));
  return walls.map((wall) => (wall === null ? "" : wallToApi(wall)));
}
"""


def test_a_call_rings_and_is_seen_from_another_tab(workplace: WorkplacePage) -> None:
    page = workplace.page
    page.add_init_script(LISTEN)
    page.reload()
    expect(page.locator(".status")).to_have_text("Готов к звонкам")
    page.locator(".sound summary").click()
    page.get_by_role("button", name="Проверить звук").click()
    page.wait_for_function("window.heard === 2")
    page.evaluate("window.outOfSight = true")

    Conversation.begin(workplace.operator)

    workplace.see_card("Идёт разговор")
    page.wait_for_function("window.heard === 4")
    assert page.evaluate("window.notified") == [["Звонок: клиент на линии", "Уснувший клиент"]]
    expect(page.locator("link[rel=icon]")).to_have_attribute(
        "href", re.compile("/static/arm/favicon-call")
    )


@pytest.mark.parametrize(
    ("telephony", "pill", "advice"),
    [
        (TelephonyState.DOWN, "Телефония не отвечает", "сообщите старшему оператору"),
        (TelephonyState.REFUSED, "Телефония отказала", "Закройте другие программы MightyCall"),
        (TelephonyState.NO_ACCOUNT, "Нет учётной записи телефонии", "Попросите старшего"),
    ],
)
def test_what_keeps_calls_from_coming_is_told_with_what_to_do(
    workplace: WorkplacePage,
    sessions: FakeSessions,
    telephony: TelephonyState,
    pill: str,
    advice: str,
) -> None:
    sessions.telephony[workplace.operator.pk] = telephony
    arm.presence_changed([workplace.operator.pk])

    expect(workplace.page.locator(".status")).to_have_text(pill)
    expect(workplace.page.locator(".telephony")).to_contain_text(advice)
    expect(workplace.page.get_by_text("Все результаты сохранены")).to_be_hidden()


def test_a_second_tab_takes_over_with_what_was_typed(workplace: WorkplacePage) -> None:
    Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    workplace.type_comment("начато в первой")
    second = workplace.page.context.new_page()
    second.goto("/arm/")
    expect(second.get_by_role("alert")).to_contain_text("открыто в другой вкладке")

    second.get_by_role("button", name="Продолжить здесь").click()

    there = WorkplacePage(second, workplace.operator)
    there.see_card("Идёт разговор")
    expect(there.comment).to_have_value("начато в первой")
    expect(workplace.page.get_by_role("alert")).to_contain_text("открыто в другой вкладке")
    there.type_comment(", продолжено во второй")
    workplace.page.get_by_role("button", name="Продолжить здесь").click()
    workplace.see_card("Идёт разговор")
    expect(workplace.comment).to_have_value("начато в первой, продолжено во второй")


def test_a_callback_is_typed_as_people_say_it(workplace: WorkplacePage) -> None:
    assert workplace.page.evaluate(MEANT) == [
        "26.11.2026 10:00",
        "26.11.2026 10:30",
        "25.11.2026 14:30",
        "26.11.2026 09:00",
        "26.11.2026 14:30",
        "01.02.2027 09:00",
        "30.11.2026 09:15",
        "02.12.2026 10:00",
        "25.11.2026 16:07",
        "25.11.2026 15:07",
        "25.11.2026 14:37",
        *[""] * 4,
    ]
    call = Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")

    workplace.press("Alt+2")
    workplace.page.keyboard.type("когда-нибудь")
    expect(workplace.card.locator(".meant")).to_contain_text("Не понятно, когда")
    workplace.press("Control+a")
    workplace.page.keyboard.type("завтра 10")
    expect(workplace.card.locator(".meant")).to_contain_text("10:00 МСК, у клиента 14:00")
    workplace.press("ArrowUp", "Control+Enter")

    expect(workplace.page.locator(".notice-good")).to_be_visible()
    at = parse_moment(call.communication().result_details["callback_at"]).astimezone(MOSCOW)
    tomorrow = now().astimezone(MOSCOW) + timedelta(days=1)
    assert at.strftime("%d.%m %H:%M") == tomorrow.strftime("%d.%m 10:15")


def test_never_call_again_stands_apart_and_is_confirmed(workplace: WorkplacePage) -> None:
    call = Conversation.begin(workplace.operator, offers_never=True)
    workplace.see_card("Идёт разговор", results=3)
    expect(workplace.card.locator(".choice").last).to_have_text(f"{NEVER}Alt 3")

    workplace.press("Alt+3", "Control+Enter", "Enter")
    expect(workplace.page.get_by_role("dialog")).to_have_count(0)
    assert call.communication().state == CommunicationState.NEW
    assert not DoNotCallEntry.objects.exists()
    workplace.press("Control+Enter")
    workplace.page.get_by_role("dialog").get_by_role("button", name=NEVER).click()

    expect(workplace.page.locator(".notice-good")).to_be_visible()
    assert call.communication().state == CommunicationState.FIXED
    assert DoNotCallEntry.objects.count() == 1


def test_after_a_saved_rework_card_the_running_one_is_shown(workplace: WorkplacePage) -> None:
    card_for_rework(workplace.operator)
    workplace.page.reload()
    expect(workplace.page.get_by_text("На доработку: 1")).to_be_visible()
    workplace.page.locator(".row-button").press("Enter")
    workplace.see_card("На доработке")
    call = Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    call.end()
    expect(workplace.card.locator("progress")).to_be_visible()

    workplace.press("Alt+c", "Alt+1", "Control+Enter")

    workplace.see_card("Разговор окончен")


def test_the_language_is_switched_on_the_page_and_never_half(
    workplace: WorkplacePage, records: FakeRecords
) -> None:
    records.record = CLIENT
    Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    workplace.type_comment("осталось")

    workplace.page.get_by_role("button", name="English").click()

    workplace.see_card("In a call")
    expect(workplace.card.get_by_label("Comment")).to_have_value("осталось")
    expect(workplace.card.locator(".products-table")).to_contain_text("21\u00a0d")
    workplace.page.get_by_role("button", name="Русский").click()
    workplace.see_card("Идёт разговор")
