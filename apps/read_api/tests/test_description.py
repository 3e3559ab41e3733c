"""The published description of the read API: in Russian, with examples that are true."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from apps.read_api.rest.resources import RESOURCES
from testing.contract import published_schema

RUSSIAN = re.compile(r"[а-яё]", re.IGNORECASE)
NAMES = [resource.name for resource in RESOURCES]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return published_schema()


@pytest.mark.parametrize("name", NAMES)
def test_operations_parameters_and_fields_are_described_in_russian(
    name: str, schema: dict[str, Any]
) -> None:
    texts = dict(texts_of(name, schema))

    assert {where: text for where, text in texts.items() if not RUSSIAN.search(text)} == {}


def texts_of(name: str, schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for path in (f"/api/v1/{name}", f"/api/v1/{name}/{{id}}"):
        operation = schema["paths"][path]["get"]
        yield f"{path} summary", str(operation["summary"])
        yield f"{path} description", str(operation["description"])
        for one in operation["parameters"]:
            yield f"{path} {one['name']}", str(one.get("description", ""))
    for field, described in row_of(name, schema)["properties"].items():
        yield f"field {field}", str(described.get("description", ""))


def row_of(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of one row of the list."""
    bodies = schema["components"]["schemas"]
    row: dict[str, Any] = bodies[resource_of(name).row.__name__]
    return row


def resource_of(name: str) -> Any:
    return next(resource for resource in RESOURCES if resource.name == name)


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_a_row_has_the_fields_of_a_row(name: str, schema: dict[str, Any]) -> None:
    row, example = row_of(name, schema), resource_of(name).example

    assert set(example) - set(row["properties"]) == set()
    assert set(row["required"]) - set(example) == set()
