"""The read API: lists of rows, and one row by its number."""

from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_view
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.read_api.pages import TooLongError
from apps.read_api.reader import Reader, ReadingForbiddenError, reader_of
from apps.read_api.rest import cursors, docs
from apps.read_api.rest.filters import RowFilters
from apps.read_api.rest.page_request import NEWEST, PageRequestDto
from apps.read_api.rest.resources import Resource
from apps.read_api.rest.throttling import ReaderRate
from apps.security import services as security
from apps.security.types import Access, AccessDeniedError
from common.rest import ApiError, ApiView

SCHEME = "bearer"
RETRY_SECONDS = 5  # after a page that took too long


# Base of both views. No docstring: the published schema would give it to every method.
class ReadView(ApiView, GenericAPIView):  # type: ignore[type-arg]
    resource: ClassVar[Resource]
    reader: Reader
    throttle_classes = (ReaderRate,)
    filter_backends = (DjangoFilterBackend,)  # for the published description
    pagination_class = None
    api_errors: ClassVar = {
        AccessDeniedError: ApiError(
            401, "ACCESS_DENIED", _("Access denied"), headers={"WWW-Authenticate": "Bearer"}
        ),
        ReadingForbiddenError: ApiError(403, "FORBIDDEN", _("Your role may not read this.")),
        TooLongError: ApiError(
            503,
            "UNAVAILABLE",
            _("The answer took too long. Ask for a shorter time."),
            headers={"Retry-After": str(RETRY_SECONDS)},
        ),
    }

    def api_error_of(self, error: Exception) -> ApiError | None:
        if isinstance(error, Throttled):
            seconds = str(int(getattr(error, "wait", None) or 0) + 1)
            text = _("Too many requests. Try again later.")
            return ApiError(429, "TOO_MANY_REQUESTS", text, headers={"Retry-After": seconds})
        return super().api_error_of(error)

    def check_permissions(self, request: Request) -> None:
        """Find the reader. Raises AccessDeniedError and ReadingForbiddenError."""
        scheme, _space, token = str(request.META.get("HTTP_AUTHORIZATION", "")).partition(" ")
        if scheme.lower() != SCHEME:
            raise AccessDeniedError
        self.reader = reader_of(request._request, token.strip())

    def get_queryset(self) -> Any:
        return self.resource.rows()

    def shown(self, rows: list[Any]) -> list[dict[str, Any]]:
        """The rows as the reader may see them. The access log has it before they are."""
        if label := self.resource.client_label:
            action = Access.LISTED if rows else Access.SEARCHED
            security.record_access(self.reader.visitor, action, label, *(row.pk for row in rows))
        context = {"sees_contacts": self.reader.sees_contacts}
        return [*self.resource.row(rows, many=True, context=context).data]


class RowListView(ReadView):
    def get(self, request: Request) -> Response:
        asked = PageRequestDto(data=request.query_params)
        asked.is_valid(raise_exception=True)
        chosen = asked.validated_data
        page = self.filtered(request).page(
            chosen["limit"],
            newest_first=chosen["ordering"] == NEWEST,
            after=chosen.get("cursor"),
        )
        data: dict[str, Any] = {"items": self.shown(page.rows)}
        if page.next:
            data["next"] = cursors.written(page.next)
        return Response({"status": "OK", "data": data})

    def filtered(self, request: Request) -> RowFilters:
        """The filters that were asked for. Raises ValidationError, also for an unknown one: a
        misspelt filter would let everything through."""
        filters = self.resource.filters(request.query_params, self.get_queryset())
        known = {*filters.filters, *PageRequestDto().fields}
        if unknown := set(request.query_params) - known:
            raise ValidationError({name: [_("Unknown parameter.")] for name in sorted(unknown)})
        if not filters.is_valid():
            raise ValidationError({name: [*texts] for name, texts in filters.errors.items()})
        return filters


class RowView(ReadView):
    lookup_url_kwarg = "id"

    def get(self, request: Request, **key: int) -> Response:
        row = self.get_queryset().filter(**key).first()
        if row is None:
            raise Http404
        return Response({"status": "OK", "data": self.shown([row])[0]})


def list_view(resource: Resource) -> type[APIView]:
    """The view of the resource's list."""
    return _view(RowListView, resource, docs.of_list(resource))


def row_view(resource: Resource) -> type[APIView]:
    """The view of one of the resource's rows."""
    return _view(RowView, resource, docs.of_row(resource))


def _view(base: type[ReadView], resource: Resource, documented: Any) -> type[APIView]:
    fields = {"resource": resource, "filterset_class": resource.filters}
    view = type(f"{resource.word}{base.__name__}", (base,), fields)
    described: type[APIView] = extend_schema_view(get=documented)(view)
    return described
