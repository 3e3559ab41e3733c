"""Phones in the ARM's bodies: whole or masked, as the setting ``ARM_PHONES`` says."""

import re
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from common.phones import masked
from common.strict_fields import Text

FULL, MASKED = "full", "masked"  # what ARM_PHONES may be
FULL_EXAMPLE, MASKED_EXAMPLE = "79963802789", masked("79963802789")
FULL_PATTERN = "[0-9]{11}"
MASKED_PATTERN = r"\+7 \(\*{3}\) \*{3}-[0-9]{2}-[0-9]{2}"
GIVEN = {
    FULL: re.compile(FULL_PATTERN),
    MASKED: re.compile(f"{FULL_PATTERN}|{MASKED_PATTERN}"),
}


def are_masked() -> bool:
    """Whether phones leave this installation masked."""
    masks: bool = settings.ARM_PHONES == MASKED
    return masks


def may_be_revealed() -> bool:
    """Whether an operator may ask for the whole number of the present client."""
    allowed: bool = settings.ARM_REVEAL_PHONE
    return allowed


class Phone(serializers.CharField):
    """A phone of an answer: ``79963802789``, or ``+7 (***) ***-27-89``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"help_text": _("Phone, whole or masked as the example"), **options})

    def to_representation(self, value: str) -> str:
        return masked(value) if are_masked() else value


class WholePhone(serializers.CharField):
    """A phone that an operator asked for: ``79963802789``, whatever the mode."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"help_text": _("The whole phone"), **options})


class ClientPhone(Text):
    """A phone of a request: whole, or as an answer of this installation had it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{
                "help_text": _("The client's phone as the card has it, or whole"),
                "allow_blank": False,
                **options,
            }
        )

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not GIVEN[settings.ARM_PHONES].fullmatch(text):
            raise serializers.ValidationError(_("Expected the phone as the card has it."))
        return text


class PhoneSchema(OpenApiSerializerFieldExtension):
    """What the published schema says of a phone in this installation."""

    target_class = "apps.arm.rest.phones.Phone"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        if are_masked():
            return _schema(MASKED_PATTERN, MASKED_EXAMPLE)
        return {**_schema(FULL_PATTERN, FULL_EXAMPLE), "minLength": 11, "maxLength": 11}


class WholePhoneSchema(OpenApiSerializerFieldExtension):
    """What the published schema says of a phone that was asked for."""

    target_class = "apps.arm.rest.phones.WholePhone"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return _schema(FULL_PATTERN, FULL_EXAMPLE)


class ClientPhoneSchema(OpenApiSerializerFieldExtension):
    """What the published schema says of a phone in a request to this installation."""

    target_class = "apps.arm.rest.phones.ClientPhone"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        if are_masked():
            return _schema(f"({FULL_PATTERN}|{MASKED_PATTERN})", MASKED_EXAMPLE)
        return _schema(FULL_PATTERN, FULL_EXAMPLE)


def _schema(pattern: str, example: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern}$", "example": example}
