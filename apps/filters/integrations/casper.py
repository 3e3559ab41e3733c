"""Casper: the digital trace of a client, one search for one client."""

from typing import Any

from apps.filters.facts import ClientAnswer
from apps.filters.integrations import contract
from apps.filters.integrations.endpoints import service

NAME = "casper"


def find_client(
    phone: str, device_id: str = "", document_series: str = "", document_number: str = ""
) -> ClientAnswer:
    """What Casper has of the client; unknown fields are kept. Raises ServiceError."""
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
    found = contract.field(
        NAME, contract.mapping(NAME, body, "the answer"), "found", bool, "the answer"
    )
    if not found:
        return ClientAnswer(None)
    client = contract.mapping(NAME, body.get("client"), "client")
    for key in ("applications", "loans"):
        if client.get(key) is not None:
            contract.objects(NAME, client[key], f"client.{key}")
    for key in ("full_name_ru", "full_name_en"):
        if client.get(key) is not None:
            contract.mapping(NAME, client[key], f"client.{key}")
    return ClientAnswer(client)
