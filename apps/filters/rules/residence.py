"""RESIDENCE: citizenship."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.filters.facts import ApplicationFacts, ClientHistory
from apps.filters.rules.base import InternalRule
from apps.filters.rules.settings import Country, Flag, Words


class Residence(InternalRule):
    """Passes unless the citizenship is in the list; an empty one passes unless it is required."""

    name = "RESIDENCE"
    title = gettext_lazy("citizenship")
    settings = (
        Words(
            key="citizenship-unavailable-countries",
            label=gettext_lazy("citizenships that are not served"),
            help=gettext_lazy("Three letters each, e.g. BLR, UKR."),
            word=Country,
        ),
        Flag(
            key="citizenship-required",
            label=gettext_lazy("citizenship is required"),
            help=gettext_lazy("An empty citizenship stops the application."),
        ),
    )
    needs_a_setting = True

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self._unavailable = frozenset(values.get("citizenship-unavailable-countries", ()))
        self._required = bool(values.get("citizenship-required"))

    def stops(self, application: ApplicationFacts, history: ClientHistory) -> str | None:
        country = application.citizenship
        if country in self._unavailable:
            return _("citizenship %s is not served") % country
        if not country and self._required:
            return _("citizenship is not given")
        return None
