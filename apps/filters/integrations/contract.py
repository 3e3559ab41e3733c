"""Checks of answers against the contract (services.md). An error names the place, never a value."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from common.service_errors import ContractError


def mapping(service: str, value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ContractError(service, f"{place} is not an object")
    return value


def objects(service: str, value: Any, place: str) -> list[Mapping[str, Any]]:
    """A list of objects."""
    if not isinstance(value, list):
        raise ContractError(service, f"{place} is not a list")
    return [mapping(service, item, f"{place}[{number}]") for number, item in enumerate(value)]


def field(service: str, value: Mapping[str, Any], key: str, kinds: Any, place: str) -> Any:
    """The field ``key``, which must be there and be of one of the kinds."""
    if key not in value:
        raise ContractError(service, f"{place} has no {key}")
    found = value[key]
    if not isinstance(found, kinds) or (isinstance(found, bool) and kinds is not bool):
        raise ContractError(service, f"{place}.{key} is not of its kind")
    return found


def moment(service: str, value: Any, place: str) -> datetime:
    """An ISO date-time with its zone."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ContractError(service, f"{place} is not an ISO date-time") from None
    if found.tzinfo is None:
        raise ContractError(service, f"{place} has no time zone")
    return found
