"""Collects what the loans domain knows about a client, for the client card."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar, cast

from apps.arm.types import ClientRecord, FullName, Offer, PersonStatus
from apps.campaigns.types import CommunicationView
from apps.filters.adapters import card_mapping
from apps.filters.facts import COLUMNS, ApplicationFacts, ClientAnswer, ProductsAnswer
from apps.filters.integrations import abram, casper
from apps.filters.judging.service_calls import features
from apps.filters.models import Application
from apps.filters.person_check import (
    Person,
    compare,
    person_at_casper,
    person_of_application,
    person_of_task,
)
from apps.filters.types import ApplicationKey
from common.service_errors import ServiceError

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 3.0  # the operator is talking already
CARDS_AT_ONCE = 16
# the parts of the card that services answer for, as ``unavailable`` names them
APPLICATIONS, OFFERS = "applications", "offers"
Part = TypeVar("Part")


class LoanRecords:
    """Port ``arm.ports.ClientRecords``.

    The application itself is always there. Casper and Abram are asked in parallel. An answer that
    does not come in time is replaced by the one kept in the task. Where there is none, or it cannot
    be read, the part is named in ``unavailable``: whatever a service answers, a card is served.
    """

    def known_record_of(self, client_info: Mapping[str, Any], source_key: str) -> ClientRecord:
        """The client from the application, and from the answers that are kept in the task."""
        facts = _application(source_key)
        record = _record(client_info, facts, None, None)
        return replace(record, unavailable=(), pending=(APPLICATIONS, OFFERS))

    def record_of(
        self, phone: str, client_info: Mapping[str, Any], source_key: str
    ) -> ClientRecord:
        """The client's names, products and offers. Waits ``PATIENCE_SECONDS`` at most."""
        facts = _application(source_key)
        return _record(client_info, facts, *_ask(phone, client_info, facts))

    def compare_persons(
        self, present: CommunicationView, earlier: Sequence[CommunicationView]
    ) -> list[PersonStatus]:
        """By name, birth date and document of the applications; where these are not stored any
        more, by what the tasks have kept of them."""
        facts = _applications([present.source_key, *(one.source_key for one in earlier)])
        client = _person(present, facts)
        return [_compare_persons(present, client, one, _person(one, facts)) for one in earlier]


def _record(
    client_info: Mapping[str, Any],
    facts: ApplicationFacts | None,
    client: ClientAnswer | None,
    products: ProductsAnswer | None,
) -> ClientRecord:
    """The record with these answers; None: there is none but what is kept of an earlier one."""
    own = _own_record(client_info, facts)
    known = _readable(APPLICATIONS, lambda: _with_client(own, client_info, facts, client))
    offers = _readable(OFFERS, lambda: _offers(products, client_info))
    missing = {APPLICATIONS: known is None, OFFERS: offers is None}
    return replace(
        known or own,
        offers=offers or (),
        unavailable=tuple(part for part, is_missing in missing.items() if is_missing),
    )


def _applications(source_keys: Iterable[str]) -> dict[str, ApplicationFacts]:
    """Return the stored applications that these keys name."""
    keys = {key: parsed for key in source_keys if (parsed := ApplicationKey.parse(key))}
    rows = Application.objects.filter(pk__in={key.application_id for key in keys.values()})
    found = {pk: ApplicationFacts._make(row) for pk, *row in rows.values_list("pk", *COLUMNS)}
    return {
        name: found[key.application_id] for name, key in keys.items() if key.application_id in found
    }


def _person(communication: CommunicationView, facts: Mapping[str, ApplicationFacts]) -> Person:
    application = facts.get(communication.source_key)
    if application:
        return person_of_application(application)
    return person_of_task(communication.client_info)


def _compare_persons(
    present: CommunicationView, client: Person, earlier: CommunicationView, other: Person
) -> PersonStatus:
    status = compare(client, other).status
    numbers = {one.client_info.get("application_number") for one in (present, earlier)}
    is_same_application = len(numbers) == 1 and any(numbers)
    return PersonStatus.SAME if status is PersonStatus.UNKNOWN and is_same_application else status


@cache
def _executor() -> ThreadPoolExecutor:
    """Made at its first use: threads made earlier would not survive the fork of a worker."""
    return ThreadPoolExecutor(CARDS_AT_ONCE, thread_name_prefix="client-records")


def _ask(
    phone: str, client_info: Mapping[str, Any], facts: ApplicationFacts | None
) -> tuple[ClientAnswer | None, ProductsAnswer | None]:
    """Casper's and Abram's answers; None for one that failed or did not come in time."""
    documents = (facts.document_series, facts.document_number) if facts else ("", "")
    client: Future[ClientAnswer] = _executor().submit(
        casper.find_client, phone, client_info.get("device_id", ""), *documents
    )
    known = features(facts) if facts else {"phone": phone}
    products: Future[ProductsAnswer] = _executor().submit(abram.find_products, known)
    wait([cast("Future[Any]", client), products], timeout=PATIENCE_SECONDS)
    return _result(client), _result(products)


def _result(future: "Future[Any]") -> Any:
    if not future.done():
        future.cancel()
        return None
    try:
        return future.result()
    except ServiceError:
        return None  # logged by the client of the service


def _application(source_key: str) -> ApplicationFacts | None:
    return _applications([source_key]).get(source_key)


def _readable(part: str, read: Callable[[], Part | None]) -> Part | None:
    """What ``read`` makes of an answer; None where it is missing, or nothing can be made of it."""
    try:
        return read()
    except Exception as error:  # noqa: BLE001 - one odd answer must not cost the other parts
        # not the message: it may quote a value of the answer
        logger.warning("client card: %s cannot be read: %s", part, type(error).__name__)
        return None


def _own_record(client_info: Mapping[str, Any], facts: ApplicationFacts | None) -> ClientRecord:
    """What is known without any service."""
    parts = {part: client_info.get(f"{part}_name") for part in ("first", "last", "middle")}
    return ClientRecord(
        name_ru=card_mapping.name(parts),
        citizenship=card_mapping.country(client_info.get("citizenship")),
        born_on=card_mapping.day(client_info.get("birth_date")),
        products=card_mapping.products({}, facts),
    )


def _with_client(
    own: ClientRecord,
    client_info: Mapping[str, Any],
    facts: ApplicationFacts | None,
    answer: ClientAnswer | None,
) -> ClientRecord | None:
    """Our own record with what Casper answered, or what is kept of an earlier answer; None where
    there is neither. Nothing of another person is in it."""
    if answer is None and "casper" in client_info:
        answer = ClientAnswer(client_info["casper"])
    if answer is None or answer.client is None:
        return own if answer else None
    client = casper.known_fields(answer.client)
    person = person_of_application(facts) if facts else person_of_task(client_info)
    check = compare(person, person_at_casper(client))
    if check.status is PersonStatus.DIFFERENT:
        return replace(own, person_check=check)
    name = card_mapping.name(client.get("full_name_ru"))
    # Casper's name is in ordinary letters, the application's often in capitals
    names: tuple[FullName | None, ...] = (
        (name, own.name_ru) if check.status is PersonStatus.SAME else (own.name_ru, name)
    )
    return ClientRecord(
        name_ru=names[0] or names[1],
        name_en=card_mapping.name(client.get("full_name_en")),
        citizenship=own.citizenship or card_mapping.country(client.get("citizenship")),
        born_on=own.born_on or card_mapping.day(client.get("birth_date")),
        products=card_mapping.products(client, facts),
        person_check=check,
    )


def _offers(
    answer: ProductsAnswer | None, client_info: Mapping[str, Any]
) -> tuple[Offer, ...] | None:
    """What Abram offers, or what is kept of an earlier answer; None where there is neither."""
    if answer:
        return tuple(map(card_mapping.offer, answer.products))
    if "abram" in client_info:
        return tuple(map(card_mapping.offer, client_info["abram"]["products"]))
    return None
