"""Conversations, campaigns and cards for rework, and the operator's page with its controls."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from playwright.sync_api import Locator, Page, expect

from apps.arm import services as arm
from apps.campaigns.models import Campaign, Communication
from apps.campaigns.types import CallEvent, CallEventKind, Meaning, SystemDisposition
from apps.security.models import Operator
from common.clock import now
from testing.factories.campaigns import (
    CampaignFactory,
    CommunicationFactory,
    DispositionFactory,
    ReasonFactory,
    TaskFactory,
)
from testing.factories.security import PASSWORD, OperatorFactory

LATER, CALL_BACK, NEVER = "Заполнит позже", "Перезвонить", "Больше не звонить"
SCRIPT = "Здравствуйте! Удобно говорить?"
call_keys = (f"call-{number}" for number in count())


def make_operator() -> Operator:
    return OperatorFactory.create(first_name="Елена", last_name="Абросимова")


def make_campaign(script: str = SCRIPT, *, offers_never: bool = False) -> Campaign:
    """A campaign whose form offers two results, if asked a third that is final, and a reason."""
    campaign = CampaignFactory.create(
        name="Уснувший клиент",
        description="Напомните о беспроцентном периоде",
        script=script,
        time_zone="Asia/Krasnoyarsk",
    )
    if offers_never:
        DispositionFactory.create(
            campaign=campaign, result=NEVER, meaning=Meaning.NEVER_AGAIN.value, position=0
        )
    DispositionFactory.create(
        campaign=campaign,
        result=LATER,
        meaning=Meaning.REDIAL.value,
        block_minutes=60,
        position=1,
    )
    DispositionFactory.create(
        campaign=campaign, result=CALL_BACK, meaning=Meaning.CALLBACK.value, position=2
    )
    ReasonFactory.create(campaign=campaign)
    return campaign


@dataclass
class Conversation:
    """A call between the operator and a client."""

    task_id: int
    order_id: int
    call_key: str
    operator_id: int

    @classmethod
    def begin(
        cls,
        operator: Operator,
        phone: str = "79963802789",
        script: str = SCRIPT,
        *,
        offers_never: bool = False,
    ) -> "Conversation":
        campaign = make_campaign(script, offers_never=offers_never)
        task = TaskFactory.create(campaign=campaign, phone=phone, handed_over=True)
        conversation = cls(task.pk, task.orders.get().pk, next(call_keys), operator.pk)
        started_at = now() - timedelta(minutes=5)
        conversation._take(
            CallEvent(
                kind=CallEventKind.CONNECTED,
                call_key=conversation.call_key,
                order_id=conversation.order_id,
                at=started_at,
                operator_id=operator.pk,
            )
        )
        arm.prepare_cards([conversation.communication().pk], now())
        return conversation

    def end(self, seconds_ago: int = 0) -> None:
        self._take(
            CallEvent(
                kind=CallEventKind.ENDED,
                call_key=self.call_key,
                order_id=self.order_id,
                at=now() - timedelta(seconds=seconds_ago),
                operator_id=self.operator_id,
                system_disposition=SystemDisposition.CONNECTED,
            )
        )

    def communication(self) -> Communication:
        return Communication.objects.get(campaign_task=self.task_id)

    @staticmethod
    def _take(event: CallEvent) -> None:
        arm.take_call_events([event])


def card_for_rework(operator: Operator, phone: str = "79130000145") -> Communication:
    """A conversation of the operator whose result was not saved."""
    task = TaskFactory.create(campaign=make_campaign(), phone=phone, called=True)
    return CommunicationFactory.create(campaign_task=task, operator=operator, draft=True)


@dataclass
class WorkplacePage:
    """The page of an operator, found by what the operator sees on it."""

    page: Page
    operator: Operator

    def log_in(self) -> None:
        self.page.goto("/arm/")
        self.fill_in_log_in(PASSWORD)
        expect(self.page.get_by_role("heading", name="Карточки на доработку")).to_be_visible()

    def fill_in_log_in(self, password: str) -> None:
        self.page.get_by_label("Логин").fill(self.operator.login)
        self.page.get_by_label("Пароль").fill(password)
        self.page.get_by_role("button", name="Войти").click()

    @property
    def card(self) -> Locator:
        """The card that is shown."""
        return self.page.locator(".card:not([hidden])")

    @property
    def comment(self) -> Locator:
        return self.card.get_by_label("Комментарий")

    def see_card(self, state: str, results: int = 2) -> None:
        """Wait until a card in this state is shown and its form can be filled in."""
        expect(self.card.get_by_text(state, exact=True)).to_be_visible()
        expect(self.card.get_by_role("radio")).to_have_count(results)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type_comment(self, text: str) -> None:
        self.press("Alt+k")
        self.page.keyboard.type(text)

    def kept_in_browser(self) -> list[str]:
        """Return everything that the page has left in the browser's storage."""
        found: list[str] = self.page.evaluate(
            "[...Object.values(localStorage), ...Object.values(sessionStorage)]"
        )
        return found
