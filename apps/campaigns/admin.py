"""Admin pages: campaigns can be edited; tasks, communications and the ledger can only be read."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import Media, Script
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.campaigns import services
from apps.campaigns.models import (
    AttentionItem,
    CallOrder,
    Campaign,
    CampaignTask,
    Communication,
    Decision,
    Disposition,
    DispositionReason,
    DoNotCallEntry,
    RedialRule,
    TaskTransition,
)
from common.back_office import NarrowLookups
from common.clock import now
from common.phones import masked


class ReadOnly:
    """Mixin of pages that can only be read, because the system alone writes their rows."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PhoneMasked:
    """Mixin that shows a phone masked: ``+7 (***) ***-67-89``."""

    @admin.display(description=_("phone"))
    def masked_phone(self, row: CampaignTask | Communication | Decision | DoNotCallEntry) -> str:
        return masked(row.phone)


class Numbered:
    """Mixin that shows the row's number in a column headed №."""

    @admin.display(description="№", ordering="pk")
    def number(self, row: Model) -> int:
        return int(row.pk)


class DispositionInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Disposition
    fields = ("position", "result", "meaning", "block_minutes", "active")
    ordering = ("position", "pk")
    extra = 0


class ReasonInline(admin.TabularInline):  # type: ignore[type-arg]
    model = DispositionReason
    fields = ("position", "text", "active")
    ordering = ("position", "pk")
    extra = 0


class RedialRuleInline(admin.TabularInline):  # type: ignore[type-arg]
    model = RedialRule
    fields = ("system_disposition", "delay_minutes")
    ordering = ("system_disposition",)
    extra = 0


@admin.register(Campaign)
class CampaignAdmin(Numbered, NarrowLookups):
    list_display = ("number", "name", "active", "priority", "time_zone", "max_attempts")
    list_display_links = ("number", "name")
    list_filter = ("active",)
    search_fields = ("name",)
    ordering = ("pk",)
    inlines = (DispositionInline, ReasonInline, RedialRuleInline)
    fieldsets = (
        (None, {"fields": ("name", "active", "priority", "domain")}),
        (_("For the operator"), {"fields": ("description", "script")}),
        (
            _("When to call"),
            {
                "fields": (
                    "time_zone",
                    ("weekday_from", "weekday_till"),
                    ("weekend_from", "weekend_till"),
                ),
            },
        ),
        (_("How often and how much"), {"fields": ("max_attempts", "min_in_flight")}),
    )

    @property
    def media(self) -> Media:
        """With the preview of the script."""
        preview: Any = Script("arm/script_preview.js", type="module")  # the stubs know texts only
        return super().media + Media(css={"all": ("arm/script_preview.css",)}, js=[preview])

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a campaign is switched off; its history stays


class TransitionInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = TaskTransition
    fields = ("wtime", "from_state", "to_state", "outcome", "why", "operator")
    readonly_fields = fields
    ordering = ("pk",)
    extra = 0


class CallOrderInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = CallOrder
    fields = ("handed_over_at", "expires_at", "state", "ending", "ended_at", "is_attempt")
    readonly_fields = fields
    ordering = ("pk",)
    extra = 0


@admin.register(CampaignTask)
class CampaignTaskAdmin(Numbered, PhoneMasked, ReadOnly, NarrowLookups):
    list_display = (
        "number",
        "masked_phone",
        "campaign",
        "task_state",
        "outcome",
        "attempts",
        "task_time",
        "redial_at",
    )
    list_filter = ("task_state", "outcome", "campaign")
    list_select_related = ("campaign",)
    search_fields = ("phone__exact", "source_key__exact")
    search_help_text = _("A whole phone number, e.g. 79131234567.")
    ordering = ("-pk",)
    exclude = ("phone", "client_info")
    readonly_fields = ("masked_phone", "masked_client", "wtime", "utime")
    inlines = (CallOrderInline, TransitionInline)
    show_full_result_count = False

    @admin.display(description=_("client information"))
    def masked_client(self, task: CampaignTask) -> str:
        """Which fields the domain gave, without a single value: the core cannot tell which of them
        identify the client. The application's page shows what a senior operator may see.
        """
        return ", ".join(f"{name}: •••" for name in task.client_info)


@admin.register(Communication)
class CommunicationAdmin(Numbered, PhoneMasked, ReadOnly, NarrowLookups):
    list_display = (
        "number",
        "masked_phone",
        "operator",
        "state",
        "disposition",
        "started_at",
        "ended_at",
    )
    list_filter = ("state", "operator")
    list_select_related = ("operator", "disposition")
    search_fields = ("phone__exact",)
    search_help_text = _("A whole phone number, e.g. 79131234567.")
    ordering = ("-pk",)
    exclude = ("phone",)
    readonly_fields = ("masked_phone", "wtime", "utime")
    show_full_result_count = False


@admin.register(Decision)
class DecisionAdmin(PhoneMasked, ReadOnly, NarrowLookups):
    list_display = (
        "wtime",
        "masked_phone",
        "source_key",
        "campaign_id",
        "step",
        "rule",
        "verdict",
        "reason",
    )
    list_filter = ("step", "verdict")
    search_fields = ("phone__exact", "source_key__exact")
    search_help_text = _("A whole phone number, e.g. 79131234567.")
    ordering = ("-pk",)
    exclude = ("phone",)
    readonly_fields = ("masked_phone",)
    show_full_result_count = False


@admin.register(DoNotCallEntry)
class DoNotCallEntryAdmin(PhoneMasked, ReadOnly, NarrowLookups):
    list_display = ("masked_phone", "reason", "wtime")
    search_fields = ("phone__exact",)
    ordering = ("-pk",)
    exclude = ("phone",)
    readonly_fields = ("masked_phone", "wtime")


@admin.register(AttentionItem)
class AttentionItemAdmin(Numbered, ReadOnly, NarrowLookups):
    """What was set aside because of an unexpected error, and the button that releases it."""

    list_display = ("number", "kind", "key", "error", "tries", "wtime", "next_try_at")
    list_filter = ("kind",)
    ordering = ("-pk",)
    actions = ("try_now",)

    @admin.action(description=_("Try again now"), permissions=["view"])
    def try_now(self, request: HttpRequest, queryset: QuerySet[AttentionItem]) -> None:
        released = services.release(queryset.values_list("pk", flat=True), now())
        messages.success(request, _("Items that are tried again now: %d") % released)
