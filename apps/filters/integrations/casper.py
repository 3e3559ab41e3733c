"""Casper: the digital trace of a client, one search for one client."""

from typing import Any

from apps.filters.facts import ClientAnswer
from apps.filters.integrations.endpoints import service
from common.contracts import AnswerModel, Items, read_answer

NAME = "casper"


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
