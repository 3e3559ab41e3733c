"""Telephony in the back office: accounts can be edited, operators on line and the queue be seen."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.telephony import selectors, services
from apps.telephony.forms import AccountForm
from apps.telephony.models import MightyCallActiveOperator, MightyCallOperator, MightyCallTask
from common.back_office import NarrowLookups
from common.phones import masked


@admin.register(MightyCallOperator)
class AccountAdmin(NarrowLookups):
    """Which operator has which account in MightyCall. An account is not deleted: it is given to
    another operator, or its operator is locked.
    """

    form = AccountForm
    list_display = ("login", "operator", "utime")
    list_select_related = ("operator",)
    search_fields = ("login", "operator__login", "operator__last_name")
    autocomplete_fields = ("operator",)
    ordering = ("login",)

    def save_model(
        self, request: HttpRequest, obj: MightyCallOperator, form: Any, change: bool
    ) -> None:
        services.save_account(obj, form.cleaned_data["new_password"])

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _ReadOnly(NarrowLookups):
    """Rows that only the system writes."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(MightyCallActiveOperator)
class OnLineAdmin(_ReadOnly):
    """Operators on line, and why one is not connected to MightyCall."""

    list_display = ("operator", "is_open", "ready", "is_confirmed", "what_is_wrong", "wtime")
    list_select_related = ("operator",)
    list_filter = ("ready",)
    search_fields = ("operator__login", "operator__last_name")
    ordering = ("operator__last_name", "pk")
    fields = ("operator", "is_open", "ready", "is_confirmed", "what_is_wrong", "wtime", "utime")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MightyCallActiveOperator]:
        rows: QuerySet[MightyCallActiveOperator] = super().get_queryset(request)
        return rows.annotate(has_account=selectors.has_account())

    @admin.display(description=_("session open"), boolean=True)
    def is_open(self, row: MightyCallActiveOperator) -> bool:
        return row.session_id != ""

    @admin.display(description=_("MightyCall knows"), boolean=True)
    def is_confirmed(self, row: MightyCallActiveOperator) -> bool:
        return row.desired_revision == row.confirmed_revision

    @admin.display(description=_("what is wrong"), empty_value="")
    def what_is_wrong(self, row: Any) -> str:
        if not row.has_account:
            return gettext("the operator has no MightyCall account")
        return gettext(row.last_error) if row.last_error else ""


class AwaitedFilter(admin.SimpleListFilter):
    """Requests whose call has not ended."""

    title = _("waits for")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("end", _("the end of its call"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[MightyCallTask]
    ) -> QuerySet[MightyCallTask]:
        if self.value() != "end":
            return queryset
        return selectors.awaiting_end(queryset)


@admin.register(MightyCallTask)
class QueueAdmin(_ReadOnly):
    """Requests to MightyCall's queue, without a client's whole phone."""

    list_display = (
        "number",
        "task_type",
        "task_state",
        "campaign_task",
        "campaign_id",
        "masked_phone",
        "shown_answer",
        "wtime",
        "ended_at",
    )
    list_filter = ("task_state", "task_type", AwaitedFilter)
    search_fields = ("=campaign_task__id",)
    search_help_text = _("number of the campaign task")
    ordering = ("-id",)
    fields = (
        *("task_type", "task_state", "campaign_task", "campaign_id", "masked_phone", "priority"),
        *("expires_at", "shown_answer", "next_try_at", "ended_at", "wtime", "utime"),
    )

    @admin.display(description="№", ordering="pk")
    def number(self, row: MightyCallTask) -> int:
        return row.pk

    @admin.display(description=_("answer"), ordering="answer")
    def shown_answer(self, row: MightyCallTask) -> str:
        return gettext(row.answer) if row.answer else ""

    @admin.display(description=_("phone"))
    def masked_phone(self, row: MightyCallTask) -> str:
        return masked(row.phone)
