"""Fields that take what the contract says and nothing that merely resembles it: ``"7"`` is no
number, ``1`` no boolean.
"""

from typing import Any

from rest_framework import serializers


class Text(serializers.CharField):
    """A JSON string, kept as it is. Refuses numbers, and half characters that no encoding can
    carry.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "allow_blank": True, **options})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or (not data.isprintable() and _is_broken(data)):
            self.fail("invalid")
        return super().to_internal_value(data)


class Integer(serializers.IntegerField):
    """A JSON integer."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class Boolean(serializers.BooleanField):
    """JSON's ``true`` or ``false``."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


def _is_broken(text: str) -> bool:
    return any(0xD800 <= ord(letter) <= 0xDFFF for letter in text)
