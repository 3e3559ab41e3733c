"""Computes the bars of a funnel, as numbers of the SVG that the template draws.

So the page needs no script and no inline style.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.filters.back_office.funnel import Funnel

WIDTH = 420  # of the longest bar, in SVG units
ROW_HEIGHT = 26  # of one bar, in SVG units


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the chart: a filter, how many it stopped, and how many went on to the next.

    Widths and ``y``, the top edge, in SVG units.
    """

    label: str
    left: int
    stopped: int
    left_width: int
    stopped_width: int
    y: int


def bars(funnel: Funnel) -> Sequence[Bar]:
    """A bar for each filter, in their order. Widths are shares of all who entered the cascade."""
    unit = WIDTH / funnel.entered if funnel.entered else 0
    return [
        Bar(
            label=stage.rule,
            left=stage.left,
            stopped=stage.stopped,
            left_width=round(stage.left * unit),
            stopped_width=round(stage.stopped * unit),
            y=number * ROW_HEIGHT,
        )
        for number, stage in enumerate(funnel.stages)
    ]
