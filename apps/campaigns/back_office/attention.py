"""What was set aside because of an unexpected error."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.campaigns import services
from apps.campaigns.back_office.parts import Numbered, ReadOnly
from apps.campaigns.models import AttentionItem
from common.back_office import NarrowLookups
from common.clock import now


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
