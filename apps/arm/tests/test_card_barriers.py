"""A card that makes trouble is served without its sick part, and holds up no other."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event

import pytest

from apps.arm import services
from apps.arm.card_preparation import MOST_TRIES
from apps.arm.models import ClientCard
from apps.arm.tests.api import Api
from apps.arm.types import ClientRecord, FullName
from apps.campaigns.models import AttentionItem, Communication
from apps.campaigns.services import release
from apps.campaigns.states import AttentionKind
from common import clock
from common.locks import LockSpace, try_lock
from testing.factories.campaigns import CommunicationFactory, TaskFactory
from testing.fakes import FakeRecords
from testing.rivals import PATIENCE_SECONDS, Rivals

pytestmark = pytest.mark.django_db(transaction=True)

SOON = timedelta(minutes=1)
NAMED = ClientRecord(name_ru=FullName("Анна", "Иванова"))
WITHOUT_OFFERS = ClientRecord(name_ru=FullName("Анна", "Иванова"), unavailable=("offers",))


def talk() -> Communication:
    return CommunicationFactory.create(campaign_task=TaskFactory.create(handed_over=True))


def card_of(communication: Communication) -> ClientCard:
    return ClientCard.objects.get(communication=communication)


def test_a_card_whose_record_raises_is_served_without_it(
    api: Api, ring: Callable[..., Communication], records: FakeRecords
) -> None:
    records.raises = RuntimeError("an odd answer about 79131234567")

    communication = ring()
    card = api.get("getClientCard").json()["data"]["clientCard"]

    assert card["clientInfo"]["phone"] == communication.phone
    assert card["unavailable"] == ["applications", "offers"]
    item = AttentionItem.objects.get()
    assert (item.kind, item.key) == (AttentionKind.CLIENT_CARD, str(communication.pk))
    assert "7913" not in item.error


def test_a_card_that_cannot_be_stored_is_served_without_what_cannot(
    api: Api, ring: Callable[..., Communication], records: FakeRecords
) -> None:
    records.record = ClientRecord(citizenship="\0")

    ring()

    assert api.get("getClientCard").status_code == 200
    assert AttentionItem.objects.get().kind == AttentionKind.CLIENT_CARD


def test_a_card_that_raises_holds_up_no_other(records: FakeRecords) -> None:
    sick, healthy = talk(), talk()
    # even its communication cannot be read
    type(sick.campaign_task).objects.filter(pk=sick.campaign_task_id).update(client_info=[])
    records.record = NAMED

    assert services.prepare_missing_cards(clock.now()) == 2

    assert card_of(healthy).card["client"]["name_ru"]["first"] == "Анна"


def test_a_sick_card_is_tried_again_and_forgotten_once_it_is_whole(records: FakeRecords) -> None:
    communication = talk()
    records.raises = RuntimeError()
    now = clock.now()
    services.prepare_missing_cards(now)
    records.raises, records.record = None, NAMED

    assert services.prepare_missing_cards(now) == 0
    assert services.prepare_missing_cards(now + SOON) == 1

    assert card_of(communication).card["client"]["name_ru"]["first"] == "Анна"
    assert card_of(communication).next_try_at is None
    assert not AttentionItem.objects.exists()


def test_the_button_releases_a_card_at_once(records: FakeRecords) -> None:
    talk()
    records.raises = RuntimeError()
    now = clock.now()
    services.prepare_missing_cards(now)
    records.raises = None

    release(AttentionItem.objects.values_list("pk", flat=True), now)

    assert services.prepare_missing_cards(now) == 1
    assert not AttentionItem.objects.exists()


def test_parts_that_a_service_did_not_answer_for_are_asked_for_again(records: FakeRecords) -> None:
    communication = talk()
    records.record = WITHOUT_OFFERS
    now = clock.now()
    services.prepare_missing_cards(now)
    assert card_of(communication).card["unavailable"] == ["offers"]
    records.record = NAMED

    services.prepare_missing_cards(now + SOON)

    assert card_of(communication).card["unavailable"] == []
    assert not AttentionItem.objects.exists()


def test_missing_parts_are_not_asked_for_without_end(records: FakeRecords) -> None:
    communication = talk()
    records.record = WITHOUT_OFFERS
    now = clock.now()

    tries = [services.prepare_missing_cards(now + n * timedelta(hours=1)) for n in range(10)]

    assert tries == [1] * MOST_TRIES + [0] * (10 - MOST_TRIES)
    assert card_of(communication).tries == MOST_TRIES


def test_a_worse_answer_does_not_replace_a_better_one(records: FakeRecords) -> None:
    communication = talk()
    records.record = WITHOUT_OFFERS
    now = clock.now()
    services.prepare_missing_cards(now)
    records.record = ClientRecord(unavailable=("applications", "offers"))

    services.prepare_missing_cards(now + SOON)

    assert card_of(communication).card["client"]["name_ru"]["first"] == "Анна"


def test_one_preparer_claims_a_card(records: FakeRecords, rivals: Rivals) -> None:
    communication = talk()
    claimed, free = Event(), Event()

    def hold() -> None:
        with try_lock(LockSpace.CLIENT_CARD, communication.pk):
            claimed.set()
            free.wait(PATIENCE_SECONDS)

    rival = rivals.start(hold)
    claimed.wait(PATIENCE_SECONDS)
    services.prepare_cards([communication.pk], clock.now())
    assert not ClientCard.objects.exists()
    free.set()
    rival.result(PATIENCE_SECONDS)

    services.prepare_cards([communication.pk], clock.now())

    assert card_of(communication)


def test_the_operator_gets_the_card_while_another_prepares_it(
    api: Api, ring: Callable[..., Communication], records: FakeRecords, rivals: Rivals
) -> None:
    records.record = NAMED
    communication = ring()
    ClientCard.objects.all().delete()
    claimed, free = Event(), Event()

    def hold() -> None:
        with try_lock(LockSpace.CLIENT_CARD, communication.pk):
            claimed.set()
            free.wait(PATIENCE_SECONDS)

    rival = rivals.start(hold)
    claimed.wait(PATIENCE_SECONDS)

    assert api.get("getClientCard").status_code == 200

    free.set()
    rival.result(PATIENCE_SECONDS)
