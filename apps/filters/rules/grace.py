"""GRACE: the grace period in days."""

from django.utils.translation import gettext_lazy

from apps.filters.facts import ApplicationFacts, in_days
from apps.filters.rules.number_within_bounds import Bounds
from apps.filters.rules.settings import whole

LONGEST_DAYS = 36_600


class Grace(Bounds):
    """A month is 30 days, whatever the unit of the application."""

    name = "GRACE"
    title = gettext_lazy("grace period, days")
    keys = {"min-grace": whole(0, LONGEST_DAYS), "max-grace": whole(0, LONGEST_DAYS)}
    lower_key, upper_key = needs_one_of = ("min-grace", "max-grace")

    def value_of(self, application: ApplicationFacts) -> int | None:
        if application.grace is None:
            return None
        return in_days(application.grace, application.grace_unit)
