"""COMMUNICATION_HISTORY: earlier calls of this phone, in any campaign."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.filters.facts import ApplicationFacts, ClientHistory
from apps.filters.rules.base import InternalRule
from apps.filters.rules.settings import Whole

MOST_DAYS = 3_660  # ten years


class CommunicationHistory(InternalRule):
    """Passes unless the client was called within ``quiet-days`` or has refused for good."""

    name = "COMMUNICATION_HISTORY"
    title = gettext_lazy("history of communications")
    settings = (
        Whole(
            key="quiet-days",
            label=gettext_lazy("days of quiet"),
            help=gettext_lazy("Nobody is called again within so many days."),
            low=0,
            high=MOST_DAYS,
        ),
    )
    needs_a_setting = True

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self._quiet_days = int(values.get("quiet-days", 0))

    def stops(self, application: ApplicationFacts, history: ClientHistory) -> str | None:
        if application.phone in history.refused_phones:
            return _("the client refused for good")
        called_at = history.last_called_at.get(application.phone)
        if called_at and history.now - called_at < timedelta(days=self._quiet_days):
            return _("was called less than %d days ago") % self._quiet_days
        return None
