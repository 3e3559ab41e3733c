"""The security service's three methods (section 2.6.4). Answers are HTTP 200 with a code, save for
a bad body and haste.
"""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from apps.security import services
from apps.security.rest import docs
from apps.security.rest.serializers import (
    CheckAccessRequestDto,
    LoginRequestDto,
    LogoutRequestDto,
)
from apps.security.types import (
    AccessDeniedError,
    AuthenticationFailedError,
    OperatorLockedError,
    Role,
    TooManyAttemptsError,
)
from common.rest import ApiError, ApiView

OK = {"result": {"code": "OK"}}


class SecurityView(ApiView):
    """Refusals in the security service's style: ``{"result": {"code", "description"}}``."""

    api_errors: ClassVar = {
        AuthenticationFailedError: ApiError(
            200, "AUTHENTICATION_FAILED", _("Wrong login or password")
        ),
        OperatorLockedError: ApiError(200, "OPERATOR_LOCKED", _("The operator is locked")),
        AccessDeniedError: ApiError(200, "ACCESS_DENIED", _("Access denied")),
    }

    def api_error_of(self, error: Exception) -> ApiError | None:
        if isinstance(error, TooManyAttemptsError):
            return too_many_attempts(error)
        return super().api_error_of(error)

    def error_body(self, api_error: ApiError) -> dict[str, Any]:
        result = {"code": api_error.word, "description": str(api_error.description)}
        errors = {"errors": api_error.errors} if api_error.errors else {}
        return {"result": result, **errors}


def too_many_attempts(error: TooManyAttemptsError) -> ApiError:
    """Too many failed log-ins, and when to come back."""
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
        return Response({**OK, "data": {"token": issued.token, "operatorId": issued.operator_id}})


class LogoutView(SecurityView):
    @docs.logout
    def post(self, request: Request) -> Response:
        body = LogoutRequestDto(data=request.data)
        body.is_valid(raise_exception=True)
        services.log_out(body.validated_data["token"])
        return Response(OK)


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
            slide=asked["updateExpire"],
        )
        return Response(OK)
