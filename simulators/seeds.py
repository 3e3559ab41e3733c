"""Numbers that look random and depend on their seed alone: the same on every machine."""

import hashlib
import random
from collections.abc import Sequence

WORD = (1 << 64) - 1
# splitmix64, which `apps/ingest/sample_applications.py` computes by the same steps
GOLDEN = 0x9E3779B97F4A7C15
MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
LAST_SHIFT = 31


def fraction(seed: int, *parts: str) -> float:
    """A number in [0, 1) from sha256 of `seed:part:part`."""
    text = ":".join([str(seed), *parts])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def rng(seed: int, *parts: str) -> random.Random:
    """A random generator that depends on this seed and these parts alone."""
    return random.Random(":".join([str(seed), *parts]))


def number_of(text: str) -> int:
    """A number from 0 on that depends on the text alone; of a text of digits, their number."""
    if text.isascii() and text.isdecimal():
        return int(text) & WORD
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


class Dice:
    """Draws that depend on one number alone: splitmix64, its steps counted from that number."""

    def __init__(self, number: int) -> None:
        self._state = number * GOLDEN & WORD

    def below(self, bound: int) -> int:
        """A number from 0 to ``bound`` - 1."""
        mixed = self._state = (self._state + GOLDEN) & WORD
        for shift, factor in MIX:
            mixed = (mixed ^ mixed >> shift) * factor & WORD
        return (mixed ^ mixed >> LAST_SHIFT) % bound

    def pick(self, values: Sequence[str]) -> str:
        return values[self.below(len(values))]

    def happens(self, percent: int) -> bool:
        return self.below(100) < percent
