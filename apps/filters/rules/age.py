"""AGE: full years today."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.filters.facts import ApplicationFacts, ClientHistory
from apps.filters.rules.base import InternalRule
from apps.filters.rules.settings import flag, whole
from common.clock import full_years

OLDEST = 150


class Age(InternalRule):
    """Passes within the bounds; without a date of birth it passes unless the age is required."""

    name = "AGE"
    title = gettext_lazy("age")
    keys = {"min-age": whole(0, OLDEST), "max-age": whole(0, OLDEST), "age-required": flag}
    needs_one_of = ("min-age", "max-age", "age-required")

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self._youngest = settings.get("min-age", 0)
        self._oldest = settings.get("max-age", OLDEST)
        self._required = bool(settings.get("age-required"))

    def stops(self, application: ApplicationFacts, known: ClientHistory) -> str | None:
        if application.birth_date is None:
            return _("the date of birth is not given") if self._required else None
        years = full_years(application.birth_date, known.today)
        if years < self._youngest:
            return _("age %(age)d is below %(bound)d") % {"age": years, "bound": self._youngest}
        if years > self._oldest:
            return _("age %(age)d is above %(bound)d") % {"age": years, "bound": self._oldest}
        return None
