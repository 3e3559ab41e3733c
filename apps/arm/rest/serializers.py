"""Bodies of the ARM's requests as the contract has them [source appendices Д to М]."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.arm.rest.fields import MinuteOfRequest
from apps.arm.rest.phones import ClientPhone
from apps.arm.types import OperatorStatus
from common.serializers import CamelCaseSerializer
from common.strict_fields import Boolean, Choice, Integer, Text

LONGEST_TEXT = 2048
LONGEST_ID = 2**63 - 1  # the column is a bigint
LONGEST_VERSION = 2**15 - 1  # the column is a smallint
CHOSEN_STATUSES = (OperatorStatus.READY, OperatorStatus.BREAK)  # the others follow from events


class ArmLoginRequestDto(CamelCaseSerializer):
    login = Text(max_length=LONGEST_TEXT, help_text=_("The operator's login"))
    password = Text(max_length=LONGEST_TEXT, help_text=_("The operator's password"))
    take_over = Boolean(
        default=False, help_text=_("Whether to log the operator out at all other places")
    )


class CommunicationResult(CamelCaseSerializer):
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
    callback_time = MinuteOfRequest(
        source="callback_at",
        required=False,
        help_text=_("When to call back, Moscow time: 01.12.2019 12:45"),
    )


class SaveCommunicationRequestDto(CamelCaseSerializer):
    communication_id = Integer(
        min_value=0, max_value=LONGEST_ID, help_text=_("Number of the communication")
    )
    client_phone = ClientPhone()
    communication_result = CommunicationResult(required=False)


class CorrectResultRequestDto(CamelCaseSerializer):
    communication_id = Integer(
        min_value=0, max_value=LONGEST_ID, help_text=_("Number of the communication")
    )
    communication_result = CommunicationResult()
    version = Integer(
        required=False,
        min_value=1,
        max_value=LONGEST_VERSION,
        help_text=_("The version that is corrected; another one is CONFLICT"),
    )


class CommunicationIdRequestDto(CamelCaseSerializer):
    communication_id = Integer(
        min_value=0, max_value=LONGEST_ID, help_text=_("Number of the communication")
    )


class SetStatusRequestDto(CamelCaseSerializer):
    status = Choice(
        choices=[(status.value, status.label) for status in CHOSEN_STATUSES],
        help_text=_("READY: calls are taken. BREAK: they are not"),
    )


class DictionariesRequestDto(CamelCaseSerializer):
    # comes in the address, so as text
    communication_id = serializers.IntegerField(
        min_value=0, max_value=LONGEST_ID, help_text=_("Number of the communication")
    )
