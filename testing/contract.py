"""Comparison of the published schema and of real answers with docs/api-contract.yaml."""

from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import yaml
from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from openapi_core import OpenAPI
from openapi_core.contrib.django import DjangoOpenAPIRequest, DjangoOpenAPIResponse

from testing.browser import Answer

FILE = Path(__file__).resolve().parent.parent / "docs" / "api-contract.yaml"
CONTRACT: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
MASKED_PHONE = {"type": "string", "pattern": r"^\+7 \(\*{3}\) \*{3}-[0-9]{2}-[0-9]{2}$"}


def contract(phones: str) -> dict[str, Any]:
    """Return the contract of an installation that answers phones so: ``full`` or ``masked``."""
    if phones == "full":
        return CONTRACT
    of_masked = deepcopy(CONTRACT)
    of_masked["components"]["schemas"]["Phone"] = MASKED_PHONE
    return of_masked


VALIDATORS = {phones: OpenAPI.from_dict(contract(phones)) for phones in ("full", "masked")}


def published_schema() -> dict[str, Any]:
    """Return the OpenAPI schema that the running system publishes."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema


def operations(prefix: str) -> list[tuple[str, str]]:
    """Return path and method of each operation of the contract under ``prefix``."""
    return [
        (path, method)
        for path, methods in CONTRACT["paths"].items()
        if path.startswith(prefix)
        for method in methods
    ]


def assert_keeps_contract(answer: Answer) -> None:
    """Fail when the test client's answer (HTTP 200) is not what the contract says, in the mode of
    ``ARM_PHONES``."""
    VALIDATORS[settings.ARM_PHONES].validate_response(
        DjangoOpenAPIRequest(answer.wsgi_request), DjangoOpenAPIResponse(cast(HttpResponse, answer))
    )


def missing_from(schema: dict[str, Any], path: str, method: str) -> list[str]:
    """Return what the contract promises of an operation and ``schema`` describes otherwise."""
    promised = CONTRACT["paths"][path][method]
    described = schema["paths"].get(path, {}).get(method)
    if described is None:
        return [f"{method} {path}"]
    missing = []
    if described["operationId"] != promised["operationId"]:
        missing.append(f"operationId {promised['operationId']}")
    for part in (("requestBody",), ("responses", "200")):
        missing += _differences(
            _body(CONTRACT, promised, part),
            CONTRACT,
            _body(schema, described, part),
            schema,
            part[0],
        )
    return missing


def _body(root: dict[str, Any], operation: dict[str, Any], part: tuple[str, ...]) -> dict[str, Any]:
    found: Any = operation
    for key in part:
        found = found.get(key, {})
    media = found.get("content", {}).get("application/json", {})
    return _resolved(media.get("schema", {}), root)


def _differences(
    promised: dict[str, Any],
    contract: dict[str, Any],
    described: dict[str, Any],
    schema: dict[str, Any],
    where: str,
) -> list[str]:
    promised, described = _resolved(promised, contract), _resolved(described, schema)
    found = []
    if promised.get("type") != described.get("type"):
        found.append(f"{where}: type {promised.get('type')}, not {described.get('type')}")
    found += [
        f"{where}.{name}: required"
        for name in promised.get("required", [])
        if name not in described.get("required", [])
    ]
    for name, inner in promised.get("properties", {}).items():
        if name not in described.get("properties", {}):
            found.append(f"{where}.{name}")
            continue
        ours = described["properties"][name]
        found += _differences(inner, contract, ours, schema, f"{where}.{name}")
    if "items" in promised:
        found += _differences(
            promised["items"], contract, described.get("items", {}), schema, f"{where}[]"
        )
    return found


def _resolved(part: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The schema itself, behind references and spectacular's one-member ``allOf``."""
    while "$ref" in part or len(part.get("allOf", [])) == 1:
        if "$ref" in part:
            part = root["components"]["schemas"][part["$ref"].rpartition("/")[2]]
        else:
            part = part["allOf"][0]
    return part
