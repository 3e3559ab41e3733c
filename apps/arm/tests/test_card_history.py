"""The history on the client card after a number has changed hands."""

import pytest

from apps.arm.card_preparation import prepare_cards, stored_card
from apps.arm.types import ClientRecord, PersonCheck, PersonStatus, PreparedCard
from apps.campaigns.models import Communication
from testing.factories.campaigns import NOON, CommunicationFactory
from testing.fakes import FakeRecords

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("core_alone")]

PHONE = "79130000077"


def conversations(count: int) -> list[Communication]:
    """Of one phone, oldest first. All but the last are over."""
    earlier = [
        CommunicationFactory.create(draft=True, campaign_task__phone=PHONE)
        for _ in range(count - 1)
    ]
    return [*earlier, CommunicationFactory.create(campaign_task__phone=PHONE)]


def card_of(communication: Communication) -> PreparedCard:
    prepare_cards([communication.pk], NOON)
    card = stored_card(communication.pk)
    assert card is not None
    return card


def marks(card: PreparedCard) -> dict[int, bool]:
    return {line.id: bool(line.person_unknown) for line in card.history}


def test_conversations_with_another_person_are_left_out_and_counted(records: FakeRecords) -> None:
    former, client, present = conversations(3)
    records.persons = {former.pk: PersonStatus.DIFFERENT}

    card = card_of(present)

    assert marks(card) == {client.pk: False}
    assert card.history_withheld == 1


def test_once_the_number_has_changed_hands_doubtful_conversations_are_marked(
    records: FakeRecords,
) -> None:
    former, doubtful, client, present = conversations(4)
    records.persons = {former.pk: PersonStatus.DIFFERENT, doubtful.pk: PersonStatus.UNKNOWN}

    assert marks(card_of(present)) == {client.pk: False, doubtful.pk: True}


def test_where_a_service_knows_the_number_as_another_person_s_doubtful_ones_are_marked(
    records: FakeRecords,
) -> None:
    doubtful, client, present = conversations(3)
    records.persons = {doubtful.pk: PersonStatus.UNKNOWN}
    records.record = ClientRecord(person_check=PersonCheck(PersonStatus.DIFFERENT))

    assert marks(card_of(present)) == {client.pk: False, doubtful.pk: True}


def test_without_a_sign_of_another_person_nothing_is_marked(records: FakeRecords) -> None:
    doubtful, present = conversations(2)
    records.persons = {doubtful.pk: PersonStatus.UNKNOWN}

    card = card_of(present)

    assert (marks(card), card.history_withheld) == ({doubtful.pk: False}, None)
