"""The settings of a cascade: read from a mapping with every mistake named, kept in one form."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.filters.cascade.phone_masks import masks
from apps.filters.rules import RULES
from apps.filters.rules.settings import Place, Reader, items_of, one_of, streams
from apps.filters.types import ApplicationStatus

ENTRY_KEYS: Mapping[str, Reader] = {
    "data-streams": streams,
    "request-statuses": one_of(ApplicationStatus.values),
    "phone-templates": masks,
}


def _filters(value: Any, place: Place) -> list[str]:
    if value in ([], None):
        return []
    found = items_of(value, place)
    for number, item in enumerate(found):
        if item not in RULES:
            raise place.item(number).wrong(item, _("one of %s") % ", ".join(sorted(RULES)))
    return found


KEYS: dict[str, Reader] = {
    **ENTRY_KEYS,
    "filters-order": _filters,
    **{key: reader for rule in RULES.values() for key, reader in rule.keys.items()},
}


def read(value: Any, place: Place) -> dict[str, Any]:
    """The settings in their stored form. Raises ConfigError; specification, filters.md."""
    if not isinstance(value, Mapping):
        raise place.wrong(value, _("a mapping of settings"))
    for key in value:
        if key not in KEYS:
            raise place.at(key).wrong(key, _("one of %s") % ", ".join(KEYS))
    settings = {key: KEYS[key](value[key], place.at(key)) for key in KEYS if key in value}
    if "data-streams" not in settings:
        raise place.at("data-streams").wrong(None, _("the data streams of the campaign"))
    settings.setdefault("filters-order", [])
    _check_bounds(settings, place)
    _check_needs(settings, place)
    return settings


def _check_bounds(settings: Mapping[str, Any], place: Place) -> None:
    for key, value in settings.items():
        upper = key.replace("min-", "max-", 1)
        if key.startswith("min-") and value > settings.get(upper, value):
            expected = _("at most %(key)s, which is %(bound)s")
            raise place.at(key).wrong(value, expected % {"key": upper, "bound": settings[upper]})


def _check_needs(settings: Mapping[str, Any], place: Place) -> None:
    for name in settings["filters-order"]:
        needed: Iterable[str] = RULES[name].needs_one_of
        if needed and not any(key in settings for key in needed):
            expected = _("together with it one of %s") % ", ".join(needed)
            raise place.at("filters-order").wrong(name, expected)
