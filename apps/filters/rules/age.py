"""AGE: full years today, by the Moscow date."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.filters.facts import ApplicationFacts, ClientHistory
from apps.filters.rules.base import InternalRule
from apps.filters.rules.settings import Flag, Whole
from common.clock import full_years

OLDEST = 150
FULL_YEARS = gettext_lazy("Full years today, Moscow date.")


class Age(InternalRule):
    """Passes within the bounds; without a date of birth it passes unless the age is required."""

    name = "AGE"
    title = gettext_lazy("age")
    settings = (
        Whole(
            key="min-age",
            label=gettext_lazy("youngest age"),
            help=FULL_YEARS,
            low=0,
            high=OLDEST,
            not_above="max-age",
        ),
        Whole(
            key="max-age",
            label=gettext_lazy("oldest age"),
            help=FULL_YEARS,
            low=0,
            high=OLDEST,
        ),
        Flag(
            key="age-required",
            label=gettext_lazy("date of birth is required"),
            help=gettext_lazy("A missing date of birth stops the application."),
        ),
    )
    needs_a_setting = True

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self._youngest = values.get("min-age", 0)
        self._oldest = values.get("max-age", OLDEST)
        self._required = bool(values.get("age-required"))

    def stops(self, application: ApplicationFacts, history: ClientHistory) -> str | None:
        if application.birth_date is None:
            return _("the date of birth is not given") if self._required else None
        years = full_years(application.birth_date, history.today)
        if years < self._youngest:
            return _("age %(age)d is below %(bound)d") % {"age": years, "bound": self._youngest}
        if years > self._oldest:
            return _("age %(age)d is above %(bound)d") % {"age": years, "bound": self._oldest}
        return None
