"""Faults that can be switched on while a simulator runs, one set per service."""

import random
from dataclasses import asdict, dataclass, fields
from typing import Any

from simulators.options import DEFAULT_PORTS

SERVICES = tuple(name for name in DEFAULT_PORTS if name != "control")
EVENT_SERVICE = "mightycall"  # the only service with events
EVENT_RATES = ("lost_events", "doubled_events", "reordered_events", "outdated_cursor")
RATES = (
    "error_rate",
    "hang",
    "malformed",
    "cut_off",
    "effect_without_answer",
    "unauthorized",
    *EVENT_RATES,
)
WHOLE_NUMBERS = {"error_status": (400, 599), "retry_after": (0, 86_400), "times": (0, 10**9)}
MILLISECONDS = ("latency_ms", "latency_jitter_ms")


class BadFaultsError(ValueError):
    """The faults of a request cannot be set; the message says which and why."""


@dataclass
class Faults:
    """A rate is the share of requests (or events) that it hits, from 0 to 1."""

    latency_ms: float = 0.0
    latency_jitter_ms: float = 0.0
    error_rate: float = 0.0
    error_status: int = 503
    retry_after: int | None = None
    hang: float = 0.0
    malformed: float = 0.0
    cut_off: float = 0.0
    effect_without_answer: float = 0.0
    unauthorized: float = 0.0
    lost_events: float = 0.0
    doubled_events: float = 0.0
    reordered_events: float = 0.0
    outdated_cursor: float = 0.0
    times: int | None = None  # after so many hits the rates are off; None: they stay on


class FaultBoard:
    """The faults of all services."""

    def __init__(self, seed: int) -> None:
        self._faults = {service: Faults() for service in SERVICES}
        self._random = random.Random(f"{seed}:faults")

    def of(self, service: str) -> Faults:
        return self._faults[service]

    def put(self, service: str, wanted: dict[str, Any]) -> Faults:
        """Replace the faults of a service; what is not named is off. Raises BadFaultsError."""
        self._faults[service] = parse_faults(wanted)
        return self._faults[service]

    def clear(self, service: str) -> None:
        self._faults[service] = Faults()

    def strikes(self, service: str, rate_name: str) -> bool:
        """True if this fault hits now; a hit uses up one of `times`."""
        faults = self._faults[service]
        rate: float = getattr(faults, rate_name)
        if rate <= 0 or faults.times == 0 or self._random.random() >= rate:
            return False
        if faults.times is not None:
            faults.times -= 1
        return True

    def latency_sec(self, service: str) -> float:
        faults = self._faults[service]
        jitter = self._random.uniform(-1, 1) * faults.latency_jitter_ms
        return max(0.0, faults.latency_ms + jitter) / 1000

    def as_json(self) -> dict[str, dict[str, Any]]:
        return {service: asdict(faults) for service, faults in self._faults.items()}


def parse_faults(wanted: dict[str, Any]) -> Faults:
    """The faults that a JSON object describes.

    Raises BadFaultsError for an unknown name or a value out of bounds.
    """
    unknown = set(wanted) - {field.name for field in fields(Faults)}
    if unknown:
        raise BadFaultsError(f"unknown faults: {', '.join(sorted(unknown))}")
    faults = Faults()
    for name, value in wanted.items():
        setattr(faults, name, _value(name, value))
    return faults


def _value(name: str, value: Any) -> float | int | None:
    if name in RATES:
        return _number(name, value, 0.0, 1.0)
    if name in MILLISECONDS:
        return _number(name, value, 0.0, 600_000.0)
    if value is None and name != "error_status":
        return None
    low, high = WHOLE_NUMBERS[name]
    return int(_number(name, value, low, high))


def _number(name: str, value: Any, low: float, high: float) -> float:
    """A number within bounds; for a rate, true means 1 and false means 0."""
    if isinstance(value, bool) and name not in RATES:
        raise BadFaultsError(f"{name}: expected a number, got {value!r}")
    if not isinstance(value, int | float) or not low <= value <= high:
        raise BadFaultsError(f"{name}: expected a number from {low} to {high}, got {value!r}")
    return float(value)
