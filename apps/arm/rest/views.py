"""The operator workplace's REST API (section 2.6.5)."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.arm import client_card, services
from apps.arm.changes import Changes
from apps.arm.rest import answers
from apps.arm.rest.serializers import (
    ArmLoginRequestDto,
    CommunicationIdRequestDto,
    DictionariesRequestDto,
    SaveCommunicationRequestDto,
    SetStatusRequestDto,
)
from apps.campaigns.types import (
    CommunicationNotFoundError,
    InvalidResultError,
    ResultConflictError,
    ResultForm,
)
from apps.security.types import (
    AccessDeniedError,
    AuthenticationFailedError,
    OperatorLockedError,
    TooManyAttemptsError,
)
from common.clock import now
from common.rest import ApiError, ApiView, invalid_request

OK = {"status": "OK"}
SCHEME = "Bearer "
Method = TypeVar("Method", bound=Callable[..., Response])

DENIED = ApiError(401, "ACCESS_DENIED", _("Access denied"), headers={"WWW-Authenticate": "Bearer"})
ERRORS = {
    400: OpenApiResponse(answers.ErrorResponseDto, _("INVALID_REQUEST: the body is not right")),
    401: OpenApiResponse(answers.ErrorResponseDto, _("ACCESS_DENIED: no live token")),
}
NOT_FOUND = {
    404: OpenApiResponse(answers.ErrorResponseDto, _("NOT_FOUND: no such communication of yours")),
}
CONFLICT = {
    409: OpenApiResponse(
        answers.ErrorResponseDto,
        _("CONFLICT: another result was saved, or the phone is not the communication's"),
    ),
}


def _documented(name: str, summary: Any, **options: Any) -> Callable[[Method], Method]:
    return extend_schema(operation_id=name, summary=summary, tags=["arm"], **options)


class ArmView(ApiView):
    """Refusals in the ARM's style: ``{"status", "description", "errors"?}`` with the matching HTTP
    status.
    """

    api_errors: ClassVar = {
        AccessDeniedError: DENIED,
        AuthenticationFailedError: ApiError(
            401, "AUTHENTICATION_FAILED", _("Wrong login or password")
        ),
        OperatorLockedError: ApiError(401, "OPERATOR_LOCKED", _("The operator is locked")),
        CommunicationNotFoundError: ApiError(404, "NOT_FOUND", _("There is no such communication")),
    }

    def api_error_of(self, error: Exception) -> ApiError | None:
        if isinstance(error, InvalidResultError):
            return invalid_request(error.errors)
        if isinstance(error, ResultConflictError):
            return ApiError(409, "CONFLICT", str(error))
        if isinstance(error, TooManyAttemptsError):
            return ApiError(
                429,
                "TOO_MANY_ATTEMPTS",
                _("Too many failed log-ins. Try again later."),
                headers={"Retry-After": str(error.retry_after_seconds)},
            )
        return super().api_error_of(error)

    def error_body(self, api_error: ApiError) -> dict[str, Any]:
        errors = {"errors": api_error.errors} if api_error.errors else {}
        return {"status": api_error.word, "description": str(api_error.description), **errors}

    @staticmethod
    def token_of(request: Request) -> str:
        """The token of the Authorization header. Raises AccessDeniedError where there is none."""
        header = request.headers.get("Authorization", "")
        if not header.startswith(SCHEME):
            raise AccessDeniedError
        return header.removeprefix(SCHEME).strip()

    def operator_of(self, request: Request) -> int:
        return services.operator_of(self.token_of(request))

    @staticmethod
    def validated(serializer_class: Any, source: Any) -> dict[str, Any]:
        serializer = serializer_class(data=source)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


class LoginView(ArmView):
    @_documented(
        "armLogin",
        _("Authentication"),
        request=ArmLoginRequestDto,
        auth=[],
        responses={
            200: answers.ArmLoginResponseDto,
            400: ERRORS[400],
            401: OpenApiResponse(
                answers.ErrorResponseDto, _("AUTHENTICATION_FAILED or OPERATOR_LOCKED")
            ),
            429: OpenApiResponse(answers.ErrorResponseDto, _("TOO_MANY_ATTEMPTS, see Retry-After")),
        },
    )
    def post(self, request: Request) -> Response:
        body = self.validated(ArmLoginRequestDto, request.data)
        issued = services.log_in(request._request, body["login"], body["password"])
        name = {"name": issued.first_name, "lastName": issued.last_name}
        return Response({**OK, "data": {"token": issued.token, "operator": name}})


class LogoutView(ArmView):
    @_documented(
        "armLogout",
        _("Logging out of the system"),
        responses={200: answers.StatusResponseDto, 401: ERRORS[401]},
    )
    def get(self, request: Request) -> Response:
        token = self.token_of(request)
        services.operator_of(token)
        services.log_out(token)
        return Response(OK)


class HasChangesView(ArmView):
    @_documented(
        "armHasChanges",
        _("What the page should react to now"),
        responses={200: answers.HasChangesResponseDto, 401: ERRORS[401]},
    )
    def get(self, request: Request) -> Response:
        changes = services.what_changed(self.token_of(request))
        return Response({**OK, "data": changes_body(changes)})


class ClientCardView(ArmView):
    @_documented(
        "armGetClientCard",
        _("The client card of the current communication"),
        responses={200: answers.GetClientCardResponseDto, 401: ERRORS[401], **NOT_FOUND},
    )
    def get(self, request: Request) -> Response:
        card = services.current_card(self.operator_of(request), now())
        return Response({**OK, "data": {"clientCard": card}})


class ClientCardByIdView(ArmView):
    @_documented(
        "armGetClientCardByCommunicationId",
        _("The client card of one of the operator's own communications"),
        request=CommunicationIdRequestDto,
        responses={200: answers.GetClientCardResponseDto, **ERRORS, **NOT_FOUND},
    )
    def post(self, request: Request) -> Response:
        operator_id = self.operator_of(request)
        body = self.validated(CommunicationIdRequestDto, request.data)
        card = services.card_of(operator_id, body["communicationId"], now())
        return Response({**OK, "data": {"clientCard": card}})


class ReworkListView(ArmView):
    @_documented(
        "armListCommunications",
        _("The operator's unfinished communications"),
        responses={200: answers.CommunicationListResponseDto, 401: ERRORS[401]},
    )
    def get(self, request: Request) -> Response:
        communications = services.rework_list(self.operator_of(request))
        bodies = [client_card.rework_body(communication) for communication in communications]
        return Response({**OK, "data": {"communications": bodies}})


class SaveDraftView(ArmView):
    @_documented(
        "armSaveCommunicationDraft",
        _("Save what was filled in so far"),
        request=SaveCommunicationRequestDto,
        responses={200: answers.StatusResponseDto, **ERRORS, **NOT_FOUND, **CONFLICT},
    )
    def post(self, request: Request) -> Response:
        operator_id = self.operator_of(request)
        body = self.validated(SaveCommunicationRequestDto, request.data)
        services.save_draft(form_of(operator_id, body))
        return Response(OK)


class SaveResultView(ArmView):
    @_documented(
        "armSaveCommunicationResult",
        _("Save the result of the conversation"),
        request=SaveCommunicationRequestDto,
        responses={200: answers.StatusResponseDto, **ERRORS, **NOT_FOUND, **CONFLICT},
    )
    def post(self, request: Request) -> Response:
        operator_id = self.operator_of(request)
        body = self.validated(SaveCommunicationRequestDto, request.data)
        services.save_result(form_of(operator_id, body), now())
        return Response(OK)


class DictionariesView(ArmView):
    @_documented(
        "armDictionaries",
        _("Reasons and results that the form of a communication offers"),
        parameters=[
            OpenApiParameter(
                "communicationId", int, required=True, description=_("Number of the communication")
            )
        ],
        responses={200: answers.DictionariesResponseDto, **ERRORS, **NOT_FOUND},
    )
    def get(self, request: Request) -> Response:
        operator_id = self.operator_of(request)
        asked = self.validated(DictionariesRequestDto, request.query_params)
        choices = services.form_choices(operator_id, asked["communicationId"])
        data = {
            "reasons": [{"id": number, "text": text} for number, text in choices.reasons],
            "results": [
                {
                    "id": choice.id,
                    "text": choice.text,
                    "meaning": choice.meaning.value,
                    "needsCallbackTime": choice.needs_callback_time,
                }
                for choice in choices.results
            ],
        }
        return Response({**OK, "data": data})


class SetStatusView(ArmView):
    @_documented(
        "armSetStatus",
        _("Take calls, or have a break"),
        request=SetStatusRequestDto,
        responses={200: answers.StatusResponseDto, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        operator_id = self.operator_of(request)
        body = self.validated(SetStatusRequestDto, request.data)
        services.set_presence(operator_id, ready=body["status"] == "READY")
        return Response(OK)


def changes_body(changes: Changes) -> dict[str, Any]:
    """``data`` of ``hasChanges``."""
    body: dict[str, Any] = {
        "hasChanges": bool(changes.names),
        "changes": list(changes.names),
        "operatorStatus": changes.status.value,
    }
    if changes.communication_id is not None:
        body["communicationId"] = changes.communication_id
    if changes.result_due_at is not None:
        body["resultDueAt"] = changes.result_due_at.isoformat()
    return body


def form_of(operator_id: int, body: dict[str, Any]) -> ResultForm:
    """The operator's form, as the campaign engine takes it."""
    filled_in = body.get("communicationResult", {})
    return ResultForm(
        communication_id=body["communicationId"],
        operator_id=operator_id,
        phone=body["clientPhone"],
        reason=filled_in.get("reason", "").strip(),
        result=filled_in.get("result", "").strip(),
        comment=filled_in.get("comment", "").strip(),
        callback_at=filled_in.get("callbackTime"),
    )
