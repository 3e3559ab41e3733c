"""How sure a share is that was counted on so many cases: Wilson's interval."""

import math
from typing import NamedTuple

# of a normal distribution, for an interval that holds the true share 95 times of 100
Z = 1.959963984540054


class Interval(NamedTuple):
    """Between which shares the true one lies, from 0 to 1."""

    low: float
    high: float


def interval(successes: int, cases: int) -> Interval | None:
    """The interval for ``successes`` of ``cases``, None where there are no cases. It stays within 0
    and 1, and is right for few cases and for shares near 0 and 1, where p ± 1.96 σ is not."""
    if not cases:
        return None
    share = successes / cases
    scale = 1 + Z * Z / cases
    middle = (share + Z * Z / (2 * cases)) / scale
    half = Z * math.sqrt(share * (1 - share) / cases + Z * Z / (4 * cases * cases)) / scale
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def uncertainty(successes: int, cases: int) -> float | None:
    """By how much the share may be off: the distance to the farther end of the interval."""
    found = interval(successes, cases)
    if found is None:
        return None
    share = successes / cases
    return max(share - found.low, found.high - share)
