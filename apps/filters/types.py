"""What crosses the border of the filters: plain values in the field's words, no Django."""

from dataclasses import dataclass

from apps.filters.countries import COUNTRIES

COUNTRY_CODES = frozenset(COUNTRIES)
KEY_KIND = "application"  # the first part of a source key, before the colon


@dataclass(frozen=True, slots=True)
class ApplicationKey:
    """Names one snapshot of an application in the core's tables, which point to it by value:
    ``str(ApplicationKey(42))`` is ``application:42``, the ``source_key`` of tasks and decisions.
    """

    application_id: int

    def __str__(self) -> str:
        return f"{KEY_KIND}:{self.application_id}"

    @classmethod
    def parse(cls, source_key: str) -> "ApplicationKey | None":
        """The key that this text is, or None when it names something other than an application."""
        kind, _, number = source_key.partition(":")
        return cls(int(number)) if kind == KEY_KIND and number.isdecimal() else None


@dataclass(frozen=True, slots=True)
class ImportedApplications:
    """How many snapshots came, and how many of them were new."""

    rows: int
    added: int

    @property
    def duplicates(self) -> int:
        """Snapshots that are known already, from this file or another."""
        return self.rows - self.added
