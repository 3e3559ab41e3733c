"""What the filters have in common that pass when a value of the application is in a list."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from apps.filters.facts import ApplicationFacts, ClientHistory
from apps.filters.rules.base import InternalRule

# how a list names the empty value (csv.md)
EMPTY = "empty"


class ValueInList(InternalRule):
    """Passes when the value is in the list; an empty value only when the list says ``empty``."""

    field: ClassVar[str]
    key: ClassVar[str]

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        wanted = (item.casefold() for item in settings.get(self.key, ()))
        self._wanted = frozenset("" if item == EMPTY else item for item in wanted)

    def stops(self, application: ApplicationFacts, known: ClientHistory) -> str | None:
        value: str = getattr(application, self.field)
        if value.casefold() in self._wanted:
            return None
        if not value:
            return _("%s is not given") % str(self.title)
        return _("%(what)s %(value)s is not taken") % {"what": str(self.title), "value": value}
