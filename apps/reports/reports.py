"""The four reports: calls, operators, campaigns, funnel. Each is a list of tables."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.campaigns import selectors as campaigns
from apps.campaigns.types import SystemDisposition
from apps.reports import measures as m
from apps.reports.choice import Choice
from apps.reports.measures import Totals
from apps.reports.occupancy import with_time_on_line
from apps.reports.sums import Found, new_tasks_by_campaign, total_of, totals_by
from apps.reports.tables import (
    NOTHING,
    Cell,
    Drawing,
    Entry,
    Row,
    Table,
    cell_of,
    make_table,
    written,
)
from apps.security import selectors as security
from common.clock import now

ATTEMPTS_TOLD_APART = 10
FUNNEL = (m.TASKS, m.FIRST_DIALS, m.FIRST_REACHED, m.RESULTS, m.SUCCESSES)


class Contents(NamedTuple):
    """``totals``: of everything that was chosen. ``tables``: as they follow each other."""

    totals: Totals
    tables: Sequence[Table]


class Report(NamedTuple):
    title: Promise
    tiles: Sequence[m.Measure]
    contents: Callable[[Choice], Contents]


def calls_report(choice: Choice) -> Contents:
    by_time = totals_by(choice, "day", "hour_of_day")
    tables = [
        *([] if choice.is_one_day else [_by_day(choice, _fold(by_time, 0))]),
        _by_hour(choice, _fold(by_time, 1)),
        _outcomes(choice),
        _attempts(choice),
        _callbacks(choice),
    ]
    return Contents(total_of(by_time), tables)


def operators_report(choice: Choice) -> Contents:
    by_key = totals_by(choice, "operator_id")
    found = with_time_on_line(
        {pk: totals for (pk,), totals in by_key.items() if pk is not None}, choice, now()
    )
    names = security.full_names(found)
    entries = [
        Entry(names.get(pk, f"№ {pk}"), totals, {"operator": pk}) for pk, totals in found.items()
    ]
    entries.sort(key=lambda entry: (-entry.totals.conversations, entry.label))
    table = make_table(
        choice,
        entries,
        (*m.OF_OPERATORS, *m.OF_CALLBACKS),
        key="operators",
        title=_("Staff"),
        heading=_("operator"),
        drawing=Drawing("bar", ("reached", "successes")),
    )
    return Contents(sum(found.values(), Totals()), [table])


def campaigns_report(choice: Choice) -> Contents:
    found = totals_by(choice, "campaign_id")
    names = campaigns.campaign_names()
    entries = [
        Entry(name, found[pk,], {"campaign": pk}) for pk, name in names.items() if (pk,) in found
    ]
    table = make_table(
        choice,
        entries,
        m.OF_CALLS,
        key="campaigns",
        title=_("Campaigns"),
        heading=_("campaign"),
        drawing=Drawing("bar", ("calls", "reached", "successes")),
    )
    return Contents(total_of(found), [table, _results(choice, names), _reasons(choice)])


def funnel_report(choice: Choice) -> Contents:
    found = totals_by(choice, "campaign_id")
    tasks = new_tasks_by_campaign(choice)
    entries = [
        Entry(
            name,
            replace(found.get((pk,), Totals()), tasks=tasks.get(pk, 0)),
            {"campaign": pk},
        )
        for pk, name in campaigns.campaign_names().items()
        if (pk,) in found or pk in tasks
    ]
    everything = sum((entry.totals for entry in entries), Totals())
    by_campaign = make_table(
        choice, entries, FUNNEL, key="by_campaign", title=_("By campaign"), heading=_("campaign")
    )
    return Contents(everything, [_stages(choice, everything), by_campaign, _attempts(choice)])


def _stages(choice: Choice, totals: Totals) -> Table:
    """A line for each stage, and how many of the stage before came to it."""
    numbers = [int(one.value(totals) or 0) for one in FUNNEL]
    shares = [None, *(after / before if before else None for before, after in pairwise(numbers))]
    rows = [
        Row(
            str(one.title),
            [
                cell_of(choice, Entry("", totals, {}), one),
                Cell(share, NOTHING if share is None else written(share, m.Kind.SHARE)),
            ],
        )
        for one, share in zip(FUNNEL, shares, strict=True)
    ]
    return Table(
        key="stages",
        title=_("From a task to a success"),
        heading=_("stage"),
        measures=(m.NUMBER, m.OF_THE_STAGE_BEFORE),
        rows=rows if any(numbers) else [],
        drawing=Drawing("row", ("number",)),
    )


def _by_day(choice: Choice, found: Found) -> Table:
    days = [choice.first + timedelta(days=n) for n in range((choice.last - choice.first).days + 1)]
    entries = [_day(day, found.get((day,), Totals())) for day in days]
    return make_table(
        choice,
        entries,
        m.OF_CALLS,
        key="days",
        title=_("By day"),
        heading=_("day"),
        drawing=Drawing("line", ("calls", "reached", "successes")),
    )


def _day(day: date, totals: Totals) -> Entry:
    return Entry(day.strftime("%d.%m.%Y"), totals, {"since": day, "until": day})


def _by_hour(choice: Choice, found: Found) -> Table:
    hours = sorted(hour for (hour,) in found)
    every = range(hours[0], hours[-1] + 1) if hours else ()
    entries = [
        Entry(f"{hour:02}:00", found.get((hour,), Totals()), {"hour": hour}) for hour in every
    ]
    return make_table(
        choice,
        entries,
        m.OF_CALLS,
        key="hours",
        title=_("By hour of the day, Moscow time"),
        heading=_("hour"),
        drawing=Drawing("bar", ("calls", "reached")),
    )


def _outcomes(choice: Choice) -> Table:
    labels = {one.value: str(one.label) for one in SystemDisposition} | {"": _("still goes on")}
    found = totals_by(choice, "outcome")
    entries = [
        Entry(labels[one], totals, {"outcome": one or "-"}) for (one,), totals in found.items()
    ]
    entries.sort(key=lambda entry: -entry.totals.calls)
    return make_table(
        choice,
        entries,
        (m.CALLS,),
        key="outcomes",
        title=_("How calls ended"),
        heading=_("outcome"),
        drawing=Drawing("row", ("calls",)),
    )


def _attempts(choice: Choice) -> Table:
    found: dict[int, Totals] = {}
    for (attempt,), totals in totals_by(choice, "attempt").items():
        if attempt is not None:
            kept = min(attempt, ATTEMPTS_TOLD_APART)
            found[kept] = found.get(kept, Totals()) + totals
    entries = [
        Entry(
            f"{attempt}+" if attempt == ATTEMPTS_TOLD_APART else str(attempt),
            totals,
            {"attempts_from" if attempt == ATTEMPTS_TOLD_APART else "attempt": attempt},
        )
        for attempt, totals in sorted(found.items())
    ]
    return make_table(
        choice,
        entries,
        (m.FIRST_REACHED,),
        key="attempts",
        title=_("Attempts until a client was reached"),
        heading=_("attempt number"),
        drawing=Drawing("bar", ("first_reached",)),
    )


def _callbacks(choice: Choice) -> Table:
    names = campaigns.campaign_names()
    found = totals_by(choice, "campaign_id")
    entries = [
        Entry(name, found[pk,], {"campaign": pk})
        for pk, name in names.items()
        if (pk,) in found and found[pk,].callbacks
    ]
    return make_table(
        choice,
        entries,
        m.OF_CALLBACKS,
        key="callbacks",
        title=_("Callbacks"),
        heading=_("campaign"),
    )


def _results(choice: Choice, names: dict[int, str]) -> Table:
    results = campaigns.every_result()
    entries = [
        Entry(
            f"{results[pk].text} · {names.get(results[pk].campaign_id, '')}", totals, {"result": pk}
        )
        for (pk,), totals in totals_by(choice, "disposition_id").items()
        if pk is not None
    ]
    entries.sort(key=lambda entry: -entry.totals.results)
    return make_table(
        choice,
        entries,
        (m.RESULTS, m.TALK),
        key="results",
        title=_("Results"),
        heading=_("result"),
        drawing=Drawing("row", ("results",)),
    )


def _reasons(choice: Choice) -> Table:
    entries = [
        Entry(reason, totals, {"reason": reason})
        for (reason,), totals in totals_by(choice, "reason").items()
        if reason
    ]
    entries.sort(key=lambda entry: -entry.totals.results)
    return make_table(
        choice,
        entries,
        (m.RESULTS, m.SUCCESSES),
        key="reasons",
        title=_("Reasons"),
        heading=_("reason"),
        drawing=Drawing("row", ("results",)),
    )


def _fold(found: Found, place: int) -> Found:
    """The sums for one of the keys alone."""
    folded: Found = {}
    for key, totals in found.items():
        kept = (key[place],)
        folded[kept] = folded.get(kept, Totals()) + totals
    return folded


REPORTS: dict[str, Report] = {
    "calls": Report(gettext_lazy("Calls"), m.OF_CALLS, calls_report),
    "operators": Report(gettext_lazy("Staff"), m.OF_OPERATORS, operators_report),
    "campaigns": Report(gettext_lazy("Campaigns"), m.OF_CALLS, campaigns_report),
    "funnel": Report(gettext_lazy("Funnel"), FUNNEL, funnel_report),
}
