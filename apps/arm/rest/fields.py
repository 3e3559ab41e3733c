"""Fields of the ARM's bodies: times, phones and texts as the contract writes them."""

import re
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.clock import moscow_minute, parse_moscow_minute

KOPECKS = _("kopecks")
RATE = _("per day, % × 100")
MINUTE_PATTERN = r"^\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}$"
MINUTE = re.compile(MINUTE_PATTERN.removesuffix("$"), re.ASCII)
DAY_PATTERN = r"^\d{2}\.\d{2}\.\d{4}$"


@extend_schema_field({"type": "string", "pattern": MINUTE_PATTERN})
class MoscowMinute(serializers.CharField):
    """A moment as ``01.12.2019 12:45``, Moscow time. Refuses dates that do not exist."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"help_text": _("Moscow time: 01.12.2019 12:45"), **options})

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        error = serializers.ValidationError(_("Expected a date and time such as 01.12.2019 12:45."))
        if not MINUTE.fullmatch(text):
            raise error
        try:
            return parse_moscow_minute(text)
        except ValueError:
            raise error from None

    def to_representation(self, value: Any) -> str:
        return moscow_minute(value)


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


class Phone(serializers.RegexField):
    """Eleven digits: ``79963802789``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            r"^[0-9]{11}$",
            **{
                "min_length": 11,
                "max_length": 11,
                "help_text": _("Phone: 79963802789"),
                **options,
            },
        )


class Whole(serializers.IntegerField):
    """A whole number from 0 on."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, **options})
