"""``casper-conditions``: what in Casper's answer forbids a call.

    casper-conditions:
      - {field: loans.status, in: [overdue]}          # any loan of the client is overdue
      - {field: loans.status, count: received, above: 2}
      - {field: scores.activity, below: 0.1}

A field is a dotted path; a list on the way stands for each of its items.
"""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _

from apps.filters.rules.settings import Place, items_of

OPERATORS = ("in", "not-in", "below", "above")
KEYS = ("field", "count", *OPERATORS)
DEEPEST_PATH = 8


def read(value: Any, place: Place) -> list[dict[str, Any]]:
    """Reader of the setting."""
    if not isinstance(value, list) or not value:
        raise place.wrong(value, _("a list of conditions"))
    return [_condition(item, place.item(number)) for number, item in enumerate(value)]


def _condition(item: Any, place: Place) -> dict[str, Any]:
    if not isinstance(item, Mapping):
        raise place.wrong(item, _("a mapping"))
    for key in item:
        if key not in KEYS:
            raise place.at(key).wrong(key, _("one of %s") % ", ".join(KEYS))
    operators = [key for key in OPERATORS if key in item]
    if len(operators) != 1:
        raise place.wrong(operators, _("exactly one of %s") % ", ".join(OPERATORS))
    operator = operators[0]
    if "count" in item and operator not in ("below", "above"):
        raise place.at("count").wrong(item["count"], _("together with it below or above"))
    condition = {"field": _path(item.get("field"), place.at("field"))}
    if "count" in item:
        condition["count"] = _word(item["count"], place.at("count"))
    return {**condition, operator: _operand(operator, item[operator], place.at(operator))}


def _path(value: Any, place: Place) -> str:
    parts = value.split(".") if isinstance(value, str) else []
    if not 0 < len(parts) <= DEEPEST_PATH or not all(parts):
        raise place.wrong(value, _("a field of the client, e.g. loans.status"))
    return str(value)


def _word(value: Any, place: Place) -> str:
    if not isinstance(value, str) or not value:
        raise place.wrong(value, _("text"))
    return value


def _operand(operator: str, value: Any, place: Place) -> Any:
    if operator in ("in", "not-in"):
        return items_of(value, place)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise place.wrong(value, _("a number"))
    return value


def forbids(condition: Mapping[str, Any], client: Mapping[str, Any]) -> bool:
    """Whether what Casper knows of the client meets the condition."""
    found = list(_values(client, condition["field"].split(".")))
    if "count" in condition:
        found = [sum(str(value) == condition["count"] for value in found)]
    return any(_meets(condition, value) for value in found)


def _meets(condition: Mapping[str, Any], value: Any) -> bool:
    if "in" in condition:
        return str(value) in condition["in"]
    if "not-in" in condition:
        return str(value) not in condition["not-in"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if "below" in condition:
        return bool(value < condition["below"])
    return bool(value > condition["above"])


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _values(item, path)
    elif not path:
        if value is not None:
            yield value
    elif isinstance(value, Mapping):
        yield from _values(value.get(path[0]), path[1:])
