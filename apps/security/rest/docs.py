"""The published description of the security service's methods, with examples."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from apps.security.rest.serializers import (
    CheckAccessRequestDto,
    InvalidRequestDto,
    LoginRequestDto,
    LogoutRequestDto,
    ResultOnlyDto,
    SecurityLoginResponseDto,
)
from common.api_docs import TOKEN, FieldDocs, describe_fields

TAG = "security"

FIELDS = {
    "CheckAccessRequestDto.token": FieldDocs(example=TOKEN),
    "CheckAccessRequestDto.updateExpire": FieldDocs(example=True),
    "CheckAccessRequestDto.resource": FieldDocs(example="arm"),
    "CheckAccessRequestDto.role": FieldDocs(example="OPERATOR"),
    "InvalidRequestDto.result": FieldDocs(description=_("Code and description of the answer")),
    "InvalidRequestDto.errors": FieldDocs(example={"token": ["Обязательное поле."]}),
    "LoginRequestDto.login": FieldDocs(example="somelogin"),
    "LoginRequestDto.password": FieldDocs(example="somepassword"),
    "LogoutRequestDto.token": FieldDocs(example=TOKEN),
    "ResultOnlyDto.result": FieldDocs(description=_("Code and description of the answer")),
    "ResultResponseDto.code": FieldDocs(example="OK"),
    "ResultResponseDto.description": FieldDocs(example="Доступ запрещен"),
    "SecurityLoginResponseDto.result": FieldDocs(
        description=_("Code and description of the answer")
    ),
    "TokenResponseDto.token": FieldDocs(example=TOKEN),
    "TokenResponseDto.operatorId": FieldDocs(example=683),
}


def describe(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """A hook of the published schema: writes the table into it."""
    describe_fields(result, FIELDS)
    return result


def _example(name: Any, body: dict[str, Any], status: int = 200) -> OpenApiExample:
    return OpenApiExample(str(name), value=body, response_only=True, status_codes=[str(status)])


def _error(code: str, description: str) -> dict[str, Any]:
    return {"result": {"code": code, "description": description}}


OK = _example("OK", {"result": {"code": "OK"}})
DENIED = _example("ACCESS_DENIED", _error("ACCESS_DENIED", "Доступ запрещен"))
INVALID = _example(
    "INVALID_REQUEST",
    {
        **_error("INVALID_REQUEST", "Неверный запрос: token: Обязательное поле."),
        "errors": {"token": ["Обязательное поле."]},
    },
    status=400,
)
BAD_BODY = OpenApiResponse(
    InvalidRequestDto,
    _("INVALID_REQUEST: the body is not JSON or not what is described here; errors name the field"),
)

TOO_MANY = OpenApiResponse(
    ResultOnlyDto, _("TOO_MANY_ATTEMPTS: too many failed log-ins with this login or address")
)

login = extend_schema(
    operation_id="securityLogin",
    tags=[TAG],
    summary=_("Authentication"),
    description=_(
        "Gives a token for a login and a password. Codes: OK; AUTHENTICATION_FAILED - wrong login "
        "or password; OPERATOR_LOCKED - the password is right, but the operator is locked; "
        "PASSWORD_CHANGE_REQUIRED - the password is right, but somebody else set it: its owner "
        "changes it at /arm/password/ first."
    ),
    request=LoginRequestDto,
    responses={200: SecurityLoginResponseDto, 400: BAD_BODY, 429: TOO_MANY},
    parameters=[
        OpenApiParameter(
            "Retry-After",
            int,
            OpenApiParameter.HEADER,
            response=[429],
            description=_("In how many seconds to try again"),
        )
    ],
    examples=[
        _example("OK", {"result": {"code": "OK"}, "data": {"token": TOKEN, "operatorId": 683}}),
        _example(
            "AUTHENTICATION_FAILED",
            _error("AUTHENTICATION_FAILED", "Неверный логин или пароль"),
        ),
        _example(
            "PASSWORD_CHANGE_REQUIRED",
            _error("PASSWORD_CHANGE_REQUIRED", "Сначала смените пароль на странице /arm/password/"),
        ),
        _example("OPERATOR_LOCKED", _error("OPERATOR_LOCKED", "Оператор заблокирован")),
        INVALID,
        _example(
            "TOO_MANY_ATTEMPTS",
            _error("TOO_MANY_ATTEMPTS", "Слишком много неудачных попыток входа. Повторите позже."),
            status=429,
        ),
    ],
)

logout = extend_schema(
    operation_id="securityLogout",
    tags=[TAG],
    summary=_("Logging out"),
    description=_("Ends the token at once. A token that is already dead is OK too."),
    request=LogoutRequestDto,
    responses={200: ResultOnlyDto, 400: BAD_BODY},
    examples=[OK, INVALID],
)

check_access = extend_schema(
    operation_id="securityCheckAccess",
    tags=[TAG],
    summary=_("Authorisation"),
    description=_(
        "Tells whether the token's operator may open a resource. Codes: OK; ACCESS_DENIED - the "
        "token is unknown, expired or revoked, the operator is locked, or the right is missing. "
        "The role OPERATOR opens every resource of the workplace; a senior operator may also open "
        "the back office; an administrator may open everything."
    ),
    request=CheckAccessRequestDto,
    responses={200: ResultOnlyDto, 400: BAD_BODY},
    examples=[OK, DENIED, INVALID],
)
