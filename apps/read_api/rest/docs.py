"""The published description of the read API, with examples."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)

from apps.read_api.rest.cursors import LONGEST_ID
from apps.read_api.rest.page_request import PageRequestDto
from apps.read_api.rest.resources import Resource
from apps.read_api.rest.serializers import list_answer, row_answer
from common.rest import ErrorResponseDto

TAG = "read"
NEXT = "MjAyNi0xMS0yNVQwOTowMDowMCswMDowMC8xNw"
LIST = _(
    "Rows in the order of their time, in pages. A page may hold fewer rows than asked for, even "
    "none: as long as there is a next, there may be more. Phones, names and comments of clients "
    "are masked, but for administrators and those who were given the right to see them. Reading "
    "rows about clients goes into the access log."
)
ERRORS = {
    400: OpenApiResponse(
        ErrorResponseDto, _("INVALID_REQUEST: a parameter is not right, or unknown")
    ),
    401: OpenApiResponse(ErrorResponseDto, _("ACCESS_DENIED: no live token")),
    403: OpenApiResponse(ErrorResponseDto, _("FORBIDDEN: the role may not read")),
    404: OpenApiResponse(ErrorResponseDto, _("NOT_FOUND: there is no such row")),
    429: OpenApiResponse(ErrorResponseDto, _("TOO_MANY_REQUESTS: see Retry-After")),
    503: OpenApiResponse(
        ErrorResponseDto, _("UNAVAILABLE: the answer took too long; ask for a shorter time")
    ),
}


def _errors(*statuses: int) -> dict[int, OpenApiResponse]:
    return {status: ERRORS[status] for status in statuses}


def _example(data: dict[str, Any]) -> OpenApiExample:
    body = {"status": "OK", "data": data}
    return OpenApiExample("OK", value=body, response_only=True, status_codes=["200"])


def _wrong(parameter: str, text: str) -> OpenApiExample:
    body = {
        "status": "INVALID_REQUEST",
        "description": f"Неверный запрос: {parameter}: {text}",
        "errors": {parameter: [text]},
    }
    return OpenApiExample("INVALID_REQUEST", value=body, response_only=True, status_codes=["400"])


def of_list(resource: Resource) -> Any:
    """The description of the list."""
    return extend_schema(
        operation_id=f"list{resource.word}",
        tags=[TAG],
        summary=resource.title,
        description=LIST,
        parameters=[PageRequestDto],
        filters=True,
        responses={
            200: list_answer(resource.word, resource.row),
            **_errors(400, 401, 403, 429, 503),
        },
        examples=[
            _example({"items": [resource.example], "next": NEXT}),
            _wrong("phon", "Неизвестный параметр."),
        ],
    )


def of_row(resource: Resource) -> Any:
    """The description of one row by its number."""
    return extend_schema(
        operation_id=f"get{resource.word}",
        tags=[TAG],
        summary=resource.title,
        description=_("One row by its number; masked as in the list."),
        parameters=[
            OpenApiParameter(
                "id",
                {"type": "integer", "minimum": 0, "maximum": LONGEST_ID},
                OpenApiParameter.PATH,
                description=_("Number of the row"),
            )
        ],
        responses={
            200: row_answer(resource.word, resource.row),
            **_errors(401, 403, 404, 429, 503),
        },
        examples=[_example(resource.example)],
    )
