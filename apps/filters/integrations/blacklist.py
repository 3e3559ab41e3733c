"""BlackList: searches many clients at once. A record blocks its client until it expires."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from pydantic import BeforeValidator

from apps.filters.facts import BlacklistAnswer
from apps.filters.integrations.endpoints import service
from common.contracts import AnswerModel, Items, Moment, broken_contract, read_answer
from common.service_errors import ServiceError

NAME = "blacklist"
CLIENTS_PER_SEARCH = 500  # a thousand conditions, some 50 kB; larger gained nothing


class BlacklistKey(NamedTuple):
    """A client as BlackList knows it. An empty device id is not searched for."""

    phone: str
    device_id: str = ""


def _text_or_nothing(value: Any) -> str:
    """A reason is only shown to people. One that is no text does not break the contract."""
    return value if isinstance(value, str) else ""


class _Record(AnswerModel):
    phone: str | None
    device_id: str | None
    blocked_until: Moment | None  # None: for ever
    reason: Annotated[str, BeforeValidator(_text_or_nothing)] = ""


class _Records(AnswerModel):
    records: Items[_Record]


def search(
    clients: Iterable[BlacklistKey], now: datetime
) -> dict[BlacklistKey, BlacklistAnswer | ServiceError]:
    """Return the answer about each client, or the error of its search."""
    unique = list(dict.fromkeys(clients))
    pages = [
        unique[start : start + CLIENTS_PER_SEARCH]
        for start in range(0, len(unique), CLIENTS_PER_SEARCH)
    ]
    found: dict[BlacklistKey, BlacklistAnswer | ServiceError] = {}
    for page, records in zip(pages, service(NAME).call_all(_search_page, pages), strict=True):
        if isinstance(records, ServiceError):
            found.update(dict.fromkeys(page, records))
        else:
            found.update(_answers(page, records, now))
    return found


def _search_page(page: Sequence[BlacklistKey]) -> list[_Record]:
    conditions: list[dict[str, str]] = [{"phone": client.phone} for client in page]
    conditions += [{"device_id": client.device_id} for client in page if client.device_id]
    asked = {value for condition in conditions for value in condition.values()}
    records: list[_Record] = service(NAME).call(
        "POST",
        "/api/v2/records/search",
        json={"query": {"$or": conditions}},
        read=lambda body: _read(body, asked),
    )
    return records


def _read(body: Any, asked: set[str]) -> list[_Record]:
    records = read_answer(NAME, _Records, body).records
    for number, record in enumerate(records):
        # a record of somebody else means that the two sides write numbers differently
        if record.phone not in asked and record.device_id not in asked:
            raise broken_contract(NAME, f"records[{number}]", _("a client who was asked for"))
    return records


def _answers(
    page: Sequence[BlacklistKey], records: Sequence[_Record], now: datetime
) -> dict[BlacklistKey, BlacklistAnswer]:
    live = [r for r in records if r.blocked_until is None or r.blocked_until > now]
    phones = {record.phone: record.reason for record in live if record.phone}
    devices = {record.device_id: record.reason for record in live if record.device_id}
    return {client: _answer(client, phones, devices) for client in page}


def _answer(
    client: BlacklistKey, phones: Mapping[str, str], devices: Mapping[str, str]
) -> BlacklistAnswer:
    if client.phone in phones:
        return BlacklistAnswer(blocked=True, reason=phones[client.phone])
    if client.device_id in devices:
        return BlacklistAnswer(blocked=True, reason=devices[client.device_id])
    return BlacklistAnswer(blocked=False)


def add_record(phone: str, reason: str) -> None:
    """Add the phone to the blacklist for ever. Raises ServiceError."""
    record = {"phone": phone, "device_id": None, "reason": reason, "blocked_until": None}
    service(NAME).call("POST", "/api/v2/records", json=record, repeatable=False)
