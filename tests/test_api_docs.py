"""The published schema tells everything that whoever writes a client needs, in Russian."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.translation import override
from openapi_schema_validator import OAS30Validator

from apps.arm.rest import docs as arm_docs
from apps.security.rest import docs as security_docs
from testing.contract import published_schema

OURS = ("/api/arm/", "/api/security/")
RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)
Json = dict[str, Any]


@pytest.fixture(scope="module")
def schema() -> Json:
    with override("ru"):
        return published_schema()


def operations_of(schema: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in schema["paths"].items():
        if path.startswith(OURS):
            for operation in methods.values():
                yield path, operation


def components_of(schema: Json) -> set[str]:
    """The names of the bodies that these operations have, at any depth."""
    found: set[str] = set()

    def look_into(part: Any) -> None:
        if isinstance(part, list):
            for item in part:
                look_into(item)
        elif isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                look_into(schema["components"]["schemas"][name])
            for inner in part.values():
                look_into(inner)

    for _, operation in operations_of(schema):
        look_into(operation)
    return found


def fields_of(schema: Json) -> Iterator[tuple[str, Json]]:
    for component in sorted(components_of(schema)):
        body = schema["components"]["schemas"][component]
        for name, field in body.get("properties", {}).items():
            yield f"{component}.{name}", field


def has_body(field: Json, schema: Json) -> bool:
    """Whether the field is an object, or a list of objects, with fields of its own."""
    inner = field.get("items", field)
    inner = inner.get("allOf", [inner])[0]
    name = inner.get("$ref", "").rpartition("/")[2]
    return bool(name) and "properties" in schema["components"]["schemas"][name]


def test_every_operation_is_described_with_its_errors(schema: Json) -> None:
    for path, operation in operations_of(schema):
        for text in (operation["summary"], operation["description"]):
            assert RUSSIAN.search(text), path
        for status, response in operation["responses"].items():
            if status != "200":
                assert RUSSIAN.search(response["description"]) or "Retry-After" in str(response)
                assert response["content"]["application/json"]["schema"], path
        for parameter in operation.get("parameters", []):
            assert RUSSIAN.search(parameter["description"]), path


def test_every_field_is_described(schema: Json) -> None:
    silent = [
        name
        for name, field in fields_of(schema)
        if not RUSSIAN.search(field.get("description", ""))
    ]
    # "OK" and the words for errors need no more than their names
    assert silent == []


def test_every_field_has_an_example_that_is_right(schema: Json) -> None:
    for name, field in fields_of(schema):
        if has_body(field, schema):
            continue
        assert "example" in field, name
        whole = {**field, "components": schema["components"]}
        errors = list(OAS30Validator(whole).iter_errors(field["example"]))
        assert not errors, (name, errors)


def test_the_tables_name_only_what_there_is(schema: Json) -> None:
    names = {name for name, _ in fields_of(schema)}
    told = {operation["operationId"] for _, operation in operations_of(schema)}

    assert set(arm_docs.FIELDS) | set(security_docs.FIELDS) <= names
    assert set(arm_docs.OPERATIONS) <= told


def test_the_interactive_page_can_send_a_token(schema: Json) -> None:
    scheme = schema["components"]["securitySchemes"]["token"]
    assert scheme == {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    for path, operation in operations_of(schema):
        needs_token = path.startswith("/api/arm/") and not path.endswith("login")
        assert operation.get("security", []) == ([{"token": []}] if needs_token else []), path
