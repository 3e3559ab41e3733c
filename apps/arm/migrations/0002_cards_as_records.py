"""Cards were stored as the body of getClientCard; from here on they are stored as the record
``apps.arm.types.PreparedCard``. The body knew moments to the minute, so do the converted cards."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CARDS_AT_ONCE = 500
MOSCOW = ZoneInfo("Europe/Moscow")
PRODUCT_KEYS = {
    "type": "kind", "number": "number", "term": "term", "grace": "grace", "current": "current",
    "requestedAmount": "requested_amount", "approvedAmount": "approved_amount", "flow": "flow",
    "interestRate": "interest_rate",
}
PRODUCT_DICTIONARIES = {
    "statusDict": "status", "productDict": "product", "termUnitDict": "term_unit",
    "graceUnitDict": "grace_unit", "retailChainNameDict": "retail_chain",
    "deviceOsDict": "device_os", "creditMethodDict": "credit_method",
}
OFFER_KEYS = {
    "code": "code", "name": "name", "minAmount": "min_amount", "maxAmount": "max_amount",
    "interestRate": "interest_rate", "minTerm": "min_term", "maxTerm": "max_term",
    "termUnit": "term_unit",
}


def convert(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    model = apps.get_model("arm", "ClientCard")
    batch = []
    for row in model.objects.filter(card__has_key="clientInfo").iterator(CARDS_AT_ONCE):
        row.card = record_of(row.card)
        batch.append(row)
        if len(batch) == CARDS_AT_ONCE:
            model.objects.bulk_update(batch, ["card"])
            batch = []
    model.objects.bulk_update(batch, ["card"])


def forget(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The code before this migration cannot read the records. It prepares a card that is missing
    when the card is opened."""
    apps.get_model("arm", "ClientCard").objects.all().delete()


def record_of(body: dict[str, Any]) -> dict[str, Any]:
    """The body without its ``currentCommunication``, as the record's JSON."""
    return {
        "client": _client(body["clientInfo"]),
        "products": [_product(product) for product in body["productList"]],
        "offers": [_renamed(offer, OFFER_KEYS) for offer in body["offers"]],
        "history": [_communication(communication) for communication in body["history"]],
        "unavailable": body["unavailable"],
        "script": body["script"],
    }


def _client(info: dict[str, Any]) -> dict[str, Any]:
    client = _renamed(info, {"phone": "phone", "citizenship": "citizenship", "age": "age"})
    for key, name in {"fullNameRu": "name_ru", "fullNameEn": "name_en"}.items():
        if key in info:
            keys = {"name": "first", "lastName": "last", "middleName": "middle"}
            client[name] = _renamed(info[key], keys)
    if "birthDate" in info:
        day, month, year = info["birthDate"].split(".")
        client["born_on"] = f"{int(year):04}-{month}-{day}"
    return client


def _product(body: dict[str, Any]) -> dict[str, Any]:
    dictionaries = {
        name: _item(body[key]) for key, name in PRODUCT_DICTIONARIES.items() if key in body
    }
    return {
        **_renamed(body, PRODUCT_KEYS),
        **dictionaries,
        "started_at": _moment(body["startTime"]),
        "ended_at": _moment(body["endTime"]),
        "documents": [_document(document) for document in body["filling"]],
    }


def _document(body: dict[str, Any]) -> dict[str, Any]:
    document = _renamed(body, {"name": "name", "status": "status"})
    if "documentDict" in body:
        document["kind"] = _item(body["documentDict"])
    keys = {"errorDescription": "description", "advice": "advice"}
    document["errors"] = [_renamed(error, keys) for error in body.get("errors", [])]
    return document


def _communication(body: dict[str, Any]) -> dict[str, Any]:
    result = _renamed(body["result"], {"reason": "reason", "result": "result", "comment": "comment"})
    if "callbackTime" in body["result"]:
        result["callback_at"] = _moment(body["result"]["callbackTime"])
    keys = {"id": "id", "callPhone": "phone", "doId": "application_number",
            "callEndedAt": "ended_at"}
    return {
        **_renamed(body, keys),
        "started_at": _moment(body["time"]),
        "campaign_name": body["campaign"]["displayName"],
        "campaign_description": body["campaign"]["description"],
        "operator": _renamed(body["operator"], {"name": "first_name", "lastName": "last_name"}),
        "result": result,
    }


def _item(body: dict[str, str]) -> dict[str, str]:
    return {"key": body["dictionaryKey"], "value": body["dictionaryValue"]}


def _renamed(body: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {name: body[key] for key, name in names.items() if key in body}


def _moment(minute: str) -> str:
    return datetime.strptime(minute, "%d.%m.%Y %H:%M").replace(tzinfo=MOSCOW).isoformat()


class Migration(migrations.Migration):
    dependencies = [("arm", "0001_initial")]

    operations = [migrations.RunPython(convert, forget)]
