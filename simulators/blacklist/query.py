"""BlackList's search language: `$and`, `$or` and equality on a few fields, nested at will."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FIELDS = ("id", "phone", "device_id")
DEPTH = 32  # no real search nests deeper


class BadQueryError(ValueError):
    """The query cannot be understood; the message says where."""


@dataclass(frozen=True)
class Equals:
    field: str
    value: str

    def matches(self, record: Mapping[str, Any]) -> bool:
        return bool(record[self.field] == self.value)

    def leaves(self) -> Iterator["Equals"]:
        yield self


@dataclass(frozen=True)
class Group:
    every: bool  # True: $and; False: $or
    parts: tuple["Condition", ...]

    def matches(self, record: Mapping[str, Any]) -> bool:
        verdicts = (part.matches(record) for part in self.parts)
        return all(verdicts) if self.every else any(verdicts)

    def leaves(self) -> Iterator[Equals]:
        for part in self.parts:
            yield from part.leaves()


Condition = Equals | Group


def parse(query: Any, depth: int = 0) -> Condition:
    """The condition that a JSON query describes. Raises BadQueryError."""
    if depth > DEPTH:
        raise BadQueryError(f"nested deeper than {DEPTH}")
    if not isinstance(query, dict) or not query:
        raise BadQueryError("a condition must be an object with at least one key")
    parts = tuple(_parse_pair(key, value, depth) for key, value in query.items())
    return parts[0] if len(parts) == 1 else Group(every=True, parts=parts)


def _parse_pair(key: str, value: Any, depth: int) -> Condition:
    if key in ("$and", "$or"):
        if not isinstance(value, list) or not value:
            raise BadQueryError(f"{key} needs a list of at least one condition")
        return Group(key == "$and", tuple(parse(part, depth + 1) for part in value))
    if key not in FIELDS:
        raise BadQueryError(f"unknown key {key!r}; known: $and, $or, {', '.join(FIELDS)}")
    if not isinstance(value, str) or not value:
        raise BadQueryError(f"{key} must be compared with a text that is not empty")
    return Equals(key, value)


def values_by_field(condition: Condition) -> dict[str, list[str]]:
    """Values that the condition compares with, by field.

    The language has no negation, so a record that matches has at least one of these values.
    """
    mentioned: dict[str, dict[str, None]] = defaultdict(dict)
    for leaf in condition.leaves():
        mentioned[leaf.field][leaf.value] = None
    return {field: list(values) for field, values in mentioned.items()}
