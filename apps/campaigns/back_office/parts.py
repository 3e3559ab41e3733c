"""What several pages of this app share."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import CampaignTask, Communication, Decision, DoNotCallEntry
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
