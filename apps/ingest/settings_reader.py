"""Reads a mapping of a configuration file key by key, and names the place that is wrong."""

import math
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from apps.ingest.types import StreamsConfigError

PERIOD = re.compile(r"([0-9]{1,4})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_REQUIRED = object()


class Section:
    """A mapping and where it stands. Every key that is read is known; ``end`` refuses the rest."""

    def __init__(self, mapping: Any, place: str) -> None:
        if not isinstance(mapping, dict):
            raise StreamsConfigError(f"{place}: a mapping is expected")
        self._mapping = mapping
        self._place = place
        self._known: set[str] = set()

    def wrong(self, key: str, expected: str) -> StreamsConfigError:
        """The error that names file, key and what was expected."""
        found = self._mapping.get(key)
        return StreamsConfigError(f"{self._place}: {key}: {expected} expected, not {found!r}")

    def _value(self, key: str, default: Any) -> Any:
        self._known.add(key)
        value = self._mapping.get(key, default)
        if value is _REQUIRED:
            raise StreamsConfigError(f"{self._place}: {key} is missing")
        return value

    def text(self, key: str, default: Any = _REQUIRED) -> str:
        value = self._value(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "text")
        return value

    def one_of(self, key: str, choices: Sequence[str]) -> str:
        """One of the choices; the first where nothing is said."""
        value = self.text(key, choices[0])
        if value not in choices:
            raise self.wrong(key, "one of " + ", ".join(choices))
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._value(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def number(self, key: str, default: float) -> float:
        value = self._value(key, default)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or value < 0:
            raise self.wrong(key, "a number of seconds, 0 or more,")
        return float(value)

    def period(self, key: str) -> timedelta | None:
        """``30m``, ``12h`` or ``1d``; None where nothing is said."""
        value = self._value(key, None)
        if value is None:
            return None
        match = PERIOD.fullmatch(str(value))
        if not match or not int(match[1]):
            raise self.wrong(key, "a period such as 30m, 12h or 1d")
        return timedelta(**{UNITS[match[2]]: int(match[1])})

    def section(self, key: str) -> "Section":
        return Section(self._value(key, _REQUIRED), f"{self._place}: {key}")

    def sections(self, key: str) -> list["Section"]:
        value = self._value(key, _REQUIRED)
        if not isinstance(value, list) or not value:
            raise self.wrong(key, "a list of mappings")
        return [Section(item, f"{self._place}: {key}[{at}]") for at, item in enumerate(value)]

    def end(self) -> None:
        """Refuse keys that nobody asked for: most are misspelt."""
        unknown = [key for key in self._mapping if key not in self._known]
        if unknown:
            known = ", ".join(sorted(self._known))
            raise StreamsConfigError(
                f"{self._place}: unknown key {unknown[0]!r}, expected are: {known}"
            )
