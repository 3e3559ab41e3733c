"""Moments and dates: UTC, in which moments are stored, Moscow time, in which files and the ARM API
write them, and full years of age."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")


def now() -> datetime:
    """The present moment, in UTC. Entry points ask for it and pass it on; rules take it as an
    argument."""
    return datetime.now(UTC)


def moscow_today(at: datetime) -> date:
    """The calendar date in Moscow at the moment ``at``."""
    return at.astimezone(MOSCOW).date()


def full_years(born_on: date, today: date) -> int:
    """Age in full years on the date ``today``. The birthday itself counts. Whoever was born on
    29 February gets a year older on 1 March of a common year."""
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def moscow_minute(at: datetime) -> str:
    """The moment as the ARM API writes it: ``01.12.2019 12:45``, Moscow time."""
    return at.astimezone(MOSCOW).strftime("%d.%m.%Y %H:%M")


def parse_moscow_minute(text: str) -> datetime:
    """The moment of ``01.12.2019 12:45``, Moscow time. Raises ValueError for any other text."""
    return datetime.strptime(text, "%d.%m.%Y %H:%M").replace(tzinfo=MOSCOW).astimezone(UTC)


def parse_moment(text: str) -> datetime:
    """The moment of an ISO 8601 text. Raises ValueError for any other text, and for one without an
    offset from UTC."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no offset")
    return moment
