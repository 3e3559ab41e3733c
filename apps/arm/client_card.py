"""The client card: prepared when the call starts, served in the words of the contract."""

from datetime import date, datetime
from typing import Any

from apps.arm.models import ClientCard
from apps.arm.ports import ClientRecords
from apps.arm.types import ClientRecord, DictionaryItem, Document, FullName, Offer, Product
from apps.campaigns import selectors as campaigns
from apps.campaigns.types import CommunicationView
from common.clock import full_years, moscow_minute, moscow_today, parse_moment
from common.ports import bound

NAME_LENGTH = 32
CITIZENSHIP_LENGTH = 92
AGES = range(18, 129)  # of nobody else does the contract tell the age


def prepare(communication: CommunicationView, now: datetime) -> dict[str, Any]:
    """Collect the card and keep it; the first to keep one wins. Asks the domain, so never inside a
    transaction; services that do not answer in time leave their parts out.
    """
    records: ClientRecords = bound("ARM_CLIENT_RECORDS")
    record = records.record_of(
        communication.phone, communication.client_info, communication.source_key
    )
    card = {
        "clientInfo": client_body(communication.phone, record, moscow_today(now)),
        "productList": [product_body(product) for product in record.products],
        "offers": [offer_body(offer) for offer in record.offers],
        "history": [
            communication_body(earlier)
            for earlier in campaigns.history_of(communication.phone, communication.id)
        ],
        "unavailable": list(record.unavailable),
        "script": communication.script,
    }
    kept, _ = ClientCard.objects.get_or_create(
        communication_id=communication.id, defaults={"card": card}
    )
    return dict(kept.card)


def card_of(communication: CommunicationView, now: datetime) -> dict[str, Any]:
    """The card of a communication: as prepared, with its own state of now."""
    kept = ClientCard.objects.filter(communication_id=communication.id).first()
    card = dict(kept.card) if kept else prepare(communication, now)
    return {**card, "currentCommunication": communication_body(communication)}


def communication_body(communication: CommunicationView) -> dict[str, Any]:
    """``CommunicationDto`` of the contract, with the application's number and the call's end."""
    body: dict[str, Any] = {
        "time": moscow_minute(communication.started_at),
        "id": communication.id,
        "campaign": campaign_body(communication),
        "callPhone": communication.phone,
        "operator": operator_body(communication),
        "result": result_body(communication),
    }
    number = communication.client_info.get("application_number")
    if number:
        body["doId"] = str(number)
    if communication.ended_at is not None:
        body["callEndedAt"] = communication.ended_at.isoformat()
    return body


def rework_body(communication: CommunicationView) -> dict[str, Any]:
    """An item of ``listCommunications``: the result is told by keys."""
    keys = {"reason": "REASON", "result": "RESULT", "comment": "COMMENT"}
    filled_in = communication.result
    return {
        **communication_body(communication),
        "result": {key: filled_in[name] for name, key in keys.items() if filled_in.get(name)},
    }


def campaign_body(communication: CommunicationView) -> dict[str, str]:
    return {
        "displayName": communication.campaign_name,
        "description": communication.campaign_description,
    }


def operator_body(communication: CommunicationView) -> dict[str, str]:
    return {
        "name": communication.operator_first_name,
        "lastName": communication.operator_last_name,
    }


def result_body(communication: CommunicationView) -> dict[str, str]:
    result = communication.result
    body = {name: result[name] for name in ("reason", "result", "comment") if result.get(name)}
    if result.get("callback_at"):
        body["callbackTime"] = moscow_minute(parse_moment(result["callback_at"]))
    return body


def client_body(phone: str, record: ClientRecord, today: date) -> dict[str, Any]:
    """``ClientInfoDto``: what is unknown is left out."""
    body: dict[str, Any] = {"phone": phone}
    if record.name_ru:
        body["fullNameRu"] = name_body(record.name_ru)
    if record.name_en:
        body["fullNameEn"] = name_body(record.name_en)
    if record.citizenship:
        body["citizenship"] = record.citizenship[:CITIZENSHIP_LENGTH]
    if record.born_on:
        body["birthDate"] = record.born_on.strftime("%d.%m.%Y")
        age = full_years(record.born_on, today)
        if age in AGES:
            body["age"] = age
    return body


def name_body(name: FullName) -> dict[str, str]:
    body = {"name": name.first[:NAME_LENGTH], "lastName": name.last[:NAME_LENGTH]}
    if name.middle:
        body["middleName"] = name.middle[:NAME_LENGTH]
    return body


def product_body(product: Product) -> dict[str, Any]:
    """``ProductDto``, with its number and kind; what is unknown is left out."""
    body = {
        "type": product.kind,
        "number": product.number,
        "startTime": moscow_minute(product.started_at),
        "endTime": moscow_minute(product.ended_at),
        "term": product.term,
        "grace": product.grace,
        "current": product.current,
        "statusDict": item_body(product.status),
        "productDict": item_body(product.product),
        "requestedAmount": product.requested_amount,
        "approvedAmount": product.approved_amount,
        "termUnitDict": item_body(product.term_unit),
        "graceUnitDict": item_body(product.grace_unit),
        "filling": [document_body(document) for document in product.documents],
        "retailChainNameDict": item_body(product.retail_chain),
        "deviceOsDict": item_body(product.device_os),
        "creditMethodDict": item_body(product.credit_method),
        "flow": product.flow or None,
        "interestRate": product.interest_rate,
    }
    return {key: value for key, value in body.items() if value is not None}


def item_body(item: DictionaryItem | None) -> dict[str, str] | None:
    return {"dictionaryKey": item.key, "dictionaryValue": item.value} if item else None


def document_body(document: Document) -> dict[str, Any]:
    body: dict[str, Any] = {"name": document.name[:NAME_LENGTH], "status": document.status}
    if document.kind:
        body["documentDict"] = item_body(document.kind)
    if document.errors:
        body["errors"] = [
            {"errorDescription": error.description, "advice": error.advice}
            for error in document.errors
        ]
    return body


def offer_body(offer: Offer) -> dict[str, Any]:
    return {
        "code": offer.code,
        "name": offer.name,
        "minAmount": offer.min_amount,
        "maxAmount": offer.max_amount,
        "interestRate": offer.interest_rate,
        "minTerm": offer.min_term,
        "maxTerm": offer.max_term,
        "termUnit": offer.term_unit,
    }
