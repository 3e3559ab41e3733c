"""Serializer fields that accept only the JSON type of the contract: ``"7"`` is not a number here,
and ``1`` is not a boolean.
"""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class Text(serializers.CharField):
    """A JSON string, kept as it is: not trimmed, may be empty. Refuses other types, and strings
    with half of a surrogate pair, which cannot be encoded or stored.
    """

    default_error_messages: ClassVar = {"invalid": _("Expected a text.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "allow_blank": True, **options})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or (not data.isprintable() and _is_broken(data)):
            self.fail("invalid")
        return super().to_internal_value(data)


class Integer(serializers.IntegerField):
    """A JSON integer; refuses ``7.0`` and ``"7"``."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class Boolean(serializers.BooleanField):
    """JSON's ``true`` or ``false``; refuses ``1`` and ``"true"``."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Choice(serializers.ChoiceField):
    """One of the words of a choice, as a JSON string; refuses whatever only looks like it."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


def _is_broken(text: str) -> bool:
    return any(0xD800 <= ord(letter) <= 0xDFFF for letter in text)
