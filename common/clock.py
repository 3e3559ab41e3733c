"""The two clocks of the system: UTC, in which times are stored, and Moscow's, which files and the
ARM API speak."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")


def now() -> datetime:
    """The present moment, in UTC. Doors ask for it and hand it on; rules take it as an argument."""
    return datetime.now(UTC)


def moscow_today(at: datetime) -> date:
    """The calendar date in Moscow at the moment ``at``."""
    return at.astimezone(MOSCOW).date()


def moscow_minute(at: datetime) -> str:
    """The moment as the ARM API writes it: ``01.12.2019 12:45``, Moscow time."""
    return at.astimezone(MOSCOW).strftime("%d.%m.%Y %H:%M")


def parse_moscow_minute(text: str) -> datetime:
    """The moment that ``01.12.2019 12:45`` in Moscow is. Raises ValueError for any other text."""
    return datetime.strptime(text, "%d.%m.%Y %H:%M").replace(tzinfo=MOSCOW).astimezone(UTC)


def parse_moment(text: str) -> datetime:
    """The moment that an ISO 8601 text with its offset names. Raises ValueError for any other."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no offset")
    return moment
