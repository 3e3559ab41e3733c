"""The access log in the back office: read by administrators, changed by nobody."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.expressions import Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.security.models import AccessRecord, Operator
from common.back_office import NarrowLookups

PLACES = {"api": _("the API"), "admin": _("the back office")}


class OperatorFilter(admin.SimpleListFilter):
    """By the operator who did it; those who were deleted can be found by their number."""

    title = _("operator")
    parameter_name = "operator"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        operators = Operator.objects.order_by("last_name", "first_name", "pk")
        return [(str(operator.pk), str(operator)) for operator in operators]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AccessRecord]
    ) -> QuerySet[AccessRecord] | None:
        chosen = self.value() or ""
        if not chosen.isdecimal():
            return None
        return queryset.filter(operator_id=int(chosen))


@admin.register(AccessRecord)
class AccessLogAdmin(NarrowLookups):
    """Who did what, newest first. A record without a place in the chain gets one in a second."""

    list_display = ("wtime", "who", "role", "action", "object", "address", "position")
    list_display_links = None
    list_filter = ("action", "wtime", OperatorFilter)
    search_fields = ("=subject_id", "=address")
    search_help_text = _("The number of what was opened, or a whole address.")
    ordering = ("-pk",)
    show_full_result_count = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessRecord]:
        records: QuerySet[AccessRecord] = super().get_queryset(request)
        operator = Operator.objects.filter(pk=OuterRef("operator_id"))
        name = Concat("last_name", Value(" "), "first_name", Value(" ("), "login", Value(")"))
        return records.annotate(operator_name=Subquery(operator.values_list(name)[:1]))

    @admin.display(description=_("who"), empty_value="—")
    def who(self, record: AccessRecord) -> str | None:
        if record.operator_id is None:
            return None
        name: str | None = record.operator_name  # type: ignore[attr-defined]
        return name or gettext("deleted operator No. %d") % record.operator_id

    @admin.display(description=_("object"))
    def object(self, record: AccessRecord) -> str:
        if not record.subject or record.subject in PLACES:
            return str(PLACES.get(record.subject, ""))
        title = str(apps.get_model(record.subject)._meta.verbose_name)
        return title if record.subject_id is None else f"{title} № {record.subject_id}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
