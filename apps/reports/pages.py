"""The pages of the reports: each report, its tables as files, and the calls behind a number."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apps.reports.choice import QUICK_TITLES, Choice, form_of, read_choice
from apps.reports.counting import count_changed, freshness
from apps.reports.measures import Kind
from apps.reports.reports import REPORTS, Report
from apps.reports.rows import LAST_PAGE, WrongAddressError, page_of, wanted_calls
from apps.reports.tables import Table, tiles
from apps.security import selectors, services
from apps.security.types import EXPORT_LISTS, Access
from common.clock import moscow_minute, moscow_today, now
from common.spreadsheets import Cell, Column, Sheet

MAY_SEE = "reports.view_reportcall"
COUNT_SECONDS = 1.5  # so long a page counts what has changed before it is shown
SUBJECT = "campaigns.communication"  # whose rows the lists behind the numbers show

Context = dict[str, Any]


def report_page(request: HttpRequest, context: Context, *, name: str) -> HttpResponse:
    """A report. Raises PermissionDenied."""
    _check_right(request)
    report = REPORTS[name]
    at = now()
    form = form_of(request.GET.dict(), at)
    choice = read_choice(form, moscow_today(at))
    shown = {
        **context,
        "title": report.title,
        "form": form,
        "choice": choice,
        "tabs": _tabs(name, choice),
        "quick": _quick(choice),
        "may_export": request.user.has_perm(EXPORT_LISTS),
        "export": reverse(f"admin:reports_{name}_export"),
        **(_shown(report, choice, at) if choice else {}),
    }
    return render(request, "reports/report.html", shown)


def export_page(request: HttpRequest, _context: Context, *, name: str) -> HttpResponseBase:
    """One table of a report as a file; ``table`` in the address names it. Raises PermissionDenied,
    Http404 and BadRequest."""
    _check_right(request)
    at = now()
    choice = _choice_of(request, at)
    count_changed(COUNT_SECONDS, choice.period)
    fresh = freshness(choice.period, at)
    key = request.GET.get("table", "")
    tables = REPORTS[name].contents(choice).tables
    table = next((one for one in tables if one.key == key), None)
    if table is None:
        raise Http404
    period = f"{choice.first:%d.%m.%Y} – {choice.last:%d.%m.%Y}"
    notes = [
        (_("Report"), f"{REPORTS[name].title}: {table.title}"),
        (_("Period, days in Moscow"), period),
        (_("Numbers as of, Moscow time"), moscow_minute(fresh.at)),
        *((str(one.title), str(one.help)) for one in table.measures),
    ]
    sheet = Sheet(title=table.title, columns=_columns(table), rows=_cells(table), notes=notes)
    file = f"{name}-{key}-{choice.first:%Y%m%d}-{choice.last:%Y%m%d}"
    return services.export_workbook(request, name=file, sheet=sheet, subject="reports.reportcall")


def rows_page(request: HttpRequest, context: Context) -> HttpResponse:
    """The calls behind a number; the access log learns that they were listed. Raises
    PermissionDenied and BadRequest."""
    _check_right(request)
    choice = _choice_of(request, now())
    try:
        wanted = wanted_calls(choice, request.GET.dict())
        page = max(1, min(LAST_PAGE, int(request.GET.get("p", "1"))))
    except (WrongAddressError, ValueError) as error:
        raise BadRequest from error
    services.record_access(
        selectors.visitor_of(request, request.user.pk or 0), Access.SEARCHED, SUBJECT
    )
    found = page_of(wanted, page)
    rows, more = found or ([], False)
    query = request.GET.dict()
    shown = {
        **context,
        "title": _("Calls behind the number"),
        "choice": choice,
        "rows": rows,
        "is_too_much": found is None,
        "page": page,
        "before": urlencode(query | {"p": str(page - 1)}) if page > 1 else "",
        "after": urlencode(query | {"p": str(page + 1)}) if more and page < LAST_PAGE else "",
    }
    return render(request, "reports/rows.html", shown)


def _check_right(request: HttpRequest) -> None:
    if not request.user.has_perm(MAY_SEE):
        raise PermissionDenied


def _choice_of(request: HttpRequest, at: datetime) -> Choice:
    choice = read_choice(form_of(request.GET.dict(), at), moscow_today(at))
    if choice is None:
        raise BadRequest
    return choice


def _shown(report: Report, choice: Choice, at: datetime) -> Context:
    count_changed(COUNT_SECONDS, choice.period)
    fresh = freshness(choice.period, at)
    contents = report.contents(choice)
    measures = [*report.tiles, *(one for table in contents.tables for one in table.measures)]
    return {
        "fresh": fresh,
        "tables": contents.tables,
        "tiles": tiles(choice, contents.totals, report.tiles),
        "is_empty": not any(table.rows for table in contents.tables),
        "definitions": list({one.key: one for one in measures}.values()),
    }


class Link(NamedTuple):
    title: Promise
    href: str
    is_current: bool


def _tabs(current: str, choice: Choice | None) -> list[Link]:
    query = f"?{choice.query()}" if choice else ""
    return [
        Link(one.title, reverse(f"admin:reports_{key}") + query, key == current)
        for key, one in REPORTS.items()
    ]


def _quick(choice: Choice | None) -> list[Link]:
    return [
        Link(
            title,
            "?" + (choice.query(period=key) if choice else urlencode({"period": key})),
            choice is not None and choice.quick == key,
        )
        for key, title in QUICK_TITLES.items()
    ]


def _columns(table: Table) -> list[Column]:
    columns = [Column(table.heading, 40)]
    for measure in table.measures:
        title = str(measure.title)
        if measure.kind is Kind.DURATION:
            title = _("%(measure)s, s") % {"measure": title}
        columns.append(Column(title))
        if measure.cases:
            columns += [
                Column(_("%(measure)s, from") % {"measure": measure.title}),
                Column(_("%(measure)s, to") % {"measure": measure.title}),
            ]
    return columns


def _cells(table: Table) -> Iterator[Sequence[Cell]]:
    for row in [*table.rows, *([table.total] if table.total else [])]:
        cells: list[Cell] = [row.label]
        for measure, cell in zip(table.measures, row.cells, strict=True):
            cells.append(cell.value)
            if measure.cases:
                cells += [cell.low, cell.high]
        yield cells


PAGES: dict[str, tuple[str, Callable[[HttpRequest, Context], HttpResponseBase]]] = {
    **{
        f"reports_{name}": (f"reports/{name}/", partial(report_page, name=name)) for name in REPORTS
    },
    **{
        f"reports_{name}_export": (f"reports/{name}/export/", partial(export_page, name=name))
        for name in REPORTS
    },
    "reports_rows": ("reports/rows/", rows_page),
}
