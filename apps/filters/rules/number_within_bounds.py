"""What the filters have in common that pass when a number of the application is within bounds."""

from collections.abc import Mapping
from decimal import Decimal
from math import inf
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from apps.filters.facts import ApplicationFacts, ClientHistory
from apps.filters.rules.base import InternalRule

Number = int | Decimal


class Bounds(InternalRule):
    """Passes when ``value_of`` is within ``lower_key`` and ``upper_key``, both included; a value
    that is not given is not within."""

    lower_key: ClassVar[str]
    upper_key: ClassVar[str]

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self._low = settings.get(self.lower_key, -inf)
        self._high = settings.get(self.upper_key, inf)

    def value_of(self, application: ApplicationFacts) -> Number | None:
        """The number that is compared; None where it is not given."""
        raise NotImplementedError

    def stops(self, application: ApplicationFacts, known: ClientHistory) -> str | None:
        value = self.value_of(application)
        if value is None:
            return _("%s is not given") % str(self.title)
        words = {"what": str(self.title), "value": value}
        if value < self._low:
            return _("%(what)s %(value)s is below %(bound)s") % {**words, "bound": self._low}
        if value > self._high:
            return _("%(what)s %(value)s is above %(bound)s") % {**words, "bound": self._high}
        return None
