"""The operator workplace's REST API [source 2.6.5]."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.arm import selectors, services
from apps.arm.rest import answers, event_stream
from apps.arm.rest.phones import may_be_revealed
from apps.arm.rest.reveals import count_reveal
from apps.arm.rest.serializers import (
    ArmLoginRequestDto,
    CommunicationIdRequestDto,
    CorrectResultRequestDto,
    DictionariesRequestDto,
    SaveCommunicationRequestDto,
    SetStatusRequestDto,
)
from apps.arm.types import OperatorStatus
from apps.campaigns.types import (
    CommunicationNotFoundError,
    Correction,
    CorrectionTooLateError,
    InvalidResultError,
    ResultConflictError,
    ResultForm,
)
from apps.security import selectors as security_selectors
from apps.security.types import (
    AccessDeniedError,
    AuthenticationFailedError,
    LockedSinceError,
    OpenElsewhereError,
    OperatorLockedError,
    PasswordChangeRequiredError,
    TooManyAttemptsError,
    Visitor,
)
from common.clock import now
from common.rest import ApiError, ApiView, ErrorResponseDto, invalid_request
from common.serializers import CamelCaseSerializer

RESULT = "communicationResult"  # of the request, whose fields the engine judges
SCHEME = "bearer "
Method = TypeVar("Method", bound=Callable[..., HttpResponse])

DENIED = ApiError(401, "ACCESS_DENIED", _("Access denied"), headers={"WWW-Authenticate": "Bearer"})
# the form of RFC 6750; the word stays the contract's
LOCKED_SINCE = replace(
    DENIED,
    description=_("The operator is locked"),
    headers={"WWW-Authenticate": 'Bearer error="invalid_token", error_description="locked"'},
)
OPEN_ELSEWHERE = replace(
    DENIED,
    description=_("The workplace is open at another place"),
    headers={"WWW-Authenticate": 'Bearer error="invalid_token", error_description="elsewhere"'},
)
ERRORS = {
    400: OpenApiResponse(ErrorResponseDto, _("INVALID_REQUEST: the body is not right")),
    401: OpenApiResponse(ErrorResponseDto, _("ACCESS_DENIED: no live token")),
}
NOT_FOUND = {
    404: OpenApiResponse(ErrorResponseDto, _("NOT_FOUND: no such communication of yours")),
}
TOO_OFTEN = {
    429: OpenApiResponse(ErrorResponseDto, _("TOO_MANY_ATTEMPTS, see Retry-After")),
}
CONFLICT = {
    409: OpenApiResponse(
        ErrorResponseDto,
        _("CONFLICT: another result was saved, or the phone is not the communication's"),
    ),
}


def _documented(name: str, summary: Any, **options: Any) -> Callable[[Method], Method]:
    auth = options.pop("auth", [{"token": []}])
    return extend_schema(operation_id=name, summary=summary, tags=["arm"], auth=auth, **options)


# Base of the ARM's views. Errors are written as {"status", "description", "errors"?}, with the HTTP
# status that fits them. No docstring: the published schema would give it to every method.
class ArmView(ApiView):
    api_errors: ClassVar = {
        LockedSinceError: LOCKED_SINCE,  # before the class that it is a kind of
        OpenElsewhereError: OPEN_ELSEWHERE,  # this too
        AccessDeniedError: DENIED,
        AuthenticationFailedError: ApiError(
            401, "AUTHENTICATION_FAILED", _("Wrong login or password")
        ),
        OperatorLockedError: ApiError(401, "OPERATOR_LOCKED", _("The operator is locked")),
        PasswordChangeRequiredError: ApiError(
            401, "PASSWORD_CHANGE_REQUIRED", _("Change the password first, at /arm/password/")
        ),
        CommunicationNotFoundError: ApiError(404, "NOT_FOUND", _("There is no such communication")),
        CorrectionTooLateError: ApiError(
            409, "TOO_LATE", _("The time to correct this result is over; a senior operator can")
        ),
    }

    def api_error_of(self, error: Exception) -> ApiError | None:
        if isinstance(error, InvalidResultError):
            return invalid_request({f"{RESULT}.{name}": why for name, why in error.errors.items()})
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

    @staticmethod
    def token_of(request: Request) -> str:
        """The token of the Authorization header. Raises AccessDeniedError where there is none."""
        # from META: request.headers would parse every header of each hasChanges
        header = str(request.META.get("HTTP_AUTHORIZATION", ""))
        if header[: len(SCHEME)].lower() != SCHEME:
            raise AccessDeniedError
        return header[len(SCHEME) :].strip()

    def operator_of(self, request: Request) -> int:
        return services.operator_of(self.token_of(request))

    def visitor_of(self, request: Request) -> Visitor:
        """The operator and the address, for the access log."""
        return security_selectors.visitor_of(request._request, self.operator_of(request))

    @staticmethod
    def validated(serializer_class: Any, source: Any) -> dict[str, Any]:
        serializer = serializer_class(data=source)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    @staticmethod
    def answer(serializer_class: type[CamelCaseSerializer], value: Any = None) -> Response:
        """HTTP 200 with ``value`` as the ``data`` of this kind of answer; None: it has no data."""
        return Response(serializer_class.body_of({"status": answers.OK, "data": value}))


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
                ErrorResponseDto,
                _("AUTHENTICATION_FAILED, OPERATOR_LOCKED or PASSWORD_CHANGE_REQUIRED"),
            ),
            429: OpenApiResponse(ErrorResponseDto, _("TOO_MANY_ATTEMPTS, see Retry-After")),
        },
    )
    def post(self, request: Request) -> Response:
        body = self.validated(ArmLoginRequestDto, request.data)
        signed_in = services.log_in(
            request._request, body["login"], body["password"], take_over=body["take_over"]
        )
        return self.answer(answers.ArmLoginResponseDto, signed_in)


class LogoutView(ArmView):
    @_documented(
        "armLogout",
        _("Logging out of the system"),
        responses={200: answers.StatusResponseDto, 401: ERRORS[401]},
    )
    def get(self, request: Request) -> Response:
        token = self.token_of(request)
        services.operator_of(token)
        services.log_out(token, security_selectors.client_address(request._request))
        return self.answer(answers.StatusResponseDto)


class TakeOverView(ArmView):
    @_documented(
        "armTakeOver",
        _("Log the operator out at all other places"),
        request=None,
        responses={200: answers.StatusResponseDto, 401: ERRORS[401]},
    )
    def post(self, request: Request) -> Response:
        services.take_over(self.visitor_of(request), self.token_of(request))
        return self.answer(answers.StatusResponseDto)


class HasChangesView(ArmView):
    @_documented(
        "armHasChanges",
        _("What the page should react to now"),
        responses={200: answers.HasChangesResponseDto, 401: ERRORS[401]},
    )
    def get(self, request: Request) -> HttpResponse:
        changes = selectors.what_changed(self.token_of(request))
        return HttpResponse(answers.has_changes_body(changes), content_type="application/json")


class ChangesView(ArmView):
    @_documented(
        "armChanges",
        _("Stream of what the page should react to"),
        description=_(
            "Server-sent events: each event `changes` has the answer of hasChanges as its data, and"
            " an `id` that stands for this state. A client that comes back sends the last one as"
            " Last-Event-ID, and is told only what is different. An event `end` is the last one of"
            " a stream, with the reason in its `status`: after ACCESS_DENIED log in again, after"
            " UNAVAILABLE come back or ask hasChanges. A comment comes at least every 15 seconds."
        ),
        parameters=[
            OpenApiParameter(
                "Last-Event-ID",
                str,
                OpenApiParameter.HEADER,
                description=_("The id of the last event that the client knows"),
            )
        ],
        responses={
            (200, event_stream.CONTENT_TYPE): OpenApiResponse(
                answers.ChangesEventDto, _("The events")
            ),
            401: ERRORS[401],
            503: OpenApiResponse(ErrorResponseDto, _("Too many streams are open, see Retry-After")),
        },
    )
    # The stream itself is passed on by the web server from a process of its own. This is what there
    # is without that process: the state of now, and the client's next question is the next look.
    def get(self, request: Request) -> HttpResponse:
        changes = selectors.what_changed(self.token_of(request))
        event = event_stream.changes_event(answers.has_changes_body(changes))
        return HttpResponse(event, headers=event_stream.HEADERS)


class ClientCardView(ArmView):
    @_documented(
        "armGetClientCard",
        _("The client card of the current communication"),
        responses={200: answers.GetClientCardResponseDto, 401: ERRORS[401], **NOT_FOUND},
    )
    def get(self, request: Request) -> Response:
        card = services.current_card(self.visitor_of(request), now())
        return self.answer(answers.GetClientCardResponseDto, card)


class ClientCardByIdView(ArmView):
    @_documented(
        "armGetClientCardByCommunicationId",
        _("The client card of one of the operator's own communications"),
        request=CommunicationIdRequestDto,
        responses={200: answers.GetClientCardResponseDto, **ERRORS, **NOT_FOUND},
    )
    def post(self, request: Request) -> Response:
        visitor = self.visitor_of(request)
        body = self.validated(CommunicationIdRequestDto, request.data)
        card = services.card_of(visitor, body["communication_id"], now())
        return self.answer(answers.GetClientCardResponseDto, card)


class ReworkListView(ArmView):
    @_documented(
        "armListCommunications",
        _("The operator's unfinished communications"),
        responses={200: answers.CommunicationListResponseDto, 401: ERRORS[401]},
    )
    def get(self, request: Request) -> Response:
        communications = services.rework_list(self.visitor_of(request))
        data = {"communications": communications}
        return self.answer(answers.CommunicationListResponseDto, data)


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
        services.save_draft(form_of(operator_id, body), now())
        return self.answer(answers.StatusResponseDto)


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
        return self.answer(answers.StatusResponseDto)


class CorrectResultView(ArmView):
    @_documented(
        "armCorrectResult",
        _("Correct a saved result of one's own"),
        request=CorrectResultRequestDto,
        responses={
            200: answers.CorrectResultResponseDto,
            **ERRORS,
            **NOT_FOUND,
            409: OpenApiResponse(
                ErrorResponseDto,
                _("CONFLICT: nothing is saved yet, or it was corrected since; TOO_LATE"),
            ),
        },
    )
    def post(self, request: Request) -> Response:
        operator_id = self.operator_of(request)
        body = self.validated(CorrectResultRequestDto, request.data)
        corrected = services.correct_result(correction_of(operator_id, body), now())
        return self.answer(answers.CorrectResultResponseDto, corrected)


class DictionariesView(ArmView):
    @_documented(
        "armDictionaries",
        _("Reasons and results that the form of a communication offers"),
        parameters=[
            OpenApiParameter(
                "communicationId",
                int,
                required=True,
                description=_("Number of the communication"),
                examples=[OpenApiExample("communicationId", 123456789)],
            )
        ],
        responses={200: answers.DictionariesResponseDto, **ERRORS, **NOT_FOUND},
    )
    def get(self, request: Request) -> Response:
        operator_id = self.operator_of(request)
        asked = self.validated(DictionariesRequestDto, request.query_params)
        choices = selectors.form_choices(operator_id, asked["communication_id"])
        return self.answer(answers.DictionariesResponseDto, choices)


class RevealPhoneView(ArmView):
    @_documented(
        "armRevealPhone",
        _("The whole number of the operator's current client"),
        request=CommunicationIdRequestDto,
        responses={200: answers.RevealPhoneResponseDto, **ERRORS, **NOT_FOUND, **TOO_OFTEN},
    )
    def post(self, request: Request) -> Response:
        visitor = self.visitor_of(request)
        if not may_be_revealed():
            raise Http404
        body = self.validated(CommunicationIdRequestDto, request.data)
        count_reveal(request, self, visitor.operator_id)
        phone = services.reveal_phone(visitor, body["communication_id"])
        return self.answer(answers.RevealPhoneResponseDto, {"phone": phone})


class DayView(ArmView):
    @_documented(
        "armDay",
        _("What the operator has done today, and whom they have promised a call"),
        responses={200: answers.DayResponseDto, 401: ERRORS[401]},
    )
    def get(self, request: Request) -> Response:
        day = selectors.day_of(self.operator_of(request), now())
        return self.answer(answers.DayResponseDto, day)


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
        services.set_presence(operator_id, ready=body["status"] == OperatorStatus.READY)
        return self.answer(answers.StatusResponseDto)


def form_of(operator_id: int, body: dict[str, Any]) -> ResultForm:
    """The operator's form, from the validated body, as the campaign engine takes it."""
    return ResultForm(
        communication_id=body["communication_id"],
        operator_id=operator_id,
        phone=body["client_phone"],
        **_filled_in(body),
    )


def correction_of(operator_id: int, body: dict[str, Any]) -> Correction:
    """The operator's correction of a result of their own, from the validated body."""
    return Correction(
        communication_id=body["communication_id"],
        by=operator_id,
        own=True,
        seen_version=body.get("version"),
        **_filled_in(body),
    )


def _filled_in(body: dict[str, Any]) -> dict[str, Any]:
    fields = body.get("communication_result", {})
    return {
        "reason": fields.get("reason", "").strip(),
        "result": fields.get("result", "").strip(),
        "comment": fields.get("comment", "").strip(),
        "callback_at": fields.get("callback_at"),
    }
