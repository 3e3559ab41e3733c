"""Reads values of configuration into pydantic models; a mistake becomes a ``ConfigError``."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from common.configuration.places import ConfigError, Mistake, Place
from common.configuration.values import EXPECTATION, wrong
from common.expected_words import SIMPLE_TYPES

# what pydantic expected, by the type of its error; its own English words where a type is missing
EXPECTED: Mapping[str, Any] = {
    **SIMPLE_TYPES,
    "missing": gettext_lazy("a value, it is required"),
    "model_type": gettext_lazy("a mapping"),
    "dict_type": gettext_lazy("a mapping"),
    "too_short": gettext_lazy("a list that is not empty"),
    "enum": gettext_lazy("one of %s"),
    "literal_error": gettext_lazy("one of %s"),
}
QUOTED = re.compile(r"'([^']*)'")  # pydantic lists words as 'one', 'two' or 'three'
KEY_MARK = "[key]"  # the end of pydantic's path when the key itself is wrong

Model = TypeVar("Model", bound=BaseModel)


class Configured(BaseModel):
    """A mapping of a configuration file. Its keys are the names of the fields with hyphens; other
    keys are refused, and nothing is converted: ``"7"`` is no number, ``1`` no boolean."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=lambda name: name.replace("_", "-"),
    )

    @model_validator(mode="before")
    @classmethod
    def _names_the_keys_that_exist(cls, value: Any) -> Any:
        """Pydantic refuses an unknown key as well, but does not say which keys there are."""
        if isinstance(value, Mapping) and cls.model_config["extra"] == "forbid":
            known = [field.alias or name for name, field in cls.model_fields.items()]
            for key in value:
                if key not in known:
                    raise wrong(_("one of %s") % ", ".join(known), key, at=(key,))
        return value


def read(model: type[Model], value: Any, place: Place) -> Model:
    """The value as the model describes it. Raises ConfigError with every mistake that was found."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        mistakes = [_mistake(details, place) for details in error.errors(include_url=False)]
    raise ConfigError(mistakes[0].text, mistakes)


def _mistake(error: ErrorDetails, place: Place) -> Mistake:
    context = error.get("ctx", {})
    path = [key for key in error["loc"] if key != KEY_MARK]
    if error["type"] == EXPECTATION:
        shown = (*context["value"], error["input"])[0]
        return place.at(*path, *context["at"]).mistake(shown, context["expected"])
    found = None if error["type"] == "missing" else error["input"]
    expected = str(EXPECTED.get(error["type"], error["msg"]))
    if "%s" in expected:
        expected %= ", ".join(QUOTED.findall(context["expected"]))
    return place.at(*path).mistake(found, expected)
