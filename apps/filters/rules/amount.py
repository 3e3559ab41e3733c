"""AMOUNT: rubles, approved or else desired."""

from decimal import Decimal

from django.utils.translation import gettext_lazy

from apps.filters.facts import ApplicationFacts
from apps.filters.rules.number_within_bounds import Bounds
from apps.filters.rules.settings import amount


class Amount(Bounds):
    """The approved amount is what is talked about; before an approval the desired one is."""

    name = "AMOUNT"
    title = gettext_lazy("amount")
    keys = {"min-amount": amount, "max-amount": amount}
    lower_key, upper_key = needs_one_of = ("min-amount", "max-amount")

    def value_of(self, application: ApplicationFacts) -> Decimal | None:
        if application.approved_amount is not None:
            return application.approved_amount
        return application.desired_amount
