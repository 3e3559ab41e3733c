"""What each number of a report is: the one place where it is defined.

``Totals`` are sums, which may be added up. A ``Measure`` makes a number of them, and its ``help``
is the definition that people read on the page. docs/ru/reports.md has the same in full.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over some calls; milliseconds end in ``_ms``."""

    # new tasks; an operator has none
    tasks: int = 0
    calls: int = 0
    # clients who were dialled for the first time, or reached for the first time, for their task
    first_dials: int = 0
    first_reached: int = 0
    conversations: int = 0
    talk_ms: int = 0
    # conversations that are over, with their result or as a card for rework, and their times
    handled: int = 0
    handled_ms: int = 0
    after_call_ms: int = 0
    results: int = 0
    successes: int = 0
    callbacks: int = 0
    callbacks_kept: int = 0
    callbacks_late: int = 0
    # time of operators in states: with a call or its result, and that or ready for one
    busy_ms: int = 0
    on_line_ms: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            **{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)}
        )


class Kind(StrEnum):
    """How a number is written."""

    COUNT = "count"
    SHARE = "share"
    DURATION = "duration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """``value`` is None where there is nothing to divide by. Shares are from 0 to 1, durations in
    seconds. ``cases``: of a share that has an uncertainty, its successes and its cases. ``rows``:
    which rows are behind the number, as the list of calls takes it; empty: none."""

    key: str
    title: Promise
    help: Promise
    kind: Kind
    value: Callable[[Totals], float | None]
    cases: Callable[[Totals], tuple[int, int]] | None = None
    rows: str = ""


def _ratio(above: float, below: float) -> float | None:
    return above / below if below else None


CALLS = Measure(
    key="calls",
    title=_("calls"),
    help=_(
        "Calls that telephony began to make, also those that reached nobody. A call belongs to the "
        "hour in which its conversation began or, without one, in which it was dialled."
    ),
    kind=Kind.COUNT,
    value=lambda totals: totals.calls,
    rows="all",
)
REACHED = Measure(
    key="reached",
    title=_("calls reached"),
    help=_("Calls in which an operator talked with a client."),
    kind=Kind.COUNT,
    value=lambda totals: totals.conversations,
    rows="reached",
)
REACH_SHARE = Measure(
    key="reach_share",
    title=_("share reached"),
    help=_("Reached ÷ calls."),
    kind=Kind.SHARE,
    value=lambda totals: _ratio(totals.conversations, totals.calls),
)
TALK = Measure(
    key="talk",
    title=_("talk time"),
    help=_("From the beginning to the end of conversations, those that go on left out."),
    kind=Kind.DURATION,
    value=lambda totals: totals.talk_ms / 1000,
)
AFTER_CALL = Measure(
    key="after_call",
    title=_("after-call work"),
    help=_(
        "Average time from the end of a conversation until its result was saved: nothing where it "
        "was saved before the end, and the whole time for the result where it was not saved in "
        "that time."
    ),
    kind=Kind.DURATION,
    value=lambda totals: _ratio(totals.after_call_ms / 1000, totals.handled),
)
HANDLING = Measure(
    key="handling",
    title=_("average handling time"),
    help=_(
        "(Talk time + after-call work) ÷ conversations whose result was saved or whose time for it "
        "has run out."
    ),
    kind=Kind.DURATION,
    value=lambda totals: _ratio((totals.handled_ms + totals.after_call_ms) / 1000, totals.handled),
)
RESULTS = Measure(
    key="results",
    title=_("results"),
    help=_("Conversations whose result is saved, as it stands today if it was corrected."),
    kind=Kind.COUNT,
    value=lambda totals: totals.results,
    rows="results",
)
SUCCESSES = Measure(
    key="successes",
    title=_("successful conversations"),
    help=_("Conversations with a result that means success."),
    kind=Kind.COUNT,
    value=lambda totals: totals.successes,
    rows="successes",
)
CONVERSION = Measure(
    key="conversion",
    title=_("conversion"),
    help=_(
        "Successes ÷ reached. After ± is how far the true share may be from it: the farther end of "
        "Wilson's interval, which holds it 95 times of 100."
    ),
    kind=Kind.SHARE,
    value=lambda totals: _ratio(totals.successes, totals.conversations),
    cases=lambda totals: (totals.successes, totals.conversations),
)
CALLBACKS = Measure(
    key="callbacks",
    title=_("callbacks promised"),
    help=_("Conversations whose result promises a call at a certain time."),
    kind=Kind.COUNT,
    value=lambda totals: totals.callbacks,
    rows="callbacks",
)
CALLBACKS_KEPT = Measure(
    key="callbacks_kept",
    title=_("kept in time"),
    help=_(
        "Callbacks for which the client was dialled from 5 minutes before until 15 minutes after "
        "the promised time."
    ),
    kind=Kind.COUNT,
    value=lambda totals: totals.callbacks_kept,
)
CALLBACKS_LATE = Measure(
    key="callbacks_late",
    title=_("called later"),
    help=_("Callbacks for which the client was dialled later. The rest waits for its call."),
    kind=Kind.COUNT,
    value=lambda totals: totals.callbacks_late,
)

TASKS = Measure(
    key="tasks",
    title=_("new tasks"),
    help=_("Clients whom a campaign was to call from this time on."),
    kind=Kind.COUNT,
    value=lambda totals: totals.tasks,
)
FIRST_DIALS = Measure(
    key="first_dials",
    title=_("clients dialled"),
    help=_("Tasks whose client was dialled for the first time."),
    kind=Kind.COUNT,
    value=lambda totals: totals.first_dials,
    rows="first_dials",
)
FIRST_REACHED = Measure(
    key="first_reached",
    title=_("clients reached"),
    help=_("Tasks whose client was reached for the first time."),
    kind=Kind.COUNT,
    value=lambda totals: totals.first_reached,
    rows="first_reached",
)
# of the table of stages, whose cells are the measures above
NUMBER = Measure(
    key="number",
    title=_("how many"),
    help=_("What came to this stage in the period, whenever it came to the one before."),
    kind=Kind.COUNT,
    value=lambda _totals: None,
)
OF_THE_STAGE_BEFORE = Measure(
    key="of_the_stage_before",
    title=_("of the stage before"),
    help=_("Number ÷ that of the stage before."),
    kind=Kind.SHARE,
    value=lambda _totals: None,
)

ON_LINE = Measure(
    key="on_line",
    title=_("time on line"),
    help=_("Time in which an operator was ready for calls, in a call, or in after-call work."),
    kind=Kind.DURATION,
    value=lambda totals: totals.on_line_ms / 1000 if totals.on_line_ms else None,
)
OCCUPANCY = Measure(
    key="occupancy",
    title=_("occupancy"),
    help=_(
        "Time in calls and in after-call work ÷ time on line, in all campaigns together. It is "
        "not known for one campaign, nor from before states were recorded."
    ),
    kind=Kind.SHARE,
    value=lambda totals: _ratio(totals.busy_ms, totals.on_line_ms),
)

OF_CALLS = (CALLS, REACHED, REACH_SHARE, TALK, AFTER_CALL, HANDLING, RESULTS, SUCCESSES, CONVERSION)
OF_OPERATORS = (
    *(REACHED, TALK, AFTER_CALL, HANDLING, ON_LINE, OCCUPANCY),
    *(RESULTS, SUCCESSES, CONVERSION),
)
OF_CALLBACKS = (CALLBACKS, CALLBACKS_KEPT, CALLBACKS_LATE)
