"""Conversations with clients."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.campaigns.back_office.parts import Numbered, PhoneMasked, ReadOnly
from apps.campaigns.models import Communication
from common.back_office import NarrowLookups


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
