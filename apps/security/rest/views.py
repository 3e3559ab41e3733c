"""The security service's three methods [source 2.6.4]. An answer is HTTP 200 with a code, except
for a wrong body (400) and too many failed log-ins (429).
"""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from apps.security import selectors, services
from apps.security.rest import docs
from apps.security.rest.serializers import (
    CheckAccessRequestDto,
    InvalidRequestDto,
    LoginRequestDto,
    LogoutRequestDto,
    ResultOnlyDto,
    SecurityLoginResponseDto,
)
from apps.security.types import (
    AccessDeniedError,
    AuthenticationFailedError,
    OperatorLockedError,
    PasswordChangeRequiredError,
    Role,
    TooManyAttemptsError,
)
from common.rest import ApiError, ApiView

OK = {"code": "OK"}


# Base of the security service's views. Errors are written as {"result": {"code", "description"}}.
# No docstring: the published schema would give it to every method.
class SecurityView(ApiView):
    api_errors: ClassVar = {
        AuthenticationFailedError: ApiError(
            200, "AUTHENTICATION_FAILED", _("Wrong login or password")
        ),
        OperatorLockedError: ApiError(200, "OPERATOR_LOCKED", _("The operator is locked")),
        PasswordChangeRequiredError: ApiError(
            200, "PASSWORD_CHANGE_REQUIRED", _("Change the password first, at /arm/password/")
        ),
        AccessDeniedError: ApiError(200, "ACCESS_DENIED", _("Access denied")),
    }

    def api_error_of(self, error: Exception) -> ApiError | None:
        if isinstance(error, TooManyAttemptsError):
            return too_many_attempts(error)
        return super().api_error_of(error)

    def error_body(self, api_error: ApiError) -> dict[str, Any]:
        result = {"code": api_error.word, "description": api_error.description}
        if api_error.errors:
            return InvalidRequestDto.body_of({"result": result, "errors": api_error.errors})
        return ResultOnlyDto.body_of({"result": result})


def too_many_attempts(error: TooManyAttemptsError) -> ApiError:
    """The answer to too many failed log-ins, with the seconds to wait."""
    return ApiError(
        429,
        "TOO_MANY_ATTEMPTS",
        _("Too many failed log-ins. Try again later."),
        headers={"Retry-After": str(error.retry_after_seconds)},
    )


class LoginView(SecurityView):
    @docs.login
    def post(self, request: Request) -> Response:
        body = LoginRequestDto(data=request.data)
        body.is_valid(raise_exception=True)
        issued = services.log_in(request._request, **body.validated_data)
        return Response(SecurityLoginResponseDto.body_of({"result": OK, "data": issued}))


class LogoutView(SecurityView):
    @docs.logout
    def post(self, request: Request) -> Response:
        body = LogoutRequestDto(data=request.data)
        body.is_valid(raise_exception=True)
        address = selectors.client_address(request._request)
        services.log_out(body.validated_data["token"], address)
        return Response(ResultOnlyDto.body_of({"result": OK}))


class CheckAccessView(SecurityView):
    @docs.check_access
    def post(self, request: Request) -> Response:
        body = CheckAccessRequestDto(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        services.check_access(
            asked["token"],
            Role(asked["role"]),
            asked.get("resource"),
            slide=asked["update_expire"],
        )
        return Response(ResultOnlyDto.body_of({"result": OK}))
