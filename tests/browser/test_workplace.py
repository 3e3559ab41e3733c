"""The operator's page, as operators use it: by keyboard, through calls, reloads, lost networks."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from apps.arm import services as arm
from apps.arm.types import PersonAttribute, PersonCheck, PersonStatus
from apps.campaigns.states import CommunicationState
from apps.security import services as security
from apps.security.models import AccessRecord, Operator
from common.clock import now
from testing.factories.security import PASSWORD
from testing.fakes import FakeRecords, FakeSessions
from tests.browser.clients import CLIENT, OTHER_PERSON
from tests.browser.scenes import LATER, Conversation, WorkplacePage, card_for_rework

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),  # one Chromium, one cache prefix
]

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
LONG_MS = 20_000  # for what the page does within ten seconds by itself
SILENT = "Casper знает этот номер за другим человеком: о займах не говорите."


def test_a_wrong_password_is_told(page: Page, operator: Operator) -> None:
    page.goto("/arm/")

    WorkplacePage(page, operator).fill_in_log_in("wrong")

    expect(page.get_by_role("alert")).to_have_text("Неверный логин или пароль.")


def test_a_locked_operator_is_told_so(page: Page, operator: Operator) -> None:
    security.lock_operators([operator.pk])
    page.goto("/arm/")

    WorkplacePage(page, operator).fill_in_log_in("correct horse battery")

    expect(page.get_by_role("alert")).to_contain_text("заблокирована")


def test_a_temporary_password_leads_to_the_page_where_it_is_changed(
    page: Page, operator: Operator
) -> None:
    Operator.objects.filter(pk=operator.pk).update(password_is_temporary=True)
    page.goto("/arm/")
    WorkplacePage(page, operator).fill_in_log_in("correct horse battery")

    expect(page.get_by_role("heading", name="Смена пароля")).to_be_visible()
    page.get_by_label("Логин").fill(operator.login)
    page.get_by_label("Текущий пароль").fill("correct horse battery")
    page.get_by_label("Новый пароль", exact=True).fill("a phrase of my own")
    page.get_by_label("Новый пароль еще раз").fill("a phrase of my own")
    page.get_by_role("button", name="Сменить пароль").click()
    page.get_by_role("link", name="Войти с новым паролем").click()
    WorkplacePage(page, operator).fill_in_log_in("a phrase of my own")

    expect(page.get_by_role("heading", name="Карточки на доработку")).to_be_visible()


def test_the_status_is_seen_and_changed_by_key(
    workplace: WorkplacePage, sessions: FakeSessions
) -> None:
    status = workplace.page.locator(".status")
    expect(status).to_have_text("Готов к звонкам")

    workplace.press("Alt+r")

    expect(status).to_have_text("Перерыв")
    assert sessions.ready == {workplace.operator.pk: False}


def test_a_card_opens_by_itself_with_all_that_is_known(
    workplace: WorkplacePage, records: FakeRecords
) -> None:
    records.record = CLIENT

    Conversation.begin(workplace.operator)

    workplace.see_card("Идёт разговор")
    card = workplace.card
    for text in (
        "Хожаназаров Ясурбек Мирзаназарович",
        "Khozhanazarov Yasurbek Mirzanazarovich",
        "Таджикистан",
        "+7 (***) ***-27-89",
        "Уснувший клиент",
        "Напомните о беспроцентном периоде",
        "Здравствуйте! Удобно говорить?",
        "Плохое качество",
        "Снимите ещё",
        "1\u00a0000\u00a0₽ – 30\u00a0000\u00a0₽",
        "Не удалось получить: доступные продукты. Остальное показано.",
    ):
        expect(card).to_contain_text(text)
    row = card.locator(".products-table tbody tr")
    expect(row).to_contain_text("10\u00a0000\u00a0₽")
    expect(row).to_contain_text("21\u00a0дн")
    expect(workplace.page).to_have_title("● Разговор — Телемаркетинг")
    assert "79963802789" not in workplace.page.content()


def test_the_card_is_completed_while_the_operator_types(
    workplace: WorkplacePage, records: FakeRecords
) -> None:
    records.record = replace(CLIENT, offers=())
    call = Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    workplace.type_comment("просит подождать")
    records.record = replace(CLIENT, unavailable=())

    arm.prepare_missing_cards(now() + timedelta(minutes=1))

    expect(workplace.card).to_contain_text("До зарплаты", timeout=LONG_MS)
    expect(workplace.card).not_to_contain_text("Не удалось получить")
    expect(workplace.comment).to_have_value("просит подождать")
    assert call.communication().card_fetched_at


def test_a_masked_number_is_shown_by_its_key_and_the_result_is_saved(
    workplace: WorkplacePage, settings: Settings
) -> None:
    settings.ARM_PHONES = "masked"
    call = Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    expect(workplace.card).to_contain_text("+7 (***) ***-27-89")

    workplace.press("Alt+n")

    expect(workplace.card).to_contain_text("+7 996 380-27-89")
    record = AccessRecord.objects.get(action="NUMBER_REVEALED")
    assert record.subject_id == call.communication().pk
    workplace.press("Alt+1", "Control+Enter")
    expect(workplace.page.locator(".notice-good")).to_be_visible()
    assert call.communication().state == CommunicationState.FIXED


def test_a_red_line_tells_that_the_number_is_another_persons(
    workplace: WorkplacePage, records: FakeRecords
) -> None:
    records.record = replace(CLIENT, person_check=OTHER_PERSON)

    Conversation.begin(workplace.operator)

    workplace.see_card("Идёт разговор")
    line = workplace.card.get_by_role("alert").filter(has_text="Casper")
    expect(line).to_have_text(f"{SILENT} Не совпадает: имя, дата рождения.")
    red, green, blue = line.evaluate(
        "(line) => getComputedStyle(line).color.match(/\\d+/g).map(Number)"
    )
    assert red > 2 * max(green, blue)


@pytest.mark.parametrize("status", [None, PersonStatus.SAME, PersonStatus.UNKNOWN])
def test_without_another_person_there_is_no_red_line(
    workplace: WorkplacePage, records: FakeRecords, status: PersonStatus | None
) -> None:
    check = PersonCheck(status, (PersonAttribute.DOCUMENT,)) if status else None
    records.record = replace(CLIENT, person_check=check)

    Conversation.begin(workplace.operator)

    workplace.see_card("Идёт разговор")
    expect(workplace.card).not_to_contain_text("Casper")


def test_a_result_saved_in_time_is_fixed_by_keyboard_alone(workplace: WorkplacePage) -> None:
    call = Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    call.end()
    expect(workplace.card.locator("progress")).to_be_visible()

    workplace.press("Alt+1")
    workplace.type_comment("вечером")
    workplace.press("Control+Enter")

    expect(workplace.page.locator(".notice-good")).to_contain_text("Результат разговора сохранен.")
    saved = call.communication()
    assert saved.state == CommunicationState.FIXED
    assert saved.result_details == {"reason": "", "result": LATER, "comment": "вечером"}


def test_a_result_asks_for_what_it_needs(workplace: WorkplacePage) -> None:
    call = Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")

    workplace.press("Alt+2", "Control+Enter")
    expect(workplace.card.get_by_text("Укажите дату и время звонка.")).to_be_visible()
    workplace.page.get_by_role("button", name="Завтра в 10:00").click()
    workplace.press("Control+Enter")

    expect(workplace.page.locator(".notice-good")).to_be_visible()
    assert "callback_at" in call.communication().result_details


def test_an_unsaved_result_goes_back_for_rework_with_what_was_typed(
    workplace: WorkplacePage,
) -> None:
    call = Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    workplace.type_comment("не успела")

    call.end(seconds_ago=56)

    notice = workplace.page.locator(".notice-bad")
    expect(notice).to_contain_text(
        "Результат разговора по предыдущему клиенту не сохранен. Карточка вернется на доработку.",
        timeout=LONG_MS,
    )
    row = workplace.page.locator(".rework-table tbody tr")
    expect(row).to_contain_text("+7 (***) ***-27-89")
    expect(row).to_contain_text("Не сохранен")
    row.click()
    workplace.see_card("На доработке")
    expect(workplace.comment).to_have_value("не успела")
    arm.draft_overdue(now())  # the page may have been a moment early; the sweep never is
    draft = call.communication()
    assert draft.state == CommunicationState.DRAFT
    assert draft.result_details == {"comment": "не успела"}


def test_what_is_typed_survives_a_reload_in_the_last_minute(workplace: WorkplacePage) -> None:
    call = Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    workplace.press("Alt+1")
    workplace.type_comment("набрано наполов")
    call.end()

    workplace.page.reload()

    workplace.see_card("Разговор окончен")
    expect(workplace.comment).to_have_value("набрано наполов")
    expect(workplace.card.get_by_role("radio", name=LATER)).to_be_checked()
    assert call.communication().state == CommunicationState.NEW


def test_what_is_typed_survives_the_end_of_the_session(workplace: WorkplacePage) -> None:
    Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    workplace.type_comment("почти всё")

    security.lock_operators([workplace.operator.pk])
    expect(workplace.page.get_by_role("button", name="Войти")).to_be_visible()
    expect(workplace.page.get_by_role("alert")).to_contain_text("Учётная запись заблокирована")
    security.unlock_operators([workplace.operator.pk])
    workplace.page.get_by_label("Пароль").fill("correct horse battery")
    workplace.press("Enter")

    workplace.see_card("Идёт разговор")
    expect(workplace.comment).to_have_value("почти всё")


def test_a_second_card_keeps_the_first(workplace: WorkplacePage) -> None:
    card_for_rework(workplace.operator)
    workplace.page.reload()
    workplace.page.locator(".row-button").press("Enter")
    workplace.see_card("На доработке")
    workplace.type_comment("о первом")

    Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    workplace.type_comment("о втором")
    workplace.press("Alt+c")

    workplace.see_card("На доработке")
    expect(workplace.comment).to_have_value("о первом")
    expect(workplace.comment).to_be_focused()
    workplace.press("Alt+c")
    expect(workplace.comment).to_have_value("о втором")


def test_a_lost_network_is_told_and_loses_nothing(workplace: WorkplacePage) -> None:
    call = Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    call.end()
    expect(workplace.card.locator("progress")).to_be_visible()
    lost = workplace.page.get_by_text("Нет связи с сервером.")

    workplace.page.context.set_offline(True)
    expect(lost).to_be_visible(timeout=LONG_MS)
    workplace.press("Alt+1", "Control+Enter")
    expect(workplace.card.get_by_text("сохраним, как только связь вернётся")).to_be_visible()
    workplace.page.context.set_offline(False)

    expect(workplace.page.locator(".notice-good")).to_be_visible(timeout=LONG_MS)
    expect(lost).to_be_hidden()
    assert call.communication().state == CommunicationState.FIXED


def test_log_out_sends_drafts_and_leaves_nothing_in_the_browser(workplace: WorkplacePage) -> None:
    draft = card_for_rework(workplace.operator)
    workplace.page.reload()
    workplace.page.locator(".row-button").press("Enter")
    workplace.see_card("На доработке")
    workplace.type_comment("личное")

    workplace.page.get_by_role("button", name="Выйти").click()

    expect(workplace.page.get_by_role("alert")).to_have_text("Вы вышли из системы.")
    assert workplace.kept_in_browser() == []
    draft.refresh_from_db()
    assert draft.result_details == {"comment": "личное"}


def test_the_keys_are_listed(workplace: WorkplacePage) -> None:
    workplace.press("?")
    expect(workplace.page.get_by_role("dialog")).to_contain_text("Ctrl + Enter")

    workplace.press("Escape")

    expect(workplace.page.get_by_role("dialog")).to_have_count(0)


def test_english_is_spoken_to_a_browser_that_prefers_it(
    browser: Browser, live_server: LiveServer
) -> None:
    context = browser.new_context(locale="en-GB", base_url=live_server.url)
    page = context.new_page()

    page.goto("/arm/")

    expect(page.get_by_role("heading")).to_have_text("TELEMARKETING")
    context.close()


def test_the_red_line_speaks_english_to_a_browser_that_prefers_it(
    browser: Browser, live_server: LiveServer, operator: Operator, records: FakeRecords
) -> None:
    records.record = replace(CLIENT, person_check=OTHER_PERSON)
    context = browser.new_context(locale="en-GB", base_url=live_server.url)
    page = context.new_page()
    page.goto("/arm/")
    page.get_by_label("Login").fill(operator.login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    Conversation.begin(operator)

    expect(page.locator(".other-person")).to_have_text(
        "Casper knows this number as another person's: say nothing of loans. "
        "Differs: name, birth date."
    )
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_is_readable_and_fits(
    workplace: WorkplacePage, records: FakeRecords, scheme: Literal["light", "dark"]
) -> None:
    records.record = replace(CLIENT, person_check=OTHER_PERSON)
    page = workplace.page
    page.emulate_media(color_scheme=scheme)
    weak = page.evaluate(CONTRAST)
    call = Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    workplace.press("Control+Enter")
    weak += page.evaluate(CONTRAST)
    call.end(seconds_ago=52)
    expect(page.locator("[data-urgency=hurry]")).to_be_visible()
    weak += page.evaluate(CONTRAST)

    too_wide = page.evaluate(
        "[document.documentElement, ...document.querySelectorAll('.table-scroll')]"
        ".filter((part) => part.scrollWidth > part.clientWidth).map((part) => part.className)"
    )

    assert weak == []
    assert too_wide == []
