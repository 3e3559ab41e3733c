"""Reads the answers of outside services by their contract: one pydantic model for each answer.

    class Found(AnswerModel):
        records: Items[Record]

    found = read_answer("blacklist", Found, body)

Whatever does not fit is a ContractError. Its text names the field and what was expected there. It
quotes no value of the answer, since that may be personal data, so it may be logged.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Annotated, Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, Strict, ValidationError
from pydantic_core import PydanticCustomError

from common.expected_words import SIMPLE_TYPES
from common.service_errors import ContractError

MOMENT, ZONE = "iso_moment", "moment_with_zone"  # our own kinds of flaws, next to pydantic's
LONGEST_TEXT = 200  # of an error; a path is as long as the models are deep

EXPECTED = {
    **SIMPLE_TYPES,
    "missing": _("a value"),
    "dict_type": _("an object"),
    "model_type": _("an object"),
    MOMENT: _("a date and time in ISO 8601"),
    ZONE: _("a time with its zone"),
}

Item = TypeVar("Item")
Read = TypeVar("Read", bound="AnswerModel")


class AnswerModel(BaseModel):
    """Base class of answers and their parts. No type is converted: a number that comes as text
    breaks the contract, and true is no number. Fields that a model does not name are ignored.
    """

    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True)


# A list whose first flaw ends the reading: a million of them would fill the memory.
Items = Annotated[list[Item], Field(fail_fast=True)]
# A service's own name of a thing. It is text here even where the service counts its things.
Key = Annotated[str, Strict(False), Field(coerce_numbers_to_str=True)]
Number = Annotated[float, Field(allow_inf_nan=False)]


def iso_moment(value: Any, zone: tzinfo | None = None) -> datetime:
    """Return a date and time of ISO 8601. One without a zone is in ``zone``, or refused.

    For a PlainValidator. Raises PydanticCustomError.
    """
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise PydanticCustomError(MOMENT, "not an ISO date and time") from None
    if moment.tzinfo is not None:
        return moment
    if zone is None:
        raise PydanticCustomError(ZONE, "no time zone")
    return moment.replace(tzinfo=zone)


Moment = Annotated[datetime, PlainValidator(partial(iso_moment, zone=None))]
UtcMoment = Annotated[datetime, PlainValidator(partial(iso_moment, zone=UTC))]


def read_answer(service: str, model: type[Read], body: Any) -> Read:
    """Return the JSON value ``body`` as ``model``. Raises ContractError."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise contract_error(service, error) from None


def contract_error(service: str, error: ValidationError) -> ContractError:
    """Return the ContractError of what pydantic refused."""
    # the last one: where several models were tried, that of the most lenient
    flaw = error.errors(include_url=False, include_context=False, include_input=False)[-1]
    expected = EXPECTED.get(flaw["type"], _("another value"))
    return broken_contract(service, _path(flaw["loc"]), expected)


def broken_contract(service: str, field: str, expected: str | Promise) -> ContractError:
    """Return the error about one field, such as ``records[2].phone``; "" is the whole answer.

    Neither ``field`` nor ``expected`` may hold a value of the answer.
    """
    what = gettext("the answer does not fit the contract: field %(field)s, expected: %(expected)s")
    place = field or gettext("(the whole answer)")
    return ContractError(service, (what % {"field": place, "expected": expected})[:LONGEST_TEXT])


def _path(steps: Sequence[int | str]) -> str:
    """Return e.g. ``records[2].phone``. A step that begins with an underscore is no field, but a
    model that was tried. No step is a value of the answer, as no model has keys of its own.
    """
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not step.startswith("_"):
            path += f".{step}"
    return path.removeprefix(".")
