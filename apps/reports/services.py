"""What others may ask the reports to do. Each docstring is where the name is defined."""

from apps.reports.counting import count_changed, recount

__all__ = ["count_changed", "recount"]
