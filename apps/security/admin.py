"""The back office's page of operators."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Exists, Field, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.security import selectors, services
from apps.security.access_log.admin import AccessLogAdmin
from apps.security.forms import NewOperatorForm, OperatorForm, ResetPasswordForm
from apps.security.models import Operator, OperatorAuth
from apps.security.types import Access, Role, Visitor
from common import clock
from common.back_office import NarrowLookups

__all__ = ["AccessLogAdmin", "OperatorAdmin", "TokenAdmin"]

# rights come from the role, in one table (permissions.py); groups would be a second one
admin.site.unregister(Group)


class SignedInFilter(admin.SimpleListFilter):
    title = _("signed in")
    parameter_name = "signed_in"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Operator]
    ) -> QuerySet[Operator] | None:
        if self.value() is None:
            return None
        live = Exists(_live_tokens())
        return queryset.filter(live if self.value() == "yes" else ~live)


@admin.register(Operator)
class OperatorAdmin(NarrowLookups, UserAdmin):  # type: ignore[type-arg]
    """The operators. A senior operator sees all of them, but changes only those whose role it may
    give.
    """

    form = OperatorForm
    add_form = NewOperatorForm
    change_password_form = ResetPasswordForm
    list_display = ("full_name", "login", "role", "state", "last_login")
    list_display_links = ("full_name", "login")
    list_filter = ("role", "locked", SignedInFilter)
    search_fields = ("login", "last_name", "first_name")
    ordering = ("last_name", "first_name", "id")
    filter_horizontal = ()
    list_per_page = 50
    actions = ("lock", "unlock", "reset_second_factor")
    readonly_fields = ("password_reset", "state", "last_login", "wtime", "utime")
    fieldsets = (
        (None, {"fields": ("last_name", "first_name", "login", "password_reset")}),
        (
            _("Access"),
            {
                "fields": ("role", "locked", "contacts_visible", "may_export"),
                "description": _(
                    "A locked operator is signed out at once, at the workplace and in the back "
                    "office. So is one whose role or login changes."
                ),
            },
        ),
        (_("Activity"), {"fields": ("state", "last_login", "wtime", "utime")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": ("last_name", "first_name", "login", "password1", "password2", "role"),
                "description": _(
                    "The operator signs in with this login and password; hand them over in person."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operator]:
        operators: QuerySet[Operator] = super().get_queryset(request)
        return operators.annotate(has_live_token=Exists(_live_tokens()))

    @admin.display(description=_("full name"), ordering="last_name")
    def full_name(self, operator: Operator) -> str:
        return operator.get_full_name()

    @admin.display(description=_("state"))
    def state(self, operator: Operator) -> Any:
        if operator.locked:
            return _("locked")
        return _("signed in") if operator.has_live_token else _("signed out")  # type: ignore[attr-defined]

    def has_change_permission(self, request: HttpRequest, obj: Operator | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or _may_change(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Operator | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or obj.pk != request.user.pk)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Operator | None = None
    ) -> tuple[str, ...]:
        own = ("role", "locked") if obj is not None and obj.pk == request.user.pk else ()
        # what takes clients' data further is an administrator's to give
        rights = ("contacts_visible", "may_export")
        given = () if _role(request) is Role.ADMINISTRATOR else rights
        return (*self.readonly_fields, *own, *given)

    def formfield_for_choice_field(
        self, db_field: Field[Any, Any], request: HttpRequest, **options: Any
    ) -> forms.TypedChoiceField | None:
        if db_field.name == "role":
            given = selectors.roles_given_by(_role(request))
            options["choices"] = [(role.value, role.label) for role in Role if role in given]
        return super().formfield_for_choice_field(db_field, request, **options)

    @admin.display(description=_("password"))
    def password_reset(self, operator: Operator) -> str:
        return format_html('<a href="../password/">{}</a>', _("Set a new password"))

    def get_fieldsets(self, request: HttpRequest, obj: Operator | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        names = [name for name in fieldsets[0][1]["fields"] if name != "password_reset"]
        return ((None, {"fields": names}), *fieldsets[1:])

    def save_model(
        self, request: HttpRequest, obj: Operator, form: forms.ModelForm[Operator], change: bool
    ) -> None:
        # only what was changed, so that a password set by somebody else since is not overwritten
        obj.save(update_fields=form.changed_data if change else None)
        if change and {"login", "role", "locked"} & set(form.changed_data):
            services.end_sessions([obj.pk])
        if change and "locked" in form.changed_data:
            action = Access.LOCKED if obj.locked else Access.UNLOCKED
            services.record_change(_visitor(request), action, obj._meta.label_lower, obj.pk)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Tokens go with their operator; nobody needs a right of their own for that."""
        deleted, counts, rights_missing, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, rights_missing - {OperatorAuth._meta.verbose_name}, protected

    def delete_model(self, request: HttpRequest, obj: Operator) -> None:
        services.delete_operators([obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Operator]) -> None:
        services.delete_operators(list(queryset.values_list("pk", flat=True)))

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 - Django's name
        form_url: str = "",
    ) -> Any:
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == HTTPStatus.FOUND:
            services.record_access(
                _visitor(request), Access.PASSWORD_SET, Operator._meta.label_lower, int(id)
            )
        return response

    @admin.action(description=_("Lock: sign out at once"), permissions=["change"])
    def lock(self, request: HttpRequest, chosen: QuerySet[Operator]) -> None:
        reached = self._reached(request, chosen)
        services.lock_operators([operator.pk for operator in reached], _visitor(request))
        self._log(request, reached, _("Locked"))
        message = ngettext("%(count)d operator locked", "%(count)d operators locked", len(reached))
        self.message_user(request, message % {"count": len(reached)}, messages.SUCCESS)

    @admin.action(description=_("Unlock, and forget failed log-ins"), permissions=["change"])
    def unlock(self, request: HttpRequest, chosen: QuerySet[Operator]) -> None:
        reached = self._reached(request, chosen)
        services.unlock_operators([operator.pk for operator in reached], _visitor(request))
        self._log(request, reached, _("Unlocked"))
        message = ngettext(
            "%(count)d operator unlocked", "%(count)d operators unlocked", len(reached)
        )
        self.message_user(request, message % {"count": len(reached)}, messages.SUCCESS)

    @admin.action(
        description=_("Reset the second factor, and sign out"), permissions=["reset_second_factor"]
    )
    def reset_second_factor(self, request: HttpRequest, chosen: QuerySet[Operator]) -> None:
        reached = self._reached(request, chosen)
        services.reset_second_factors([operator.pk for operator in reached], _visitor(request))
        self._log(request, reached, _("Second factor reset"))
        message = ngettext(
            "%(count)d second factor reset", "%(count)d second factors reset", len(reached)
        )
        self.message_user(request, message % {"count": len(reached)}, messages.SUCCESS)

    def has_reset_second_factor_permission(self, request: HttpRequest) -> bool:
        return _role(request) is Role.ADMINISTRATOR

    def _reached(self, request: HttpRequest, chosen: QuerySet[Operator]) -> list[Operator]:
        """Those of the chosen operators whom this person may lock: never oneself. A message says
        how many are left alone.
        """
        operators = list(chosen)
        reached = [
            one for one in operators if _may_change(request, one) and one.pk != request.user.pk
        ]
        if left := len(operators) - len(reached):
            message = ngettext(
                "%(count)d operator left alone: that is not yours to do",
                "%(count)d operators left alone: that is not yours to do",
                left,
            )
            self.message_user(request, message % {"count": left}, messages.WARNING)
        return reached

    def _log(self, request: HttpRequest, operators: list[Operator], what: Any) -> None:
        LogEntry.objects.log_actions(request.user.pk or 0, operators, CHANGE, str(what))


def _live_tokens() -> QuerySet[OperatorAuth]:
    return OperatorAuth.objects.filter(operator=OuterRef("pk"), exp_date__gt=clock.now())


def _visitor(request: HttpRequest) -> Visitor:
    return selectors.visitor_of(request, request.user.pk or 0)


def _role(request: HttpRequest) -> Role:
    return Role(request.user.role)  # type: ignore[union-attr]


def _may_change(request: HttpRequest, operator: Operator) -> bool:
    """Whether the person may change this operator: only one whose role the person may give."""
    return Role(operator.role) in selectors.roles_given_by(_role(request))


@admin.register(OperatorAuth)
class TokenAdmin(NarrowLookups):
    """The live tokens: since when, from where, used until about when. They can only be revoked."""

    list_display = ("operator", "wtime", "address", "last_used", "exp_date")
    list_display_links = None
    list_select_related = ("operator",)
    list_filter = (("operator", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("operator__login", "operator__last_name", "=address")
    ordering = ("-pk",)
    fields = ("operator", "wtime", "address", "last_used", "exp_date")
    actions = ("revoke",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OperatorAuth]:
        tokens: QuerySet[OperatorAuth] = super().get_queryset(request)
        return tokens.filter(exp_date__gt=clock.now())

    @admin.display(description=_("used until about"))
    def last_used(self, token: OperatorAuth) -> datetime:
        """The expiry slides with use, in steps of a sixteenth of the lifetime."""
        return max(token.wtime, token.exp_date - selectors.token_lifetime())

    @admin.action(description=_("Revoke: sign out at once"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[OperatorAuth]) -> None:
        tokens = list(chosen.select_related("operator"))
        reached = [token.pk for token in tokens if _may_change(request, token.operator)]
        services.revoke_tokens(reached, _visitor(request))
        if left := len(tokens) - len(reached):
            message = ngettext(
                "%(count)d token left alone: that is not yours to do",
                "%(count)d tokens left alone: that is not yours to do",
                left,
            )
            self.message_user(request, message % {"count": left}, messages.WARNING)
        message = ngettext("%(count)d token revoked", "%(count)d tokens revoked", len(reached))
        self.message_user(request, message % {"count": len(reached)}, messages.SUCCESS)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
