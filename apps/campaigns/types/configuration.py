"""Campaigns as configuration files describe them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.campaigns.types.calls import SystemDisposition
from apps.campaigns.types.results import Meaning


@dataclass(frozen=True, slots=True)
class DispositionSpec:
    """A result as the operator's form shows it, and what follows from it."""

    result: str
    meaning: Meaning
    block_minutes: int = 0


@dataclass(frozen=True, slots=True)
class CampaignSpec:
    """A campaign as configuration files describe it; ``id`` names it across installations."""

    id: int
    name: str
    description: str = ""
    script: str = ""
    active: bool = True
    priority: int = 0
    time_zone: str = "Europe/Moscow"
    weekday_hours: tuple[str, str] = ("09:00", "20:00")
    weekend_hours: tuple[str, str] = ("10:00", "18:00")
    max_attempts: int = 3
    min_in_flight: int = 5
    reasons: tuple[str, ...] = ()
    dispositions: tuple[DispositionSpec, ...] = ()
    redial_minutes: Mapping[SystemDisposition, int] = field(default_factory=dict)
