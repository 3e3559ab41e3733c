"""Bars of a funnel as numbers for an SVG that the server draws: no script, no inline style."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.filters.back_office.funnel import Funnel

WIDTH = 420  # of the longest bar, in SVG units


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the chart: what went on to the next step, and what this step stopped."""

    label: str
    left: int
    stopped: int
    left_width: int
    stopped_width: int
    y: int


ROW_HEIGHT = 26


def bars(funnel: Funnel) -> Sequence[Bar]:
    """A bar for each step, in their order; widths are shares of those who entered."""
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
