"""Prepares the client card when a call starts, and stores it with the communication.

What is known without asking a service is on the card from the first moment. Services are asked by a
worker, never by a request that an operator waits for.
A part that raises, or that a service does not answer for, is missing on the card and does not keep
it from the operator. It is asked for again a few times, ever later.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import OuterRef
from django.utils.translation import gettext as _
from pydantic import TypeAdapter

from apps.arm import ports
from apps.arm.card_history import NO_HISTORY, History, history_for
from apps.arm.changes import refresh
from apps.arm.models import ClientCard
from apps.arm.types import (
    AGES,
    ClientInfo,
    ClientRecord,
    Person,
    PersonCheck,
    PersonStatus,
    PreparedCard,
)
from apps.campaigns import selectors as campaigns
from apps.campaigns.services import (
    handled,
    known_keys,
    mark_card_unfetched,
    record_decisions,
    set_aside,
    waiting_keys,
)
from apps.campaigns.types import (
    AttentionKind,
    CommunicationView,
    DecisionVerdict,
    NewDecision,
    Step,
)
from common.announce import announce
from common.clock import full_years, moscow_today
from common.locks import LockSpace, try_lock

CARDS_AT_ONCE = 100  # of one sweep; the next one, seconds later, takes the others
# Missing parts are asked for again for half an hour: longer than a conversation. Pauses double.
FIRST_PAUSE = timedelta(seconds=15)
MOST_TRIES = 7
LARGEST_LOCK_KEY = 2**31
PERSON_CHECK = "PERSON_CHECK"  # what the ledger names as the rule
# of a client of whom nothing can be read
NOTHING_KNOWN = ClientRecord(unavailable=("applications", "offers"))
STORED = TypeAdapter(PreparedCard)  # between the record and the column's JSON

# A conflict is no error here: PostgreSQL would write the whole row, a client's data, into its log.
STORE = """
INSERT INTO "tm$client_cards" (communication_id, card, next_try_at) VALUES (%s, %s, %s)
ON CONFLICT (communication_id) DO NOTHING
"""

Part = TypeVar("Part")


@dataclass(slots=True)
class _Collected:
    """A card, and the errors of its parts that could not be made."""

    card: PreparedCard
    errors: list[Exception] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not (self.errors or self.card.unavailable)


def prepare_cards(communication_ids: Iterable[int], now: datetime) -> None:
    """Prepare the cards of conversations, each unless it is prepared, another process prepares it
    now, or there is no such conversation. A card that raises is set aside and stops no other.

    Asks the domain's services, so never call it in a transaction.
    """
    _each(communication_ids, _prepare_one, now)


def _prepare_one(communication_id: int, now: datetime) -> None:
    with try_lock(LockSpace.CLIENT_CARD, communication_id % LARGEST_LOCK_KEY) as won:
        if not won or ClientCard.objects.filter(communication_id=communication_id).exists():
            return
        owner = campaigns.operator_of_communication(communication_id)
        if owner is None:
            return
        _prepare(campaigns.communication_of(owner, communication_id), now)
    refresh(owner)


def prepare_missing_cards(now: datetime) -> int:
    """Prepare the cards of live conversations whose message was lost, and ask again for the parts
    that are missing. Returns how many cards there were, at most ``CARDS_AT_ONCE`` of each kind.

    A card that raises is set aside and stops no other. Never call it in a transaction.
    """
    waiting = waiting_keys(AttentionKind.CLIENT_CARD, now)
    unprepared = campaigns.live_communications_without(
        ClientCard.objects.filter(communication_id=OuterRef("pk")), CARDS_AT_ONCE
    )
    missing = [pk for pk in unprepared if str(pk) not in waiting]
    _each(missing, _prepare_one, now)
    incomplete = _incomplete(waiting, now)
    _each(incomplete, _complete, now)
    return len(missing) + len(incomplete)


def card_so_far(communication: CommunicationView, now: datetime) -> PreparedCard:
    """The card as it was stored. Before that: what is known without asking a service, and in
    ``pending`` what is still asked for; its preparation is announced once more.

    Never call it in a transaction: a part that raises is set aside.
    """
    card = stored_card(communication.id)
    if card is not None:
        return card
    announce("apps.arm.tasks.prepare_card", communication.id)
    return _collect(communication, _known_record, now).card


def stored_card(communication_id: int) -> PreparedCard | None:
    """The card of this communication; None while none is stored."""
    row = ClientCard.objects.filter(communication_id=communication_id).first()
    return None if row is None else STORED.validate_python(row.card)


def _each(ids: Iterable[int], act: Callable[[int, datetime], None], now: datetime) -> None:
    for communication_id in ids:
        try:
            act(communication_id, now)
        except Exception as error:  # noqa: BLE001 - the barrier of one card
            set_aside(AttentionKind.CLIENT_CARD, communication_id, error, now)


def _prepare(communication: CommunicationView, now: datetime) -> None:
    """Collect the card and store it. When two processes do so at once, the card that was stored
    first stays. The ledger gets its row with the card, so only one."""
    collected = _collect(communication, _record, now)
    try:
        _store(communication, collected, now)
    except Exception as error:  # noqa: BLE001 - what cannot be stored is not shown either
        set_aside(AttentionKind.CLIENT_CARD, communication.id, error, now)
        bare = _card(communication, NOTHING_KNOWN, NO_HISTORY, now)
        _store(communication, _Collected(bare, [error]), now)


@transaction.atomic
def _store(communication: CommunicationView, collected: _Collected, now: datetime) -> None:
    card = STORED.dump_python(collected.card, mode="json", exclude_none=True)
    next_try_at = None if collected.is_whole else now + FIRST_PAUSE
    with connection.cursor() as cursor:
        cursor.execute(STORE, [communication.id, json.dumps(card), next_try_at])
        is_new = cursor.rowcount > 0
    if not is_new:
        return
    mark_card_unfetched(communication.id)
    check = collected.card.person_check
    if check and check.status is PersonStatus.DIFFERENT:
        record_decisions([_another_person(communication, check)])


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


def _incomplete(waiting: set[str], now: datetime) -> list[int]:
    """Ids of the conversations on whose card parts are missing, when it is time to ask for them, or
    when a person has released the card."""
    rows = ClientCard.objects.filter(next_try_at__isnull=False).order_by("next_try_at")
    released = known_keys(AttentionKind.CLIENT_CARD) - waiting
    due = rows.filter(next_try_at__lte=now) | rows.filter(communication__in=map(int, released))
    return list(due.values_list("communication_id", flat=True)[:CARDS_AT_ONCE])


def _complete(communication_id: int, now: datetime) -> None:
    """Collect a card again. It replaces the stored one where fewer parts are missing."""
    with try_lock(LockSpace.CLIENT_CARD, communication_id % LARGEST_LOCK_KEY) as won:
        owner = campaigns.operator_of_communication(communication_id) if won else None
        row = ClientCard.objects.filter(communication_id=communication_id).first()
        if owner is None or row is None:
            return
        # first of all, so that a card that raises is not tried without end
        row.tries += 1
        is_last = row.tries >= MOST_TRIES
        row.next_try_at = None if is_last else now + FIRST_PAUSE * 2 ** (row.tries - 1)
        row.save(update_fields=["tries", "next_try_at"])
        collected = _collect(campaigns.communication_of(owner, communication_id), _record, now)
        _replace_poorer(row, collected)
        if collected.is_whole or is_last:
            handled(AttentionKind.CLIENT_CARD, [communication_id])
    refresh(owner)


@transaction.atomic
def _replace_poorer(row: ClientCard, collected: _Collected) -> None:
    """Store the card where fewer parts of it are missing; then the operator is told of it."""
    before = STORED.validate_python(row.card)
    if collected.is_whole:
        row.next_try_at = None
    if collected.is_whole or len(collected.card.unavailable) < len(before.unavailable):
        row.card = STORED.dump_python(collected.card, mode="json", exclude_none=True)
        mark_card_unfetched(row.communication_id)
    row.save(update_fields=["card", "next_try_at"])


def _collect(
    communication: CommunicationView,
    record_of: Callable[[CommunicationView], ClientRecord],
    now: datetime,
) -> _Collected:
    """Collect the parts of the card. One that raises is left out, and the card is set aside."""
    errors: list[Exception] = []

    def part(make: Callable[[], Part], instead: Part) -> Part:
        try:
            return make()
        except Exception as error:  # noqa: BLE001 - the barrier of one part
            set_aside(AttentionKind.CLIENT_CARD, communication.id, error, now)
            errors.append(error)
            return instead

    record = part(lambda: record_of(communication), NOTHING_KNOWN)
    history = part(lambda: history_for(communication, record.person_check), NO_HISTORY)
    return _Collected(_card(communication, record, history, now), errors)


def _known_record(communication: CommunicationView) -> ClientRecord:
    return ports.client_records().known_record_of(
        communication.client_info, communication.source_key
    )


def _record(communication: CommunicationView) -> ClientRecord:
    return ports.client_records().record_of(
        communication.phone, communication.client_info, communication.source_key
    )


def _card(
    communication: CommunicationView,
    record: ClientRecord,
    history: History,
    now: datetime,
) -> PreparedCard:
    return PreparedCard(
        client=_client_info(communication.phone, record, moscow_today(now)),
        products=record.products,
        offers=record.offers,
        history=history.shown,
        history_withheld=history.withheld,
        unavailable=record.unavailable,
        pending=record.pending,
        person_check=record.person_check,
        script=communication.script,
    )


def _client_info(phone: str, record: ClientRecord, today: date) -> ClientInfo:
    person = {one.name: getattr(record, one.name) for one in fields(Person)}
    client = ClientInfo(phone=phone, **person)
    age = full_years(record.born_on, today) if record.born_on else None
    return replace(client, age=age) if age in AGES else client
