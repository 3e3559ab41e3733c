"""Tasks: the list, and the page of one with its orders and its changes of state."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.campaigns.back_office.parts import Numbered, PhoneMasked, ReadOnly
from apps.campaigns.models import CallOrder, CampaignTask, TaskTransition
from common.back_office import NarrowLookups


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
