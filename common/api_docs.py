"""Descriptions and examples of the published API: an app has a table of them, and this writes it
into the schema.

What a serializer's ``help_text`` says stands there already; a table adds what is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

# of a token, as it looks
TOKEN = "eyJhbGciOiJIUzUxMiJ9.eyJqdGkiOiJhODMxZjY2NiJ9.c2lnbmF0dXJl"  # noqa: S105


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDocs:
    """What the schema says of a field: for people, and an example of its value."""

    description: Promise | None = None
    example: Any = None


def describe_fields(schema: dict[str, Any], fields: Mapping[str, FieldDocs]) -> None:
    """Write the docs of ``fields``, named ``Component.field``, into the published schema. Fields
    that this schema does not have are passed over: it may be the schema of one app."""
    for name, docs in fields.items():
        component, _, field = name.partition(".")
        properties = schema["components"]["schemas"].get(component, {}).get("properties", {})
        if field in properties:
            properties[field] = _described(properties[field], docs)


def describe_operations(schema: dict[str, Any], operations: Mapping[str, Promise]) -> None:
    """Write the descriptions of operations, by operationId, into the published schema."""
    for methods in schema["paths"].values():
        for operation in methods.values():
            if operation["operationId"] in operations:
                operation["description"] = str(operations[operation["operationId"]])


def _described(field: dict[str, Any], docs: FieldDocs) -> dict[str, Any]:
    if "$ref" in field:  # beside a reference nothing else counts (OpenAPI 3.0)
        field = {"allOf": [field]}
    if docs.description is not None:
        field["description"] = str(docs.description)
    if docs.example is not None:
        field["example"] = docs.example
    return field
