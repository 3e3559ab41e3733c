"""``casper-conditions``: what in Casper's answer forbids a call.

    casper-conditions:
      - {field: loans.status, in: [overdue]}          # any loan of the client is overdue
      - {field: loans.status, count: received, above: 2}
      - {field: scores.activity, below: 0.1}

A field is a dotted path; a list on the way stands for each of its items.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Annotated, Any

from django import forms
from django.utils.translation import gettext as _
from pydantic import Field, model_validator

from apps.filters.rules.settings import Items, Setting, text_area
from common.configuration import Configured, expecting, parse_yaml, write_yaml, wrong

OPERATORS = ("in", "not-in", "below", "above")
DEEPEST_PATH = 8

Path = Annotated[
    str,
    expecting(
        lambda: _("a field of the client, e.g. loans.status"),
        lambda path: all(path.split(".")) and path.count(".") < DEEPEST_PATH,
    ),
]
Value = Annotated[str, expecting(lambda: _("text"), len)]
Bound = Annotated[int | float, expecting(lambda: _("a number"), isfinite)]


class Condition(Configured):
    """One condition as it is written. Exactly one of ``OPERATORS`` is given; ``count`` asks how
    many values of the field equal it, and goes with a number to compare with."""

    field: Path
    count: Value = ""
    in_: Items = Field(default=[], alias="in")
    not_in: Items = []
    below: Bound = 0
    above: Bound = 0

    @model_validator(mode="after")
    def _has_one_operator(self) -> "Condition":
        given = self.model_dump(by_alias=True, exclude_unset=True)
        operators = [key for key in OPERATORS if key in given]
        if len(operators) != 1:
            raise wrong(_("exactly one of %s") % ", ".join(OPERATORS), operators)
        if "count" in given and operators[0] not in ("below", "above"):
            raise wrong(_("together with it below or above"), self.count, at=("count",))
        return self


@dataclass(frozen=True, kw_only=True)
class Conditions(Setting):
    """A list of conditions; the form shows them as YAML."""

    @property
    def value_type(self) -> Any:
        return Annotated[list[Condition], Field(min_length=1)]

    def form_field(self, value: Any) -> forms.Field:
        text = write_yaml(value, in_lines=False) if value else ""
        return text_area(text.splitlines(), self._words())

    def from_form(self, value: Any) -> Any:
        return parse_yaml(value)


def forbids(condition: Mapping[str, Any], client: Mapping[str, Any]) -> bool:
    """Whether what Casper knows of the client meets the stored condition."""
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
