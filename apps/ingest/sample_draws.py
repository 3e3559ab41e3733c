"""Columns of made-up values: the same numbers and seed, the same values.

All arithmetic is on 64-bit integers, so the values depend on no library's random generator.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

# splitmix64: the steps of its mixing function, which spread consecutive numbers evenly
GOLDEN = 0x9E3779B97F4A7C15
MIX = ((1 << 30, 0xBF58476D1CE4E5B9), (1 << 27, 0x94D049BB133111EB))
LAST_DIVISOR = 1 << 31
WORD = (1 << 64) - 1


class Dice:
    """Makes columns of random numbers, each from the numbers of the rows and the seed."""

    def __init__(self, numbers: pl.Series, seed: int = 0) -> None:
        """``numbers`` are of the type UInt64."""
        self._state = (numbers + (seed * GOLDEN & WORD)) * GOLDEN

    def below(self, bound: int) -> pl.Series:
        """A number from 0 to ``bound`` - 1 for every row."""
        mixed = self._state = self._state + GOLDEN
        for divisor, factor in MIX:
            mixed = (mixed ^ (mixed // divisor)) * factor
        return (mixed ^ (mixed // LAST_DIVISOR)) % bound

    def pick(self, values: Sequence[str]) -> pl.Series:
        return pl.Series(values).gather(self.below(len(values)))

    def happens(self, percent: int) -> pl.Series:
        return self.below(100) < percent


def day_after(first: date, days: pl.Series) -> pl.Series:
    """The dates so many days after ``first``, as a file has them: 31.12.2026."""
    dates: pl.Series = days.cast(pl.Int32) + (first - date(1970, 1, 1)).days
    return dates.cast(pl.Date).dt.strftime("%d.%m.%Y")


def padded(numbers: pl.Series, digits: int) -> pl.Series:
    return numbers.cast(pl.String).str.zfill(digits)
