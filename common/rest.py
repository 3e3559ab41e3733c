"""Base of the REST endpoints: bodies are read strictly, and exceptions become answers in one place.

A view validates, calls one service and serialises. It catches nothing: what a service or the
framework raises becomes an ``ApiError`` here. An ``ApiError`` is
written as ``ErrorResponseDto`` unless the base view of the app has another style.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import activate, get_language_from_request, gettext_lazy
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.serializers import CamelCaseSerializer

BODY = "body"  # names an error that belongs to no single field


@dataclass(frozen=True, slots=True)
class ApiError:
    """Why a request was not served: the HTTP status, a word for programs (``NOT_FOUND``), a
    description for people, and the errors of each wrong field.
    """

    http_status: int
    word: str
    description: str | Promise
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


# no docstring: the published schema would give it to the body
class ErrorResponseDto(CamelCaseSerializer):
    status = serializers.CharField(help_text=gettext_lazy("The word for what is wrong"))
    description = serializers.CharField(help_text=gettext_lazy("What is wrong, for people"))
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text=gettext_lazy("What is wrong, by the name of the field or parameter"),
    )


class OnlyJson(BaseContentNegotiation):
    """Answers in JSON, whatever the client says it accepts: the contract has no other form."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        parser = next(iter(parsers))
        wanted = (request.content_type or "").partition(";")[0].strip().lower()
        return parser if wanted == parser.media_type else None

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class BoundedJsonParser(JSONParser):
    """Reads JSON of a bounded size and depth. Anything else is an error of the request; it neither
    crashes the process nor fills its memory.
    """

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        length = int(parser_context["request"].META.get("CONTENT_LENGTH") or 0)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError(_("The body is nested too deeply.")) from error
        except exceptions.ParseError as error:  # its own text is English, and quotes the body
            raise exceptions.ParseError(_("The body is not JSON.")) from error


# Base of an app's views. The app overrides ``api_errors`` with its own exceptions, and
# ``error_body`` with its style. No docstring: the published schema would give it to every method.
class ApiView(APIView):
    parser_classes = (BoundedJsonParser,)
    content_negotiation_class = OnlyJson
    # the contract has no OPTIONS: it is refused as every other method that an operation lacks
    http_method_names = [name for name in APIView.http_method_names if name != "options"]
    # the ApiError that each exception of the app becomes; subclasses of the exception are found too
    api_errors: ClassVar[Mapping[type[Exception], ApiError]] = {}

    def error_body(self, api_error: ApiError) -> dict[str, Any]:
        """The body of the answer; an app with another style has its own."""
        return ErrorResponseDto.body_of(
            {
                "status": api_error.word,
                "description": api_error.description,
                "errors": api_error.errors or None,
            }
        )

    def api_error_of(self, error: Exception) -> ApiError | None:
        """What ``error`` means to the client; None when it is a fault of the system."""
        for kind, api_error in self.api_errors.items():
            if isinstance(error, kind):
                return api_error
        return framework_error(error)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # one language for the whole answer: that of Accept-Language, else the system's
        activate(get_language_from_request(request))
        super().initial(request, *args, **kwargs)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        return self._answer

    def _answer(self, error: Exception, context: dict[str, Any]) -> Response | None:
        api_error = self.api_error_of(error)
        if api_error is None:
            return None
        return Response(
            self.error_body(api_error),
            status=api_error.http_status,
            headers=dict(api_error.headers),
        )


def framework_error(error: Exception) -> ApiError | None:
    """What an exception of Django REST framework or of Django means to the client; None for any
    other exception.
    """
    if isinstance(error, exceptions.ValidationError):
        return invalid_request(errors_by_field(error.detail))
    if isinstance(error, exceptions.ParseError | exceptions.UnsupportedMediaType):
        return invalid_request({BODY: [str(error.detail)]})
    if isinstance(error, RequestDataTooBig):
        return invalid_request({BODY: [_("The body is too long.")]})
    if isinstance(error, exceptions.MethodNotAllowed):
        return ApiError(error.status_code, "METHOD_NOT_ALLOWED", str(error.detail))
    if isinstance(error, exceptions.Throttled):
        seconds = ceil(error.wait or 1)  # type: ignore[attr-defined] # missing in its stubs
        text = gettext_lazy("Too many requests. Try again later.")
        return ApiError(429, "TOO_MANY_ATTEMPTS", text, headers={"Retry-After": str(seconds)})
    if isinstance(error, Http404 | exceptions.NotFound):
        return ApiError(404, "NOT_FOUND", gettext_lazy("Not found"))
    return None


def invalid_request(errors: Mapping[str, Sequence[str]]) -> ApiError:
    """HTTP 400 for a body that breaks the contract; the description names every wrong field."""
    named = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in errors.items())
    description = _("Invalid request: %(errors)s") % {"errors": named}
    return ApiError(400, "INVALID_REQUEST", description, errors)


def errors_by_field(detail: Any, name: str = "") -> dict[str, list[str]]:
    """The nested errors of a serializer as a flat mapping, with dots in the names:
    ``{"communicationResult.reason": ["..."]}``."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for key, inner in detail.items():
            outer = "" if key == "non_field_errors" else str(key)
            found |= errors_by_field(inner, ".".join(filter(None, (name, outer))))
        return found
    texts = detail if isinstance(detail, list) else [detail]
    return {name or BODY: [str(text) for text in texts]}
