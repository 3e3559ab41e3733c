"""The card is there in the moment the call starts, and again when it has become more complete."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps.arm import services
from apps.arm.models import ClientCard
from apps.arm.tests.api import PRODUCT, Api
from apps.arm.types import ClientRecord, FullName, Offer
from apps.campaigns.models import AttentionItem, Communication
from apps.campaigns.types import CallEvent, CallEventKind
from apps.security.models import Operator
from common import clock
from testing.contract import assert_keeps_contract
from testing.factories.campaigns import CommunicationFactory, TaskFactory
from testing.fakes import FakeRecords
from testing.interleaving import Interleaving

pytestmark = pytest.mark.django_db(transaction=True)

PARTS = ("applications", "offers")
SOON = timedelta(minutes=1)
NAME = FullName("Анна", "Иванова")
KNOWN = ClientRecord(name_ru=NAME, products=(PRODUCT,), pending=PARTS)
OFFER = Offer("A", "До зарплаты", 100_000, 3_000_000, 80, 7, 30, "дн")
WHOLE = ClientRecord(name_ru=NAME, products=(PRODUCT,), offers=(OFFER,))
WITHOUT_OFFERS = ClientRecord(name_ru=NAME, products=(PRODUCT,), unavailable=("offers",))


@pytest.fixture
def start_call(operator: Operator) -> Callable[..., Communication]:
    """Starts a call of the operator. Its card is not prepared yet."""

    def start(**client: Any) -> Communication:
        task = TaskFactory.create(handed_over=True, **client)
        connected = CallEvent(
            kind=CallEventKind.CONNECTED,
            call_key=f"call-{task.pk}",
            order_id=task.orders.latest("pk").pk,
            at=clock.now(),
            operator_id=operator.pk,
        )
        services.take_call_events([connected])
        return Communication.objects.get(campaign_task=task)

    return start


def changes(api: Api) -> list[str]:
    names: list[str] = api.get("hasChanges").json()["data"]["changes"]
    return names


def card(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.get("getClientCard").json()["data"]["clientCard"]
    return found


def test_what_is_known_without_a_service_is_on_the_card_when_the_call_starts(
    api: Api, start_call: Callable[..., Communication], records: FakeRecords
) -> None:
    records.known = KNOWN
    task = TaskFactory.create(handed_over=True)
    earlier = CommunicationFactory.create(phone="79131112233", draft=True)
    communication = start_call(phone="79131112233", campaign=task.campaign)
    communication.campaign_task.campaign.script = "Добрый день"
    communication.campaign_task.campaign.save()

    assert changes(api) == ["CLIENT_CARD_READY"]
    answer = api.get("getClientCard")

    assert_keeps_contract(answer)
    found = answer.json()["data"]["clientCard"]
    assert found["clientInfo"] == {
        "phone": "79131112233",
        "fullNameRu": {"name": "Анна", "lastName": "Иванова"},
    }
    assert [product["number"] for product in found["productList"]] == ["34697463"]
    assert found["currentCommunication"]["campaign"]["displayName"] == task.campaign.name
    assert found["script"] == "Добрый день"
    assert [one["id"] for one in found["history"]] == [earlier.pk]
    assert (found["pending"], found["unavailable"]) == (list(PARTS), [])
    assert records.asked == 0


def test_the_card_is_ready_again_when_the_parts_came(
    api: Api, start_call: Callable[..., Communication], records: FakeRecords
) -> None:
    records.known, records.record = KNOWN, WHOLE
    communication = start_call()
    first = card(api)
    assert changes(api) == []

    services.prepare_cards([communication.pk], clock.now())

    assert changes(api) == ["CLIENT_CARD_READY"]
    second = card(api)
    assert (first["offers"], first["pending"]) == ([], list(PARTS))
    assert (len(second["offers"]), second["pending"]) == (1, [])
    assert changes(api) == []


def test_the_card_is_ready_again_when_a_service_has_come_back(
    api: Api, start_call: Callable[..., Communication], records: FakeRecords
) -> None:
    records.record = WITHOUT_OFFERS
    communication, now = start_call(), clock.now()
    services.prepare_cards([communication.pk], now)
    assert card(api)["unavailable"] == ["offers"]

    services.prepare_missing_cards(now + SOON)
    still_down = changes(api)
    records.record = WHOLE
    services.prepare_missing_cards(now + SOON * 2)

    assert still_down == []
    assert changes(api) == ["CLIENT_CARD_READY"]
    assert card(api)["unavailable"] == []


def test_a_card_that_is_stored_while_it_is_fetched_is_not_missed(
    api: Api,
    start_call: Callable[..., Communication],
    records: FakeRecords,
    interleaving: Interleaving,
) -> None:
    """Wherever the two meet: the operator has the whole card, or is told of it."""
    records.known, records.record = KNOWN, WHOLE
    meetings = 0
    for after in range(1, 12):
        communication = start_call()
        seen: list[dict[str, Any]] = []
        meetings += interleaving.halted(
            lambda talk=communication: services.prepare_cards([talk.pk], clock.now()),  # type: ignore[misc]
            lambda found=seen: found.append(card(api)),  # type: ignore[misc]
            after,
        )
        assert seen[0]["offers"] or changes(api) == ["CLIENT_CARD_READY"]
        Communication.objects.update(state="DRAFT", ended_at=clock.now())
    assert meetings > 1


def test_a_fetch_that_is_halted_does_not_miss_the_card_that_is_stored_meanwhile(
    api: Api,
    start_call: Callable[..., Communication],
    records: FakeRecords,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records.known, records.record = KNOWN, WHOLE
    communication = start_call()
    known_record_of = records.known_record_of

    def read_slowly(*arguments: Any) -> ClientRecord:
        monkeypatch.undo()
        services.prepare_cards([communication.pk], clock.now())
        return known_record_of(*arguments)

    monkeypatch.setattr(records, "known_record_of", read_slowly)

    assert card(api)["offers"]


def test_a_card_for_rework_that_was_never_prepared_is_served_and_prepared(
    api: Api, operator: Operator, records: FakeRecords
) -> None:
    records.known, records.record = KNOWN, WHOLE
    number = {
        "communicationId": CommunicationFactory.create(operator=operator, draft=True).pk,
    }

    answer = api.post("getClientCardByCommunicationId", number)

    assert answer.json()["data"]["clientCard"]["pending"] == list(PARTS)
    assert records.asked == 0


def test_a_card_whose_known_part_raises_is_served_without_it(
    api: Api, start_call: Callable[..., Communication], records: FakeRecords
) -> None:
    records.raises = RuntimeError("odd")
    start_call()

    assert card(api)["clientInfo"]["phone"]
    assert not ClientCard.objects.exists()
    assert AttentionItem.objects.count() == 1
