"""Campaigns: the list, and the page where one is set up."""

from typing import Any

from django.contrib import admin
from django.forms import Media, Script
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.campaigns.back_office.parts import Numbered
from apps.campaigns.models import Campaign, Disposition, DispositionReason, RedialRule
from common.back_office import NarrowLookups


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
