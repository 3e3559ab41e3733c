"""A measured figure with its promised bound, and the table of them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """A measured figure and its promised bound: the least, or with ``at_most`` the most."""

    name: str
    measured: float
    bar: float
    unit: str
    at_most: bool = False
    notes: str = ""

    @property
    def is_met(self) -> bool:
        return self.measured <= self.bar if self.at_most else self.measured >= self.bar


def table(bars: Sequence[Bar]) -> str:
    """The figures as lines of text, each with its promised bound."""
    width = max(len(bar.name) for bar in bars)
    lines = []
    for bar in bars:
        sign = "<=" if bar.at_most else ">="
        verdict = "met" if bar.is_met else "MISSED"
        figure = f"{bar.measured:12,.3g} {bar.unit:<5} {sign} {bar.bar:<8g} {verdict:<7}"
        lines.append(f"{bar.name:<{width}} {figure} {bar.notes}".rstrip())
    return "\n".join(lines)
