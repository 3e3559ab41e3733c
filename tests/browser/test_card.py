"""The client card in sight: its head, its parts, and what becomes of it while it is open."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from apps.arm import services as arm
from apps.arm.types import Document, DocumentError
from apps.campaigns.models import Communication
from apps.security.types import Role
from common.clock import now
from testing.browser import enter_back_office
from testing.factories.security import OperatorFactory
from testing.fakes import FakeRecords
from tests.browser.clients import CLIENT, OTHER_PERSON
from tests.browser.scenes import Conversation, WorkplacePage, make_campaign

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]

OTHERS = [
    replace(
        CLIENT.products[0],
        number=str(50_000_000 + number),
        documents=(Document("Паспорт", "ERROR", errors=(DocumentError("Чужая ошибка"),)),),
    )
    for number in range(44)
]
STEPS = "\n".join(f"{number}. Шаг {number} долгого разговора" for number in range(1, 31))
LARGE = replace(
    CLIENT,
    products=(*OTHERS, *CLIENT.products),
    offers=CLIENT.offers * 6,
    person_check=OTHER_PERSON,
    unavailable=(),
)
OFFICE: ViewportSize = {"width": 1366, "height": 768}


def scroll_to_the_end(part: Locator) -> None:
    part.evaluate("(part) => part.scrollTo(0, part.scrollHeight)")


def test_the_head_the_script_and_the_offers_stay_in_sight(
    workplace: WorkplacePage, records: FakeRecords
) -> None:
    """At 1366 × 768 with 45 products and 30 lines of script."""
    records.record = LARGE
    workplace.page.set_viewport_size(OFFICE)
    Conversation.begin(workplace.operator, script=STEPS)
    workplace.see_card("Идёт разговор")
    card = workplace.card
    head = [
        card.get_by_role("heading", level=1),
        card.locator(".other-person"),
        card.get_by_text("Звоним по заявке 34697463"),
        card.get_by_text("Плохое качество"),
        card.get_by_text("Снимите ещё"),
        card.locator(".offers-line"),
        card.locator(".facts time"),
    ]
    always = [*head, card.locator(".timer-number"), card.get_by_role("button", name="СОХРАНИТЬ")]
    for part in (*always, card.locator(".script"), card.locator(".offers-panel")):
        expect(part).to_be_in_viewport(ratio=1)
    expect(card.locator(".card-head")).not_to_contain_text("Чужая ошибка")
    expect(card.locator(".products-table")).to_be_hidden()

    scroll_to_the_end(card.locator(".script"))
    expect(card.get_by_text("Шаг 30 долгого")).to_be_in_viewport()
    expect(card.locator(".offers-panel")).to_be_in_viewport(ratio=1)
    workplace.press("Alt+j", "Alt+b")
    scroll_to_the_end(card.locator(".table-scroll").first)
    workplace.press("Alt+PageDown", "Alt+PageDown")

    for part in always:
        expect(part).to_be_in_viewport(ratio=1)
    called = card.locator(".products-table tbody tr").first
    expect(called).to_contain_text("Звоним по этой")
    expect(called).to_contain_text("34697463")
    assert card.locator(".table-scroll").first.evaluate(
        "(part) => part.querySelector('th').getBoundingClientRect().top"
        " - part.getBoundingClientRect().top"
    ) == pytest.approx(0, abs=2), "the table's head does not stay"


@pytest.mark.parametrize("size", [(683, 384), (390, 844)], ids=["zoom 200 %", "telephone"])
def test_time_result_and_save_are_in_sight_on_small_screens(
    workplace: WorkplacePage, records: FakeRecords, size: tuple[int, int]
) -> None:
    records.record = LARGE
    page = workplace.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    call = Conversation.begin(workplace.operator, script=STEPS)
    workplace.see_card("Идёт разговор")
    call.end()
    card = workplace.card
    bar = [card.locator(".timer-number"), card.get_by_role("button", name="СОХРАНИТЬ")]
    expect(card.locator("progress")).to_be_visible()
    for part in (*bar, card.get_by_text("Результат не выбран")):
        expect(part).to_be_in_viewport(ratio=1)

    workplace.press("Alt+1")
    scroll_to_the_end(page.locator("html"))

    for part in (*bar, card.locator(".chosen"), card.get_by_role("heading", level=1)):
        expect(part).to_be_in_viewport(ratio=1)
    expect(card.locator(".chosen")).to_have_text("Заполнит позже")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_open_card_shows_what_came_later_and_keeps_what_was_typed(
    workplace: WorkplacePage, records: FakeRecords
) -> None:
    records.record = replace(CLIENT, offers=())
    call = Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    workplace.type_comment("уже говорим")
    expect(workplace.card).not_to_contain_text("До зарплаты")

    records.record = replace(CLIENT, unavailable=())
    arm.prepare_missing_cards(now() + timedelta(minutes=2))
    Communication.objects.filter(pk=call.communication().pk).update(card_fetched_at=None)
    arm.presence_changed([workplace.operator.pk])

    expect(workplace.card.locator(".offers-panel")).to_contain_text("До зарплаты")
    expect(workplace.card).not_to_contain_text("Не удалось получить")
    expect(workplace.comment).to_have_value("уже говорим")
    expect(workplace.comment).to_be_focused()


def test_the_script_names_the_client_and_folds_objections(
    workplace: WorkplacePage, records: FakeRecords
) -> None:
    records.record = CLIENT
    script = (
        "Здравствуйте, {имя}! Я {оператор}.\n1. Заявка {заявка} на {сумма}\n"
        "? Дорого\nОбъясните ставку {ставка}"
    )

    Conversation.begin(workplace.operator, script=script)

    workplace.see_card("Идёт разговор")
    shown = workplace.card.locator(".script")
    expect(shown).to_contain_text("Здравствуйте, Ясурбек Мирзаназарович! Я Елена.")
    expect(shown.locator(".step")).to_have_text("1.Заявка 34697463 на 10\u00a0000\u00a0₽")
    answer = shown.get_by_text("Объясните ставку {ставка}")
    expect(answer).to_be_hidden()
    shown.get_by_text("Дорого").click()
    expect(answer).to_be_visible()


def test_a_senior_operator_sees_the_script_as_the_operator_will(
    page: Page, live_server: LiveServer
) -> None:
    senior = OperatorFactory.create(role=Role.SENIOR_OPERATOR)
    campaign = make_campaign()
    client = Client()
    enter_back_office(client, senior)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.goto(f"/admin/campaigns/campaign/{campaign.pk}/change/")

    page.locator("#id_script").fill("1. Здравствуйте, {имя}!\n? Дорого\nЭто {сумма}")

    shown = page.locator(".script-preview")
    expect(shown.locator(".step")).to_have_text("1.Здравствуйте, Иван Петрович!")
    expect(shown.get_by_text("Это 10 000 ₽")).to_be_hidden()
