"""Casper: the digital trace of a client, one search for one client."""

from collections.abc import Mapping
from typing import Any

from apps.filters.facts import ClientAnswer
from apps.filters.integrations.endpoints import service
from common.contracts import AnswerModel, Items, read_answer

NAME = "casper"

# The fields that the card and the comparison of persons need. None: a plain value.
_FULL_NAME = dict.fromkeys(("first", "last", "middle"))
_DOCUMENT = {
    **dict.fromkeys(("name", "status", "advice")),
    "errors": [dict.fromkeys(("error_description", "description", "advice"))],
}
_DEAL = {
    **dict.fromkeys(("number", "status", "product", "requested_amount", "approved_amount")),
    **dict.fromkeys(("term", "term_unit", "grace", "grace_unit", "device_os", "flow")),
    **dict.fromkeys(("retail_chain", "credit_method", "interest_rate", "started_at", "ended_at")),
    "documents": [_DOCUMENT],
}
_CLIENT = {
    "full_name_ru": _FULL_NAME,
    "full_name_en": _FULL_NAME,
    **dict.fromkeys(("citizenship", "birth_date", "document_series", "document_number")),
    "applications": [_DEAL],
    "loans": [_DEAL],
}


class _Client(AnswerModel):
    applications: Items[dict[str, Any]] | None = None
    loans: Items[dict[str, Any]] | None = None
    full_name_ru: dict[str, Any] | None = None
    full_name_en: dict[str, Any] | None = None


class _Search(AnswerModel):
    found: bool


class _FoundClient(AnswerModel):
    client: _Client


def find_client(
    phone: str, device_id: str = "", document_series: str = "", document_number: str = ""
) -> ClientAnswer:
    """Return what Casper has of the client, with fields that the contract does not name. Raises
    ServiceError.
    """
    answer: ClientAnswer = service(NAME).call(
        "POST",
        "/api/v1/clients/search",
        json={
            "phone": phone,
            "device_id": device_id or None,
            "document_series": document_series or None,
            "document_number": document_number or None,
        },
        read=_read,
    )
    return answer


def _read(body: Any) -> ClientAnswer:
    if not read_answer(NAME, _Search, body).found:
        return ClientAnswer(None)
    read_answer(NAME, _FoundClient, body)
    return ClientAnswer(body["client"])  # as it came: the model keeps only what it names


def known_fields(client: Mapping[str, Any]) -> dict[str, Any]:
    """What we need of the client that Casper answered, and nothing else of it. An object or a list
    where a plain value is due is left out, and so is what we do not know."""
    fields: dict[str, Any] = _known(client, _CLIENT)
    return fields


def keeps_field(path: str) -> bool:
    """Whether ``known_fields`` keep what lies at this path, such as ``loans.status``."""
    shape: Any = _CLIENT
    for step in path.split("."):
        if isinstance(shape, list):
            (shape,) = shape
        if not isinstance(shape, Mapping) or step not in shape:
            return False
        shape = shape[step]
    return True


def _known(value: Any, shape: Any) -> Any:
    if isinstance(value, list):
        return [_known(item, shape[0]) for item in value] if isinstance(shape, list) else None
    if not isinstance(value, Mapping):
        return value
    if not isinstance(shape, Mapping):
        return None
    fields = {key: _known(value[key], shape[key]) for key in shape if key in value}
    return {key: field for key, field in fields.items() if field is not None}
