from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from apps.campaigns.engine.calling_hours import Hours, Week, open_window

MOSCOW = Week(Hours(time(9), time(20)), Hours(time(10), time(18)), ZoneInfo("Europe/Moscow"))
ROUND_THE_CLOCK = Week(Hours(time(0), time(0)), Hours(time(0), time(0)), ZoneInfo("Europe/Moscow"))
NEVER = Week(Hours(time(9), time(9)), Hours(time(9), time(9)), ZoneInfo("Europe/Moscow"))


def utc(year: int, month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (utc(2026, 11, 18, 5, 59, 59), False),  # Wednesday, 08:59:59 in Moscow
        (utc(2026, 11, 18, 6), True),
        (utc(2026, 11, 18, 16, 59, 59), True),
        (utc(2026, 11, 18, 17), False),  # 20:00 is outside
        (utc(2026, 11, 20, 6), True),  # Friday, 09:00: no weekend yet
        (utc(2026, 11, 20, 16, 59), True),
        (utc(2026, 11, 21, 6, 30), False),  # Saturday, 09:30
        (utc(2026, 11, 21, 7), True),
        (utc(2026, 11, 22, 15), False),  # Sunday, 18:00
        (utc(2026, 11, 20, 22), False),  # Friday in UTC, Saturday 01:00 in Moscow
    ],
)
def test_calls_are_allowed_within_the_window_of_the_day_only(
    moment: datetime, is_open: bool
) -> None:
    assert (open_window(MOSCOW, moment) is not None) == is_open


def test_a_window_till_midnight_ends_with_the_day() -> None:
    window = open_window(ROUND_THE_CLOCK, utc(2026, 11, 18, 20, 59))

    assert window is not None
    assert window.closes == utc(2026, 11, 18, 21)


def test_a_week_without_windows_is_never_open() -> None:
    assert open_window(NEVER, utc(2026, 11, 18, 6)) is None
