"""A campaign as configuration files describe it: read with every mistake named, applied, written
again."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import time
from typing import Any

from django.utils.translation import gettext as _

from apps.campaigns.models import MAX_ATTEMPTS_CEILING
from apps.campaigns.time_zones import ZONE_NAMES
from apps.campaigns.types import (
    CampaignSpec,
    ConfigError,
    DispositionSpec,
    Meaning,
    SystemDisposition,
)

MAX_MINUTES = 366 * 24 * 60  # a year; longer blocks are a mistake
PRIORITIES = range(-1000, 1001)


class Place:
    """Where in a file a value stands, for the messages."""

    def __init__(self, path: str) -> None:
        self.path = path

    def at(self, key: object) -> "Place":
        return Place(f"{self.path}.{key}")

    def wrong(self, value: object, expected: str) -> ConfigError:
        return ConfigError(f"{self.path}: {value!r}, expected {expected}")


def text(limit: int, *, required: bool = False) -> Callable[[Any, Place], str]:
    def read(value: Any, place: Place) -> str:
        expected = f"text of at most {limit} characters" + (", not empty" if required else "")
        if not isinstance(value, str) or len(value) > limit or (required and not value.strip()):
            raise place.wrong(value, expected)
        return value

    return read


def whole(allowed: range) -> Callable[[Any, Place], int]:
    def read(value: Any, place: Place) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
            raise place.wrong(value, f"a whole number from {allowed[0]} to {allowed[-1]}")
        return value

    return read


def yes_or_no(value: Any, place: Place) -> bool:
    if not isinstance(value, bool):
        raise place.wrong(value, "true or false")
    return value


def time_zone(value: Any, place: Place) -> str:
    if value not in ZONE_NAMES:
        raise place.wrong(value, "one of " + ", ".join(ZONE_NAMES))
    return str(value)


def hours(value: Any, place: Place) -> tuple[str, str]:
    """``09:00-20:00``; 24:00 is written for the end of the day."""
    ends = value.split("-") if isinstance(value, str) else []
    expected = "hours such as 09:00-20:00"
    try:
        opens, till = (time.fromisoformat("00:00" if end == "24:00" else end) for end in ends)
    except ValueError:
        raise place.wrong(value, expected) from None
    if opens > till != time(0):
        raise place.wrong(value, expected + ", the first before the second")
    return opens.strftime("%H:%M"), till.strftime("%H:%M")


def listed(value: Any, place: Place) -> list[Any]:
    if not isinstance(value, list):
        raise place.wrong(value, "a list")
    return value


def mapping(value: Any, place: Place, known: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise place.wrong(value, "a mapping")
    for key in value:
        if key not in known:
            raise place.at(key).wrong(key, "one of " + ", ".join(known))
    return value


def reasons(value: Any, place: Place) -> tuple[str, ...]:
    return _unique(
        [
            text(128, required=True)(item, place.at(n))
            for n, item in enumerate(listed(value, place))
        ],
        place,
    )


def _unique(values: list[str], place: Place) -> tuple[str, ...]:
    for value in values:
        if values.count(value) > 1:
            raise place.wrong(value, "each text once")
    return tuple(values)


def dispositions(value: Any, place: Place) -> tuple[DispositionSpec, ...]:
    specs = [_disposition(item, place.at(n)) for n, item in enumerate(listed(value, place))]
    _unique([spec.result for spec in specs], place)
    return tuple(specs)


DISPOSITION_KEYS: Mapping[str, Callable[[Any, Place], Any]] = {
    "result": text(128, required=True),
    "meaning": lambda value, place: _word(Meaning, value, place),
    "block-minutes": whole(range(MAX_MINUTES + 1)),
}


def _disposition(value: Any, place: Place) -> DispositionSpec:
    read = _read(value, place, DISPOSITION_KEYS)
    for key in ("result", "meaning"):
        if key not in read:
            raise place.at(key).wrong(None, "a value, it is required")
    spec = DispositionSpec(read["result"], read["meaning"], read.get("block_minutes", 0))
    if spec.meaning is Meaning.REDIAL and spec.block_minutes == 0:
        raise place.at("block-minutes").wrong(0, "at least 1 where the meaning is REDIAL")
    return spec


def _word(words: type[Meaning] | type[SystemDisposition], value: Any, place: Place) -> Any:
    try:
        return words(value)
    except ValueError:
        raise place.wrong(value, "one of " + ", ".join(words)) from None


def redial(value: Any, place: Place) -> dict[SystemDisposition, int]:
    minutes = whole(range(MAX_MINUTES + 1))
    known = mapping(value, place, {word.value: None for word in SystemDisposition})
    return {SystemDisposition(key): minutes(known[key], place.at(key)) for key in known}


def week(value: Any, place: Place) -> dict[str, tuple[str, str]]:
    return _read(value, place, {"weekdays": hours, "weekends": hours})


CAMPAIGN_KEYS: Mapping[str, Callable[[Any, Place], Any]] = {
    "name": text(64, required=True),
    "description": text(256),
    "script": text(20_000),
    "active": yes_or_no,
    "priority": whole(PRIORITIES),
    "time-zone": time_zone,
    "hours": week,
    "max-attempts": whole(range(1, MAX_ATTEMPTS_CEILING + 1)),
    "min-in-flight": whole(range(10_001)),
    "reasons": reasons,
    "dispositions": dispositions,
    "redial": redial,
}


def _read(
    value: Any, place: Place, keys: Mapping[str, Callable[[Any, Place], Any]]
) -> dict[str, Any]:
    known = mapping(value, place, keys)
    return {key.replace("-", "_"): keys[key](known[key], place.at(key)) for key in known}


def read_campaign_spec(campaign_id: int, value: Any, where: str) -> CampaignSpec:
    """The campaign described by a mapping. Raises ConfigError with place, value and what was
    expected.

    ``where`` names the file and the place in it. Keys left out take the defaults of CampaignSpec;
    the name defaults to the number.
    """
    read = _read(value, Place(where), CAMPAIGN_KEYS)
    windows = read.pop("hours", {})
    if "redial" in read:
        read["redial_minutes"] = read.pop("redial")
    spec = {"name": _("Campaign %(number)d") % {"number": campaign_id}, **read}
    spec.update({f"{day.removesuffix('s')}_hours": window for day, window in windows.items()})
    return CampaignSpec(id=campaign_id, **spec)


def written(spec: CampaignSpec) -> dict[str, Any]:
    """The mapping that ``read_campaign_spec`` reads as ``spec``; defaults are left out."""
    defaults = {field.name: field.default for field in fields(CampaignSpec)}
    plain = (
        "description",
        "script",
        "active",
        "priority",
        "time_zone",
        "max_attempts",
        "min_in_flight",
    )
    out: dict[str, Any] = {"name": spec.name}
    out |= {
        name.replace("_", "-"): getattr(spec, name)
        for name in plain
        if getattr(spec, name) != defaults[name]
    }
    out["hours"] = {
        "weekdays": _hours_text(spec.weekday_hours),
        "weekends": _hours_text(spec.weekend_hours),
    }
    if spec.reasons:
        out["reasons"] = list(spec.reasons)
    if spec.dispositions:
        out["dispositions"] = [_disposition_written(d) for d in spec.dispositions]
    if spec.redial_minutes:
        out["redial"] = {key.value: minutes for key, minutes in spec.redial_minutes.items()}
    return out


def _hours_text(ends: tuple[str, str]) -> str:
    opens, till = ends
    return f"{opens}-{'24:00' if till == '00:00' else till}"


def _disposition_written(spec: DispositionSpec) -> dict[str, Any]:
    out: dict[str, Any] = {"result": spec.result, "meaning": spec.meaning.value}
    if spec.block_minutes:
        out["block-minutes"] = spec.block_minutes
    return out
