"""Numbers that look random and depend on the seed alone: the same on every machine."""

import hashlib
import random


def fraction(seed: int, *parts: str) -> float:
    """A number in [0, 1) from sha256 of `seed:part:part`."""
    text = ":".join([str(seed), *parts])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def rng(seed: int, *parts: str) -> random.Random:
    """A random generator that depends on this seed and these parts alone."""
    return random.Random(":".join([str(seed), *parts]))
