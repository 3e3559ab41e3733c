"""Phones that nobody may call."""

from django.contrib import admin

from apps.campaigns.back_office.parts import PhoneMasked, ReadOnly
from apps.campaigns.models import DoNotCallEntry
from common.back_office import NarrowLookups


@admin.register(DoNotCallEntry)
class DoNotCallEntryAdmin(PhoneMasked, ReadOnly, NarrowLookups):
    list_display = ("masked_phone", "reason", "wtime")
    search_fields = ("phone__exact",)
    ordering = ("-pk",)
    exclude = ("phone",)
    readonly_fields = ("masked_phone", "wtime")
