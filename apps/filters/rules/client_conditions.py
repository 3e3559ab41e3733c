"""``casper-conditions``: what in Casper's answer forbids a call.

    casper-conditions:
      - {field: loans.status, in: [overdue]}          # any loan of the client is overdue
      - {field: loans.status, count: received, above: 2}
      - {field: scores.activity, below: 0.1}

A field is a dotted path; a list on the way stands for each of its items. Words are compared without
case, numbers as decimals. A field that Casper does not give meets no condition; one of another type
than the condition compares breaks the contract, so that nobody passes by an answer that nobody can
read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any

from django import forms
from django.utils.translation import gettext as _
from pydantic import Field, model_validator

from apps.filters.rules.settings import Items, Setting, text_area
from common.configuration import Configured, expecting, parse_yaml, write_yaml, wrong
from common.contracts import broken_contract

SERVICE = "casper"  # whose answer the conditions read
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
    """Whether what Casper knows of the client meets the stored condition.

    Raises ContractError, which names the field, when a value is not of the type that the condition
    compares: text where a number is due, an object where a word is.
    """
    field: str = condition["field"]
    found = list(_values(client, field.split("."), field))
    if "count" in condition:
        counted = condition["count"].casefold()
        return _is_beyond(
            condition, Decimal(sum(_word(value, field) == counted for value in found))
        )
    if "in" in condition:
        return any(_word(value, field) in _words(condition["in"]) for value in found)
    if "not-in" in condition:
        return any(_word(value, field) not in _words(condition["not-in"]) for value in found)
    return any(_is_beyond(condition, _number(value, field)) for value in found)


def _words(listed: list[str]) -> set[str]:
    return {word.casefold() for word in listed}


def _is_beyond(condition: Mapping[str, Any], number: Decimal) -> bool:
    if "below" in condition:
        return number < Decimal(str(condition["below"]))
    return number > Decimal(str(condition["above"]))


def _word(value: Any, field: str) -> str:
    if not isinstance(value, str | int | float):
        raise broken_contract(SERVICE, field, _("text"))
    return str(value).casefold()


def _number(value: Any, field: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise broken_contract(SERVICE, field, _("a number"))
    return Decimal(str(value))


def _values(value: Any, path: list[str], field: str) -> Iterator[Any]:
    if value is None:
        return
    if isinstance(value, list):
        for item in value:
            yield from _values(item, path, field)
    elif not path:
        yield value
    elif isinstance(value, Mapping):
        yield from _values(value.get(path[0]), path[1:], field)
    else:
        raise broken_contract(SERVICE, field, _("an object"))
