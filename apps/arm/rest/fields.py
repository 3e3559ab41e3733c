"""Fields of the ARM's bodies: times, phones and texts as the contract writes them."""

import re
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.clock import moscow_minute, parse_moscow_minute
from common.strict_fields import Text

KOPECKS = _("kopecks")
RATE = _("per day, % × 100")
MINUTE_PATTERN = r"^\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}$"
# dates that exist, of this century: the schema says exactly what is taken
REQUEST_MINUTE_PATTERN = (
    r"^(?:(?:0[1-9]|1[0-9]|2[0-8])\.(?:0[1-9]|1[0-2])\.20[0-9]{2}"
    r"|(?:29|30)\.(?:0[13-9]|1[0-2])\.20[0-9]{2}"
    r"|31\.(?:0[13578]|1[02])\.20[0-9]{2}"
    r"|29\.02\.20(?:[02468][048]|[13579][26])"
    r") (?:[01][0-9]|2[0-3]):[0-5][0-9]$"
)
REQUEST_MINUTE = re.compile(REQUEST_MINUTE_PATTERN.removesuffix("$"))
DAY_PATTERN = r"^\d{2}\.\d{2}\.\d{4}$"


@extend_schema_field({"type": "string", "pattern": MINUTE_PATTERN})
class MoscowMinute(serializers.CharField):
    """A moment of an answer as ``01.12.2019 12:45``, Moscow time."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"help_text": _("Moscow time: 01.12.2019 12:45"), **options})

    def to_representation(self, value: Any) -> str:
        return moscow_minute(value)


@extend_schema_field({"type": "string", "pattern": REQUEST_MINUTE_PATTERN})
class MinuteOfRequest(Text):
    """A moment that a client names as ``01.12.2019 12:45``, Moscow time, of this century. Refuses
    dates that do not exist."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_blank": False, **options})

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        if not REQUEST_MINUTE.fullmatch(text):
            raise serializers.ValidationError(
                _("Expected a date and time such as 01.12.2019 12:45.")
            )
        return parse_moscow_minute(text)


class Moment(serializers.DateTimeField):
    """A moment of an answer in ISO 8601, UTC: ``2019-12-01T09:45:00+00:00``."""

    def to_representation(self, value: datetime) -> str:
        return value.astimezone(UTC).isoformat()


@extend_schema_field({"type": "string", "pattern": DAY_PATTERN})
class Day(serializers.CharField):
    """A date of an answer as ``01.12.2019``."""

    def to_representation(self, value: Any) -> str:
        return format(value, "%d.%m.%Y")


class CutText(serializers.CharField):
    """A text of an answer, cut to ``max_length``: the contract has no room for more."""

    def to_representation(self, value: str) -> str:
        return value[: self.max_length]


class Whole(serializers.IntegerField):
    """A whole number from 0 on."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, **options})
