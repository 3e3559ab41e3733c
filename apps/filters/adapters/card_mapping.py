"""Builds the parts of the client card from Casper's and Abram's answers and our own rows.

A part that cannot be read is left out: the operator is talking already and needs the rest.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from apps.arm.types import (
    DictionaryItem,
    Document,
    DocumentError,
    FullName,
    Offer,
    Product,
    ProductKind,
)
from apps.filters.adapters.dictionaries import (
    APPLICATION_STATUSES,
    CREDIT_METHODS,
    DEVICE_OSES,
    LOAN_STATUSES,
    PRODUCTS,
    UNITS,
)
from apps.filters.countries import COUNTRIES
from apps.filters.facts import ApplicationFacts
from common.money import kopecks

# statuses of applications and loans that are not finished
CURRENT = frozenset({"created", "registered", "scored", "transferred", "received"})
# what is beyond these is a mistake, and cannot be shown in every time zone or written as a number
YEARS = range(1900, 2200)
LARGEST = 10**12
PERCENT_PARTS = 100  # the card has rates in hundredths of a per cent a day


def name(value: Any) -> FullName | None:
    """The name of Casper's ``{"first": …, "last": …, "middle": …}``.

    None if there is neither a first nor a last name.
    """
    if not isinstance(value, Mapping) or not (
        _word(value.get("first")) or _word(value.get("last"))
    ):
        return None
    return FullName(
        first=_word(value.get("first")),
        last=_word(value.get("last")),
        middle=_word(value.get("middle")),
    )


def country(code: Any) -> str:
    """The Russian name of an ISO 3166 alpha-3 code; an unknown code stays as it is."""
    return COUNTRIES.get(_word(code), _word(code))


def day(value: Any) -> date | None:
    """The date of an ISO text; None if it is not one."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def products(client: Mapping[str, Any], facts: ApplicationFacts | None) -> tuple[Product, ...]:
    """Applications and loans, newest first. ``client`` is Casper's.

    The application of ``facts`` is shown once, from our own row.
    """
    own = [own_application(facts)] if facts else []
    own_numbers = {product.number for product in own}
    found = [
        *_deals(client.get("applications"), ProductKind.APPLICATION, APPLICATION_STATUSES),
        *_deals(client.get("loans"), ProductKind.LOAN, LOAN_STATUSES),
    ]
    others = [p for p in found if p.kind is ProductKind.LOAN or p.number not in own_numbers]
    return tuple(sorted((*own, *others), key=lambda p: p.started_at, reverse=True))


def own_application(facts: ApplicationFacts) -> Product:
    """The application of our own row, which is shown even when no service answers."""
    return Product(
        kind=ProductKind.APPLICATION,
        number=facts.application_number,
        started_at=facts.created_at,
        ended_at=facts.changed_at,
        term=facts.term or 0,
        grace=facts.grace or 0,
        current=facts.application_status in CURRENT,
        status=_item(APPLICATION_STATUSES, facts.application_status),
        product=_item(PRODUCTS, facts.product_type),
        requested_amount=kopecks(facts.desired_amount),
        approved_amount=kopecks(facts.approved_amount),
        term_unit=_item(UNITS, facts.term_unit),
        grace_unit=_item(UNITS, facts.grace_unit),
        device_os=_item(DEVICE_OSES, facts.device_os),
    )


def _deals(deals: Any, kind: ProductKind, statuses: Mapping[str, str]) -> Iterable[Product]:
    for deal in _objects(deals):
        started_at = _moment(deal.get("started_at"))
        if started_at:
            yield _deal(deal, kind, statuses, started_at)


def _deal(
    deal: Mapping[str, Any], kind: ProductKind, statuses: Mapping[str, str], started_at: datetime
) -> Product:
    return Product(
        kind=kind,
        number=_word(deal.get("number")),
        started_at=started_at,
        ended_at=_moment(deal.get("ended_at")) or started_at,
        term=_whole(deal.get("term")),
        grace=_whole(deal.get("grace")),
        current=_word(deal.get("status")) in CURRENT,
        status=_item(statuses, deal.get("status")),
        product=_item(PRODUCTS, deal.get("product")),
        requested_amount=kopecks(_decimal(deal.get("requested_amount"))),
        approved_amount=kopecks(_decimal(deal.get("approved_amount"))),
        term_unit=_item(UNITS, deal.get("term_unit")),
        grace_unit=_item(UNITS, deal.get("grace_unit")),
        documents=tuple(map(_document, _objects(deal.get("documents")))),
        retail_chain=_item({}, deal.get("retail_chain")),
        device_os=_item(DEVICE_OSES, deal.get("device_os")),
        credit_method=_item(CREDIT_METHODS, deal.get("credit_method")),
        flow=_word(deal.get("flow")),
        interest_rate=_rate(deal.get("interest_rate")),
    )


def _document(value: Mapping[str, Any]) -> Document:
    advice, errors = _word(value.get("advice")), value.get("errors")
    return Document(
        name=_word(value.get("name")),
        status=_word(value.get("status")),
        errors=tuple(
            _error(error, advice) for error in (errors if isinstance(errors, list) else ())
        ),
    )


def _error(value: Any, advice: str) -> DocumentError:
    """An object with its own advice, or plain text that the document's advice belongs to."""
    if isinstance(value, Mapping):
        text = _word(value.get("error_description")) or _word(value.get("description"))
        return DocumentError(text, _word(value.get("advice")) or advice)
    return DocumentError(_word(value), advice)


def offer(value: Mapping[str, Any]) -> Offer:
    """A product that Abram offers. Its fields were checked when the answer came."""
    return Offer(
        code=value["code"],
        name=value["name"],
        min_amount=kopecks(_decimal(value["min_amount"])) or 0,
        max_amount=kopecks(_decimal(value["max_amount"])) or 0,
        interest_rate=_rate(value["interest_rate"]) or 0,
        min_term=int(value["min_term"]),
        max_term=int(value["max_term"]),
        term_unit=UNITS.get(value["term_unit"], value["term_unit"]),
    )


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _item(dictionary: Mapping[str, str], key: Any) -> DictionaryItem | None:
    """The key with its text; an unknown key is its own text, no key gives None."""
    word = _word(key)
    return DictionaryItem(word, dictionary.get(word, word)) if word else None


def _word(value: Any) -> str:
    """A text, or a number as one; "" for what is neither."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value) if value else ""


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    if found.year not in YEARS:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _whole(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and 0 < value <= LARGEST else 0


def _decimal(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= LARGEST else None


def _rate(percent: Any) -> int | None:
    found = _decimal(percent)
    return None if found is None else round(found * PERCENT_PARTS)
