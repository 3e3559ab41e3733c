"""Base of the back office's pages: a list is filtered by what the page offers and nothing else."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

# what the links of Django's list filters ask of a field; `campaign__id__exact` for a foreign key
OF_A_FILTER = ("", "__exact", "__in", "__isnull", "__gte", "__lt", "__id__exact")
MOST_DIGITS = 18  # of a bigint
OF_THE_DATES = ("__year", "__month", "__day", "__gte", "__lt")


def whole_number(text: str) -> int | None:
    """The number that somebody has put into an address; None for anything else, and for a number
    that no column holds."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


class NarrowLookups(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list that answers the look-ups of its own filters alone.

    Django's admin filters by any column of the table, also one that the page masks or hides, so a
    passport could be guessed letter by letter from the number of rows. Here any other look-up is
    refused with HTTP 400, and so is a value that no date has.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup in self._lookups(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except OverflowError as error:  # a year with twelve digits; Django expects ValueError alone
            raise BadRequest from error

    def _lookups(self, request: HttpRequest | None) -> set[str]:
        filters = self.list_filter if request is None else self.get_list_filter(request)
        found = {
            str(item.parameter_name)
            for item in filters
            if isinstance(item, type) and issubclass(item, admin.SimpleListFilter)
        }
        # a field, or a field with the class of its filter
        fields = [item[0] if isinstance(item, tuple) else item for item in filters]
        found |= {f"{name}{end}" for name in fields if isinstance(name, str) for end in OF_A_FILTER}
        if self.date_hierarchy:
            found |= {f"{self.date_hierarchy}{end}" for end in OF_THE_DATES}
        return found
