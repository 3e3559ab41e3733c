"""TERM: the term in days."""

from django.utils.translation import gettext_lazy

from apps.filters.facts import ApplicationFacts, in_days
from apps.filters.rules.number_within_bounds import Bounds
from apps.filters.rules.settings import whole

LONGEST_DAYS = 36_600


class Term(Bounds):
    """A month is 30 days, whatever the unit of the application."""

    name = "TERM"
    title = gettext_lazy("term, days")
    keys = {"min-term": whole(0, LONGEST_DAYS), "max-term": whole(0, LONGEST_DAYS)}
    lower_key, upper_key = needs_one_of = ("min-term", "max-term")

    def value_of(self, application: ApplicationFacts) -> int | None:
        if application.term is None:
            return None
        return in_days(application.term, application.term_unit)
