"""COMMUNICATION_HISTORY: earlier calls of this phone, in any campaign."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.filters.facts import ApplicationFacts, ClientHistory
from apps.filters.rules.base import InternalRule
from apps.filters.rules.settings import whole


class CommunicationHistory(InternalRule):
    """Passes who was not called within ``quiet-days`` and has not refused for good."""

    name = "COMMUNICATION_HISTORY"
    title = gettext_lazy("history of communications")
    keys = {"quiet-days": whole(0, 3660)}
    needs_one_of = ("quiet-days",)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self._quiet_days = int(settings.get("quiet-days", 0))

    def stops(self, application: ApplicationFacts, known: ClientHistory) -> str | None:
        if application.phone in known.refused_phones:
            return _("the client refused for good")
        called_at = known.last_called_at.get(application.phone)
        if called_at and known.now - called_at < timedelta(days=self._quiet_days):
            return _("was called less than %d days ago") % self._quiet_days
        return None
