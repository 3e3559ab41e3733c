"""The parameters that every list has: which page, how long, and in what order."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.read_api.pages import Place
from apps.read_api.rest import cursors
from common.serializers import CamelCaseSerializer

NEWEST, OLDEST = "newest", "oldest"
DEFAULT_ROWS = 50
MOST_ROWS = 200


@extend_schema_field({"type": "string"})
class Cursor(serializers.Field[Place, str, str, Any]):
    """The place that a page gave as its ``next``."""

    def to_internal_value(self, data: str) -> Place:
        try:
            return cursors.read(data)
        except ValueError:  # of base64, UTF-8, dates and numbers alike
            raise serializers.ValidationError(_("Expected the next of an earlier page.")) from None


class PageRequestDto(CamelCaseSerializer):
    limit = serializers.IntegerField(
        min_value=1,
        max_value=MOST_ROWS,
        default=DEFAULT_ROWS,
        help_text=_("How many rows at most"),
    )
    cursor = Cursor(required=False, help_text=_("The next of the page before; absent: begin"))
    ordering = serializers.ChoiceField(
        choices=[(NEWEST, _("the newest first")), (OLDEST, _("the oldest first"))],
        default=NEWEST,
        help_text=_("The newest or the oldest first"),
    )
