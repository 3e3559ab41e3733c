"""Readers of single settings: each checks one value and brings it into its stored form, or raises
ConfigError with the place, the value and what was expected."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.campaigns.types import ConfigError
from apps.filters.countries import COUNTRIES

# a comma inside {2,3} of a mask separates nothing
BETWEEN_ITEMS = re.compile(r",(?![^{}]*\})")
STREAM = re.compile(r"[A-Za-z0-9_-]{1,64}")
SHOWN_CHARACTERS = 80  # of a wrong value, in messages


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file or a form a value stands."""

    path: str

    def at(self, key: object) -> "Place":
        return Place(f"{self.path}.{key}" if self.path else str(key))

    def item(self, number: int) -> "Place":
        return Place(f"{self.path}[{number}]")

    def wrong(self, value: object, expected: str) -> ConfigError:
        shown = repr(value)
        if len(shown) > SHOWN_CHARACTERS:
            shown = shown[:SHOWN_CHARACTERS] + "…"
        return ConfigError(
            _("%(place)s: %(value)s, expected %(expected)s")
            % {"place": self.path, "value": shown, "expected": expected}
        )


Reader = Callable[[Any, Place], Any]


def items_of(value: Any, place: Place) -> list[str]:
    """A YAML list, or text with commas, as texts; each once and none empty."""
    found = BETWEEN_ITEMS.split(value) if isinstance(value, str) else value
    if not isinstance(found, list) or not found:
        raise place.wrong(value, _("a list, or values separated by commas"))
    items = [_item(item, place.item(number)) for number, item in enumerate(found)]
    for number, item in enumerate(items):
        if item in items[:number]:
            raise place.item(number).wrong(item, _("each value once"))
    return items


def _item(value: Any, place: Place) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # a mask of digits alone is a number to YAML
    if not isinstance(value, str) or not value.strip():
        raise place.wrong(value, _("text"))
    return value.strip()


def one_of(known: Iterable[str], synonyms: Mapping[str, str] | None = None) -> Reader:
    """A list of words from a closed set."""
    words = tuple(known)

    def read(value: Any, place: Place) -> list[str]:
        found = [(synonyms or {}).get(item, item) for item in items_of(value, place)]
        for number, item in enumerate(found):
            if item not in words:
                raise place.item(number).wrong(item, _("one of %s") % ", ".join(words))
        return found

    return read


def open_set(value: Any, place: Place) -> list[str]:
    """A list of words that others may add to; letter case does not matter."""
    return items_of(value, place)


def streams(value: Any, place: Place) -> list[str]:
    found = items_of(value, place)
    for number, item in enumerate(found):
        if not STREAM.fullmatch(item):
            raise place.item(number).wrong(item, _("the name of a data stream"))
    return found


def countries(value: Any, place: Place) -> list[str]:
    """Countries by their three letters."""
    found = items_of(value, place)
    for number, item in enumerate(found):
        if item not in COUNTRIES:
            raise place.item(number).wrong(item, _("a country by ISO 3166-1 alpha-3, e.g. KGZ"))
    return found


def flag(value: Any, place: Place) -> bool:
    if not isinstance(value, bool):
        raise place.wrong(value, _("true or false"))
    return value


def whole(low: int, high: int) -> Reader:
    def read(value: Any, place: Place) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            expected = _("a whole number from %(low)d to %(high)d") % {"low": low, "high": high}
            raise place.wrong(value, expected)
        return value

    return read


def amount(value: Any, place: Place) -> int | float:
    """Rubles, not below zero."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value < 10**12:
        raise place.wrong(value, _("an amount in rubles, 0 or more"))
    return value  # type: ignore[no-any-return]
