"""How long each operation took: percentiles as text, and the whole distribution as a plot."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999, "longest": 1.0}
MILLISECONDS = 1e3
POINTS = 2_000  # more than a plot has pixels


@dataclass(slots=True)
class Latencies:
    """Seconds by operation, in the order in which they were measured."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def note(self, operation: str, seconds: float) -> None:
        self.seconds[operation].append(seconds)

    def percentile(self, operation: str, share: float) -> float:
        """Seconds; 0 where the operation never happened."""
        found = sorted(self.seconds[operation])
        return found[min(len(found) - 1, int(len(found) * share))] if found else 0.0

    def table(self) -> str:
        """The operations as lines of text, in milliseconds."""
        head = f"  {'milliseconds':<32} {'number':>9}" + "".join(f"{one:>9}" for one in SHARES)
        return "\n".join([head, *(self._line(name) for name in sorted(self.seconds))])

    def _line(self, name: str) -> str:
        taken = (MILLISECONDS * self.percentile(name, share) for share in SHARES.values())
        return f"  {name:<32} {len(self.seconds[name]):>9,}" + "".join(
            f"{ms:>9,.0f}" for ms in taken
        )

    def plot(self, path: Path, title: str, bars: Mapping[str, float]) -> None:
        """Write an SVG: for each operation, which share of it took at most how long. ``bars`` are
        promised seconds by name.
        """
        figure = Figure(figsize=(10, 6), layout="constrained")
        axes = figure.subplots()
        for name in sorted(self.seconds):
            axes.step(*_distribution(self.seconds[name]), where="post", label=name)
        for name, seconds in bars.items():
            axes.axvline(MILLISECONDS * seconds, color="black", linestyle=":", label=name)
        axes.set(xscale="log", xlabel="milliseconds", ylabel="share of the requests", title=title)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.grid(visible=True, which="both", alpha=0.3)
        axes.legend(loc="lower right", fontsize="small")
        figure.savefig(path, format="svg")


def _distribution(seconds: Sequence[float]) -> tuple[list[float], list[float]]:
    """Milliseconds, and the share of all that took at most so long; of many, ``POINTS``."""
    taken = sorted(seconds)
    step = max(1, len(taken) // POINTS)
    ranks = [*range(0, len(taken) - 1, step), len(taken) - 1]
    return (
        [MILLISECONDS * taken[rank] for rank in ranks],
        [(rank + 1) / len(taken) for rank in ranks],
    )
