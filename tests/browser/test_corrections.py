"""A saved result is corrected on the page, by keyboard; what was typed elsewhere is not lost."""

import pytest
from playwright.sync_api import expect

from apps.campaigns import services as campaigns
from apps.campaigns.models import DoNotCallEntry, ResultVersion
from apps.campaigns.types import ResultForm
from common.clock import now
from tests.browser.scenes import LATER, NEVER, Conversation, WorkplacePage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


def save_elsewhere(call: Conversation, comment: str) -> None:
    """What the same operator saves at another computer."""
    talk = call.communication()
    form = ResultForm(
        communication_id=talk.pk,
        operator_id=talk.operator_id,
        phone=talk.phone,
        result=LATER,
        comment=comment,
    )
    campaigns.save_result(form, now())


def test_a_result_of_the_own_day_is_corrected_by_keyboard(workplace: WorkplacePage) -> None:
    call = Conversation.begin(workplace.operator, offers_never=True)
    workplace.see_card("Идёт разговор", results=3)
    call.end()
    expect(workplace.card.locator("progress")).to_be_visible()
    workplace.press("Alt+3", "Control+Enter")
    workplace.page.get_by_role("dialog").get_by_role("button", name=NEVER).click()
    button = workplace.page.get_by_role("button", name="Исправить результат разговора")
    expect(button).to_be_visible()

    button.press("Enter")
    workplace.see_card("Исправление результата", results=3)
    expect(workplace.card.get_by_text("Можно исправить ещё")).to_be_visible()
    workplace.press("Alt+1")
    workplace.type_comment("ошиблась")
    workplace.press("Control+Enter")
    question = workplace.page.get_by_role("dialog")
    expect(question).to_contain_text("Этому клиенту снова можно звонить?")
    question.get_by_role("button", name="Исправить").click()

    notice = workplace.page.locator(".notice-good")
    expect(notice).to_contain_text("Результат исправлен. Номер убран из списка «не звонить».")
    assert not DoNotCallEntry.objects.exists()
    talk = call.communication()
    assert talk.result_details == {"reason": "", "result": LATER, "comment": "ошиблась"}
    assert ResultVersion.objects.get().result_details["result"] == NEVER
    workplace.press("Alt+d")
    workplace.see_card("Исправление результата", results=3)
    expect(workplace.comment).to_have_value("ошиблась")


def test_what_was_saved_during_the_call_is_corrected_while_it_goes_on(
    workplace: WorkplacePage,
) -> None:
    call = Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    workplace.press("Alt+1", "Control+Enter")
    expect(workplace.page.locator(".notice-good")).to_be_visible()

    workplace.press("Alt+d")
    workplace.type_comment("передумал")
    call.end()
    expect(workplace.page.locator(".status")).not_to_have_text("Разговор")
    workplace.press("Control+Enter")

    expect(workplace.page.locator(".notice-good")).to_contain_text("Результат исправлен.")
    assert call.communication().result_details["comment"] == "передумал"


def test_a_comment_to_a_result_that_was_saved_elsewhere_is_added_to_it(
    workplace: WorkplacePage,
) -> None:
    call = Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    workplace.press("Alt+2")
    workplace.page.keyboard.type("завтра 10")
    workplace.type_comment("просит утром")
    save_elsewhere(call, "сам")

    workplace.press("Control+Enter")
    add = workplace.card.get_by_role("button", name="Добавить как комментарий")
    expect(add).to_be_visible()
    add.click()

    expect(workplace.page.locator(".notice-good")).to_contain_text("Комментарий добавлен")
    talk = call.communication()
    assert talk.result_details["comment"] == "сам\nпросит утром"
    assert talk.result_details["result"] == LATER


def test_what_was_typed_into_a_correction_survives_a_reload_and_leaves_with_the_operator(
    workplace: WorkplacePage,
) -> None:
    call = Conversation.begin(workplace.operator)
    workplace.see_card("Идёт разговор")
    call.end()
    expect(workplace.card.locator("progress")).to_be_visible()
    workplace.press("Alt+1", "Control+Enter")
    button = workplace.page.get_by_role("button", name="Исправить результат разговора")
    button.press("Enter")
    workplace.see_card("Исправление результата")
    workplace.type_comment("недописано")

    workplace.page.reload()
    button.press("Enter")
    workplace.see_card("Исправление результата")
    expect(workplace.comment).to_have_value("недописано")
    workplace.page.get_by_role("button", name="Выйти").click()

    expect(workplace.page.get_by_role("alert")).to_have_text("Вы вышли из системы.")
    assert workplace.kept_in_browser() == []
    assert not ResultVersion.objects.exists()
