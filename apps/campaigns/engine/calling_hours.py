"""When a client may be called: pure rules over a campaign's hours in a time zone.

A campaign has one window for weekdays and one for weekends; outside them nobody is handed to
telephony, and a call that was handed over expires with its window.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

FIRST_WEEKEND_DAY = 5  # Saturday, as datetime.weekday() counts
MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Hours:
    """A daily window. ``till`` at 00:00 is the end of the day; equal ends are no window at all,
    but for 00:00 to 00:00, which is the whole day."""

    opens: time
    till: time


@dataclass(frozen=True, slots=True)
class Week:
    """The windows of a week in one time zone."""

    weekdays: Hours
    weekends: Hours
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Window:
    """One moment-to-moment window in which calls are allowed; ``closes`` is outside it."""

    opens: datetime
    closes: datetime


def window_of(week: Week, day: datetime) -> Window | None:
    """The window of the calendar day of ``day`` in the week's zone, or None when there is none."""
    hours = week.weekends if day.weekday() >= FIRST_WEEKEND_DAY else week.weekdays
    opens = datetime.combine(day.date(), hours.opens, week.zone)
    last_day = day.date() + timedelta(days=1) if hours.till == MIDNIGHT else day.date()
    closes = datetime.combine(last_day, hours.till, week.zone)
    return Window(opens, closes) if opens < closes else None


def open_window(week: Week, now: datetime) -> Window | None:
    """The window that is open at ``now``, or None: nobody may be called then."""
    window = window_of(week, now.astimezone(week.zone))
    return window if window and window.opens <= now < window.closes else None
