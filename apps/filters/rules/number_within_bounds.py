"""AMOUNT, GRACE, TERM: filters that compare one number with a minimum and a maximum."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.filters.facts import ApplicationFacts, ClientHistory, in_days
from apps.filters.rules.base import InternalRule
from apps.filters.rules.settings import Rubles, Whole

LONGEST_DAYS = 36_600  # a hundred years

IN_DAYS = gettext_lazy("Days; a month is 30.")
WHICH_AMOUNT = gettext_lazy("Rubles: the approved amount, else the desired one.")


class Bounds(InternalRule):
    """Passes when ``value_of`` is within both bounds, which are included; stops a value that is
    not given. ``settings`` are the minimum and the maximum, in this order. Numbers are compared as
    decimals: the bound 99.1 admits an amount of 99.10, though the float 99.1 is a little below.
    """

    needs_a_setting = True

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        lower, upper = self.settings
        self._low = _decimal(values.get(lower.key))
        self._high = _decimal(values.get(upper.key))

    def value_of(self, application: ApplicationFacts) -> int | Decimal | None:
        """Return the number to compare; None where it is not given."""
        raise NotImplementedError

    def stops(self, application: ApplicationFacts, history: ClientHistory) -> str | None:
        value = self.value_of(application)
        if value is None:
            return _("%s is not given") % str(self.title)
        words = {"what": str(self.title), "value": value}
        if self._low is not None and value < self._low:
            return _("%(what)s %(value)s is below %(bound)s") % {**words, "bound": self._low}
        if self._high is not None and value > self._high:
            return _("%(what)s %(value)s is above %(bound)s") % {**words, "bound": self._high}
        return None


def _decimal(bound: float | None) -> Decimal | None:
    """The bound as it was written: the shortest decimal that its float stands for."""
    return None if bound is None else Decimal(str(bound))


class Amount(Bounds):
    """The approved amount; the desired one where none is approved yet. In rubles."""

    name = "AMOUNT"
    title = gettext_lazy("amount")
    settings = (
        Rubles(
            key="min-amount",
            label=gettext_lazy("smallest amount"),
            help=WHICH_AMOUNT,
            not_above="max-amount",
        ),
        Rubles(key="max-amount", label=gettext_lazy("largest amount"), help=WHICH_AMOUNT),
    )

    def value_of(self, application: ApplicationFacts) -> Decimal | None:
        if application.approved_amount is not None:
            return application.approved_amount
        return application.desired_amount


class Grace(Bounds):
    """The grace period in days; a month is 30 days."""

    name = "GRACE"
    title = gettext_lazy("grace period, days")
    settings = (
        Whole(
            key="min-grace",
            label=gettext_lazy("shortest grace period"),
            help=IN_DAYS,
            low=0,
            high=LONGEST_DAYS,
            not_above="max-grace",
        ),
        Whole(
            key="max-grace",
            label=gettext_lazy("longest grace period"),
            help=IN_DAYS,
            low=0,
            high=LONGEST_DAYS,
        ),
    )

    def value_of(self, application: ApplicationFacts) -> int | None:
        if application.grace is None:
            return None
        return in_days(application.grace, application.grace_unit)


class Term(Bounds):
    """The term of the loan in days; a month is 30 days."""

    name = "TERM"
    title = gettext_lazy("term, days")
    settings = (
        Whole(
            key="min-term",
            label=gettext_lazy("shortest term"),
            help=IN_DAYS,
            low=0,
            high=LONGEST_DAYS,
            not_above="max-term",
        ),
        Whole(
            key="max-term",
            label=gettext_lazy("longest term"),
            help=IN_DAYS,
            low=0,
            high=LONGEST_DAYS,
        ),
    )

    def value_of(self, application: ApplicationFacts) -> int | None:
        if application.term is None:
            return None
        return in_days(application.term, application.term_unit)
