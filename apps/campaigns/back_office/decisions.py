"""The ledger: why a client was or was not called."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.campaigns.back_office.parts import PhoneMasked, ReadOnly
from apps.campaigns.models import Decision
from common.back_office import NarrowLookups


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
