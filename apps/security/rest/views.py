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
    AccessDenied,
    AuthenticationFailed,
    OperatorLocked,
    Role,
    TooManyAttempts,
)
from common.rest import ApiView, Refusal

OK = {"result": {"code": "OK"}}


class SecurityView(ApiView):
    """Refusals in the security service's style: ``{"result": {"code", "description"}}``."""

    refusals: ClassVar = {
        AuthenticationFailed: Refusal(200, "AUTHENTICATION_FAILED", _("Wrong login or password")),
        OperatorLocked: Refusal(200, "OPERATOR_LOCKED", _("The operator is locked")),
        AccessDenied: Refusal(200, "ACCESS_DENIED", _("Access denied")),
    }

    def refusal_of(self, error: Exception) -> Refusal | None:
        if isinstance(error, TooManyAttempts):
            return too_many_attempts(error)
        return super().refusal_of(error)

    def refused_body(self, refusal: Refusal) -> dict[str, Any]:
        result = {"code": refusal.word, "description": str(refusal.description)}
        errors = {"errors": refusal.errors} if refusal.errors else {}
        return {"result": result, **errors}


def too_many_attempts(error: TooManyAttempts) -> Refusal:
    """Too many failed log-ins, and when to come back."""
    return Refusal(
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
