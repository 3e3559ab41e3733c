"""Bodies of the security service's requests and answers [source appendices Б, В and Г]."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.security.types import Role
from common.serializers import CamelCaseSerializer
from common.strict_fields import Boolean, Choice, Text

LONGEST_TEXT = 2048  # of the contract


class LoginRequestDto(CamelCaseSerializer):
    login = Text(max_length=LONGEST_TEXT, help_text=_("The operator's login"))
    password = Text(max_length=LONGEST_TEXT, help_text=_("The operator's password"))


class LogoutRequestDto(CamelCaseSerializer):
    token = Text(max_length=LONGEST_TEXT, help_text=_("The token given by the log-in"))


class CheckAccessRequestDto(CamelCaseSerializer):
    token = Text(max_length=LONGEST_TEXT, help_text=_("The token given by the log-in"))
    update_expire = Boolean(
        default=False, help_text=_("Whether the token's life starts anew with this request")
    )
    resource = Text(
        max_length=LONGEST_TEXT,
        required=False,
        help_text=_("The resource asked for, by name or address: arm, /api/arm/v1/hasChanges"),
    )
    role = Choice(
        choices=Role.choices,
        default=Role.OPERATOR,
        help_text=_("The role asked for; OPERATOR opens every resource of the workplace"),
    )


class ResultResponseDto(CamelCaseSerializer):
    code = serializers.CharField(help_text=_("Code of the answer"))
    description = serializers.CharField(required=False, help_text=_("What the code means"))


class ResultOnlyDto(CamelCaseSerializer):
    result = ResultResponseDto()


class TokenResponseDto(CamelCaseSerializer):
    token = serializers.CharField(
        max_length=LONGEST_TEXT, help_text=_("The token: a JWT signed with HS512, carries jti")
    )
    operator_id = serializers.IntegerField(help_text=_("The operator's number"))


class SecurityLoginResponseDto(ResultOnlyDto):
    data = TokenResponseDto(  # type: ignore[assignment]
        required=False, help_text=_("Given on success only")
    )


class InvalidRequestDto(ResultOnlyDto):
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        help_text=_("What is wrong, by the name of the field"),
    )
