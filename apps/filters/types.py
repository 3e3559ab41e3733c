"""What crosses the border of the filters: plain values in the field's words, no Django."""

from dataclasses import dataclass

from apps.filters.countries import COUNTRIES

COUNTRY_CODES = frozenset(COUNTRIES)


@dataclass(frozen=True, slots=True)
class ImportedApplications:
    """How many snapshots came, and how many of them were new."""

    rows: int
    added: int

    @property
    def duplicates(self) -> int:
        """Snapshots that are known already, from this file or another."""
        return self.rows - self.added
