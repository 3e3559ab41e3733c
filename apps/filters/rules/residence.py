"""RESIDENCE: citizenship."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.filters.facts import ApplicationFacts, ClientHistory
from apps.filters.rules.base import InternalRule
from apps.filters.rules.settings import countries, flag


class Residence(InternalRule):
    """Passes unless the citizenship is in the list; an empty one passes unless it is required."""

    name = "RESIDENCE"
    title = gettext_lazy("citizenship")
    keys = {"citizenship-unavailable-countries": countries, "citizenship-required": flag}
    needs_one_of = ("citizenship-unavailable-countries", "citizenship-required")

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self._unavailable = frozenset(settings.get("citizenship-unavailable-countries", ()))
        self._required = bool(settings.get("citizenship-required"))

    def stops(self, application: ApplicationFacts, known: ClientHistory) -> str | None:
        country = application.citizenship
        if country in self._unavailable:
            return _("citizenship %s is not served") % country
        if not country and self._required:
            return _("citizenship is not given")
        return None
