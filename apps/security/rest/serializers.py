"""Bodies of the security service, as appendices Б, В and Г have them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.security.types import Role
from common.strict_fields import Boolean, Text

LONGEST_TEXT = 2048  # appendices Б to Г


class LoginRequestDto(serializers.Serializer[Any]):
    login = Text(max_length=LONGEST_TEXT, help_text=_("The operator's login"))
    password = Text(max_length=LONGEST_TEXT, help_text=_("The operator's password"))


class LogoutRequestDto(serializers.Serializer[Any]):
    token = Text(max_length=LONGEST_TEXT, help_text=_("The token given by the log-in"))


class CheckAccessRequestDto(serializers.Serializer[Any]):
    token = Text(max_length=LONGEST_TEXT, help_text=_("The token given by the log-in"))
    updateExpire = Boolean(  # noqa: N815 - the contract's name
        default=False, help_text=_("Whether the token's life starts anew with this request")
    )
    resource = Text(
        max_length=LONGEST_TEXT,
        required=False,
        help_text=_("The resource asked for, by name or address: arm, /api/arm/v1/hasChanges"),
    )
    role = serializers.ChoiceField(
        choices=[role.value for role in Role],
        default=Role.OPERATOR.value,
        help_text=_("The role asked for; OPERATOR opens every resource of the workplace"),
    )


class ResultResponseDto(serializers.Serializer[Any]):
    code = serializers.CharField(help_text=_("Code of the answer"))
    description = serializers.CharField(required=False, help_text=_("What the code means"))


class ResultOnlyDto(serializers.Serializer[Any]):
    result = ResultResponseDto()


class TokenResponseDto(serializers.Serializer[Any]):
    token = serializers.CharField(
        max_length=LONGEST_TEXT, help_text=_("The token: a JWT signed with HS512, carries jti")
    )
    operatorId = serializers.IntegerField(help_text=_("The operator's number"))  # noqa: N815


class SecurityLoginResponseDto(ResultOnlyDto):
    data = TokenResponseDto(  # type: ignore[assignment]
        required=False, help_text=_("Given on success only")
    )


class InvalidRequestDto(ResultOnlyDto):
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        help_text=_("What is wrong, by the name of the field"),
    )
