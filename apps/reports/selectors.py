"""What others may ask about the reports. Each docstring is where the name is defined."""

from apps.reports.checking import Comparison, compare, first_and_last_stored
from apps.reports.counting import Period, freshness

__all__ = ["Comparison", "Period", "compare", "first_and_last_stored", "freshness"]
