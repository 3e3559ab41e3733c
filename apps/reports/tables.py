"""Tables of a report: what the page shows, the charts draw and the files hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.reports.choice import Choice
from apps.reports.measures import Kind, Measure, Totals
from apps.reports.wilson import interval, uncertainty

NOTHING = "—"


class Entry(NamedTuple):
    """One line of a table before it is written: ``narrowed`` is what the addresses of its rows ask
    for in addition to the choice."""

    label: str
    totals: Totals
    narrowed: Mapping[str, object]


class Cell(NamedTuple):
    """``value`` is the number itself, None where there is none; ``note`` says more about it.
    ``low`` and ``high`` are the ends of the interval of a share that has one."""

    value: float | None
    text: str
    href: str = ""
    note: str = ""
    low: float | None = None
    high: float | None = None


class Row(NamedTuple):
    label: str
    cells: Sequence[Cell]


class Drawing(NamedTuple):
    """A chart of a table: ``bar``, ``line``, or ``row`` for bars that lie; the keys of its
    columns."""

    form: str
    columns: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """``heading`` is the title of the column of labels."""

    key: str
    title: str
    heading: str
    measures: Sequence[Measure]
    rows: Sequence[Row]
    total: Row | None = None
    drawing: Drawing | None = None


def make_table(
    choice: Choice,
    entries: Iterable[Entry],
    measures: Sequence[Measure],
    *,
    key: str,
    title: str,
    heading: str,
    drawing: Drawing | None = None,
) -> Table:
    """The table of these entries, with a line for all of them where there are several."""
    entries = list(entries)
    everything = sum((entry.totals for entry in entries), Totals())
    whole = Entry(_("In all"), everything, {})
    return Table(
        key=key,
        title=title,
        heading=heading,
        measures=measures,
        rows=[_row(choice, entry, measures) for entry in entries],
        total=_row(choice, whole, measures) if len(entries) > 1 else None,
        drawing=drawing,
    )


def tiles(
    choice: Choice, totals: Totals, measures: Sequence[Measure]
) -> list[tuple[Measure, Cell]]:
    """The numbers above the tables."""
    return [(one, cell_of(choice, Entry("", totals, {}), one)) for one in measures]


def _row(choice: Choice, entry: Entry, measures: Sequence[Measure]) -> Row:
    return Row(entry.label, [cell_of(choice, entry, one) for one in measures])


def cell_of(choice: Choice, entry: Entry, measure: Measure) -> Cell:
    value = measure.value(entry.totals)
    if value is None:
        return Cell(None, NOTHING)
    href = ""
    if measure.rows and value:
        address = choice.query(**{"rows": measure.rows, **entry.narrowed})
        href = f"{reverse('admin:reports_rows')}?{address}"
    cell = Cell(value, written(value, measure.kind), href)
    return _with_uncertainty(cell, *measure.cases(entry.totals)) if measure.cases else cell


def _with_uncertainty(cell: Cell, successes: int, cases: int) -> Cell:
    found, off = interval(successes, cases), uncertainty(successes, cases)
    if found is None or off is None:
        return cell
    ends = {
        "low": written(found.low, Kind.SHARE),
        "high": written(found.high, Kind.SHARE),
    }
    return cell._replace(
        text=f"{cell.text}\u00a0±\u00a0{number_format(off * 100, 1)}",
        note=_("from %(low)s to %(high)s") % ends,
        low=found.low,
        high=found.high,
    )


def written(value: float, kind: Kind) -> str:
    """The number as people read it: ``1 234``, ``12,4 %``, ``1:02:03``."""
    match kind:
        case Kind.COUNT:
            return number_format(int(value), 0, force_grouping=True)
        case Kind.SHARE:
            return f"{number_format(value * 100, 1)}\u00a0%"
        case Kind.DURATION:
            return duration(value)


def duration(seconds: float) -> str:
    """``1:02:03``, or ``2:03`` for less than an hour."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
