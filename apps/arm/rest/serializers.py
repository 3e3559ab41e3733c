"""Bodies of the ARM as the contract has them (appendices Д to М). Names are the contract's."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.clock import parse_moscow_minute
from common.strict_fields import Integer, Text

LONGEST_TEXT = 2048
MOSCOW_MINUTE = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{4} [0-9]{2}:[0-9]{2}")
LONGEST_ID = 2**63 - 1  # the column is a bigint


class MoscowMinute(serializers.CharField):
    """``01.12.2019 12:45``, Moscow time; becomes a moment. Refuses dates that do not exist."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        api_error = serializers.ValidationError(
            _("Expected a date and time such as 01.12.2019 12:45.")
        )
        if not MOSCOW_MINUTE.fullmatch(text):
            raise api_error
        try:
            return parse_moscow_minute(text)
        except ValueError:
            raise api_error from None


class ArmLoginRequestDto(serializers.Serializer[Any]):
    login = Text(max_length=LONGEST_TEXT, help_text=_("The operator's login"))
    password = Text(max_length=LONGEST_TEXT, help_text=_("The operator's password"))


class CommunicationResult(serializers.Serializer[Any]):
    reason = Text(
        required=False,
        default="",
        max_length=128,
        help_text=_("Reason, one of the campaign's list"),
    )
    result = Text(
        required=False,
        default="",
        max_length=128,
        help_text=_("Result, one of the campaign's list"),
    )
    comment = Text(
        required=False, default="", max_length=LONGEST_TEXT, help_text=_("The operator's comment")
    )
    callbackTime = MoscowMinute(  # noqa: N815 - the contract's name
        required=False, help_text=_("When to call back, Moscow time: 01.12.2019 12:45")
    )


class SaveCommunicationRequestDto(serializers.Serializer[Any]):
    communicationId = Integer(  # noqa: N815
        min_value=0, max_value=LONGEST_ID, help_text=_("Number of the communication")
    )
    clientPhone = serializers.RegexField(  # noqa: N815
        r"^[0-9]{11}\Z", help_text=_("The client's phone, 11 digits: 79963802789")
    )
    communicationResult = CommunicationResult(required=False)  # noqa: N815


class CommunicationIdRequestDto(serializers.Serializer[Any]):
    communicationId = Integer(  # noqa: N815
        min_value=0, max_value=LONGEST_ID, help_text=_("Number of the communication")
    )


class SetStatusRequestDto(serializers.Serializer[Any]):
    status = serializers.ChoiceField(
        choices=["READY", "BREAK"], help_text=_("READY: calls are taken. BREAK: they are not")
    )


class DictionariesRequestDto(serializers.Serializer[Any]):
    communicationId = serializers.IntegerField(  # noqa: N815 - comes in the address, so as text
        min_value=0, max_value=LONGEST_ID, help_text=_("Number of the communication")
    )
