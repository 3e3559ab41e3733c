"""Prepares the client card when a call starts, and stores it with the communication."""

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.db.models import OuterRef
from django.utils.translation import gettext as _
from pydantic import TypeAdapter

from apps.arm import ports
from apps.arm.changes import invalidate
from apps.arm.communication_summary import summary_of
from apps.arm.models import ClientCard
from apps.arm.types import (
    AGES,
    ClientInfo,
    ClientRecord,
    PersonCheck,
    PersonStatus,
    PreparedCard,
)
from apps.campaigns import selectors as campaigns
from apps.campaigns.services import record_decisions
from apps.campaigns.types import CommunicationView, DecisionVerdict, NewDecision, Step
from common.clock import full_years, moscow_today

CARDS_AT_ONCE = 100  # of one sweep; the next one, seconds later, takes the others
PERSON_CHECK = "PERSON_CHECK"  # what the ledger names as the rule
STORED = TypeAdapter(PreparedCard)  # between the record and the column's JSON


def prepare_card(communication_id: int, now: datetime) -> None:
    """Prepare the card of a conversation, unless it is prepared or there is no such conversation.

    Asks the domain's services, so never call it in a transaction.
    """
    owner = campaigns.operator_of_communication(communication_id)
    if owner is None or ClientCard.objects.filter(communication_id=communication_id).exists():
        return
    _prepare(campaigns.communication_of(owner, communication_id), now)
    invalidate(owner)


def prepare_missing_cards(now: datetime) -> int:
    """Prepare the cards of live conversations whose message was lost. Returns how many there were,
    at most ``CARDS_AT_ONCE``. Never call it in a transaction."""
    missing = campaigns.live_communications_without(
        ClientCard.objects.filter(communication_id=OuterRef("pk")), CARDS_AT_ONCE
    )
    for communication_id in missing:
        prepare_card(communication_id, now)
    return len(missing)


def prepared_card_of(communication: CommunicationView, now: datetime) -> PreparedCard:
    """The card as it was stored; it is prepared now when nothing is stored yet. Never call it in a
    transaction."""
    row = ClientCard.objects.filter(communication_id=communication.id).first()
    return _prepare(communication, now) if row is None else STORED.validate_python(row.card)


def _prepare(communication: CommunicationView, now: datetime) -> PreparedCard:
    """Collect the card and store it. When two processes do so at once, the card that was stored
    first stays, and both return it. The ledger gets its row with the card, so only one."""
    record = ports.client_records().record_of(
        communication.phone, communication.client_info, communication.source_key
    )
    card = PreparedCard(
        client=_client_info(communication.phone, record, moscow_today(now)),
        products=record.products,
        offers=record.offers,
        history=tuple(map(summary_of, campaigns.history_of(communication.phone, communication.id))),
        unavailable=record.unavailable,
        person_check=record.person_check,
        script=communication.script,
    )
    return _store(communication, card)


@transaction.atomic
def _store(communication: CommunicationView, card: PreparedCard) -> PreparedCard:
    """Returns the card that is stored: this one, or the one that was stored before."""
    row, is_new = ClientCard.objects.get_or_create(
        communication_id=communication.id,
        defaults={"card": STORED.dump_python(card, mode="json", exclude_none=True)},
    )
    check = card.person_check
    if is_new and check and check.status is PersonStatus.DIFFERENT:
        record_decisions([_another_person(communication, check)])
    return STORED.validate_python(row.card)


def _another_person(communication: CommunicationView, check: PersonCheck) -> NewDecision:
    """The ledger's row about data that were withheld; the call itself goes on."""
    differs = ", ".join(str(attribute.label) for attribute in check.differs)
    reason = _("the phone is known as another person's (differs: %s): their data are withheld")
    return NewDecision(
        step=Step.CLIENT_CARD,
        verdict=DecisionVerdict.PASSED,
        rule=PERSON_CHECK,
        reason=reason % differs,
        phone=communication.phone,
        source_key=communication.source_key,
        campaign_id=communication.campaign_id,
    )


def _client_info(phone: str, record: ClientRecord, today: date) -> ClientInfo:
    client = ClientInfo(
        phone=phone,
        name_ru=record.name_ru,
        name_en=record.name_en,
        citizenship=record.citizenship,
        born_on=record.born_on,
    )
    age = full_years(record.born_on, today) if record.born_on else None
    return replace(client, age=age) if age in AGES else client
