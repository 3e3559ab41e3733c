"""Decides whether a client may be called now: pure rules over a campaign's calling hours.

A campaign has one window for weekdays and one for weekends, in its own time zone. Outside them no
task is handed to telephony, and an order expires when its window closes.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS_OF_WEEK = 7
FIRST_WEEKEND_DAY = 5  # Saturday, as datetime.weekday() counts
MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Hours:
    """A daily window. ``till`` at 00:00 means the end of the day. Equal times mean no window,
    except 00:00 to 00:00, which is the whole day."""

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
    """The time from ``opens`` on and before ``closes``, in which calls are allowed."""

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
    """The window that is open at ``now``, or None when nobody may be called."""
    window = window_of(week, now.astimezone(week.zone))
    return window if window and window.opens <= now < window.closes else None


def next_window(week: Week, now: datetime) -> Window | None:
    """The first window that opens after ``now``, or None when no day of the week has one."""
    day = now.astimezone(week.zone)
    windows = (window_of(week, day + timedelta(days=ahead)) for ahead in range(DAYS_OF_WEEK + 1))
    return next((window for window in windows if window and window.opens > now), None)
