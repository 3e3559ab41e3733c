"""Pages of the runs over stored applications: dry runs, and judging again.

No page judges anything: it asks for a run, which a worker does, and shows how far that is.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.filters.back_office.cascade_pages import DEFAULT_DAYS, MOST_DAYS, DaysForm
from apps.filters.back_office.pages import cascade_page, viewable_cascade
from apps.filters.cascade.compiled_cascade import flaw_of
from apps.filters.cascade.settings import in_order, read_settings
from apps.filters.judging.dry_run import Comparison
from apps.filters.judging.runs import (
    SETTINGS_CHANGED,
    Asked,
    cancel_run,
    request_dry_run,
    request_rejudge,
    request_rejudge_trial,
)
from apps.filters.models import Cascade, DryRun
from apps.filters.states import RunPurpose, RunState
from common.clock import moscow_today, now
from common.configuration import ConfigError, Place, parse_yaml, write_yaml

RUNS_SHOWN = 20
REFRESH_SECONDS = 2  # of the page of a run that is under way
DATE = forms.DateInput(attrs={"type": "date"})


class DryRunForm(DaysForm):
    on = forms.DateField(
        label=gettext_lazy("as of the end of"),
        help_text=gettext_lazy("Empty: now. Age and calls count as they were on that day."),
        required=False,
        widget=DATE,
    )
    settings = forms.CharField(
        label=gettext_lazy("settings"), widget=forms.Textarea(attrs={"rows": 20, "cols": 80})
    )

    def clean_settings(self) -> dict[str, Any]:
        try:
            return read_settings(parse_yaml(self.cleaned_data["settings"]), Place())
        except ConfigError as error:
            raise forms.ValidationError(str(error)) from error


class PeriodForm(forms.Form):
    first = forms.DateField(label=gettext_lazy("stored from"), widget=DATE)
    last = forms.DateField(label=gettext_lazy("to"), widget=DATE)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and not 0 <= (last - first).days < MOST_DAYS:
            raise forms.ValidationError(_("a period of 1 to %d days") % MOST_DAYS)
        return cleaned


def dry_run_page(
    admin: "ModelAdmin[Cascade]", request: HttpRequest, cascade_id: int
) -> HttpResponse:
    """The runs of a cascade, and the form that asks for a dry run. Raises PermissionDenied."""
    cascade = viewable_cascade(admin, request, cascade_id)
    initial = {"settings": write_yaml(in_order(cascade.settings)), "days": DEFAULT_DAYS}
    form = DryRunForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        run = request_dry_run(
            cascade.campaign_id, wanted["settings"], wanted["days"], wanted["on"], _asked(request)
        )
        return _to_run(cascade, run)
    context = {"form": form, "runs": _runs(cascade)[:RUNS_SHOWN], "title": _("Dry run")}
    return cascade_page(admin, request, "admin/filters/dry_run.html", cascade, context)


def rejudge_page(
    admin: "ModelAdmin[Cascade]", request: HttpRequest, cascade_id: int
) -> HttpResponse:
    """The form that asks for a trial of judging again. Raises PermissionDenied."""
    cascade = viewable_cascade(admin, request, cascade_id)
    _refuse_whoever_may_not_change(admin, request, cascade)
    today = moscow_today(now())
    form = PeriodForm(request.POST or None, initial={"first": today, "last": today})
    flaw = flaw_of(cascade.campaign_id, cascade.settings)
    if request.method == "POST" and form.is_valid() and not flaw:
        period = form.cleaned_data
        run = request_rejudge_trial(cascade, period["first"], period["last"], _asked(request))
        return _to_run(cascade, run)
    runs = _runs(cascade).exclude(purpose=RunPurpose.DRY_RUN)[:RUNS_SHOWN]
    context = {"form": form, "flaw": flaw, "runs": runs, "title": _("Judge again")}
    return cascade_page(admin, request, "admin/filters/rejudge.html", cascade, context)


def run_page(
    admin: "ModelAdmin[Cascade]", request: HttpRequest, cascade_id: int, run_id: int
) -> HttpResponse:
    """How far a run is, and its result. Raises PermissionDenied."""
    cascade = viewable_cascade(admin, request, cascade_id)
    run = get_object_or_404(_runs(cascade), pk=run_id)
    if request.method == "POST":
        return _act(admin, request, cascade, run)
    is_comparison = run.purpose != RunPurpose.REJUDGE
    result = Comparison.of_json(run.result) if is_comparison and run.result else None
    context = {
        "title": _("Run No. %d") % run.pk,
        "run": run,
        "refresh_seconds": REFRESH_SECONDS if run.is_unfinished else None,
        "settings": write_yaml(in_order(run.settings)),
        "error": _error_of(run),
        "result": result,
        "rows": result.stopped_by_filter() if result else (),
        "lacking": list(result.changed.lacking.items()) if result else (),
        "is_trial": run.purpose == RunPurpose.REJUDGE_TRIAL,
        "may_be_followed": _may_be_followed(admin, request, cascade, run),
    }
    return cascade_page(admin, request, "admin/filters/run.html", cascade, context)


def _act(
    admin: "ModelAdmin[Cascade]", request: HttpRequest, cascade: Cascade, run: DryRun
) -> HttpResponse:
    """Cancel the run, or judge the applications of a trial again."""
    if "cancel" in request.POST:
        if run.purpose == RunPurpose.REJUDGE:
            _refuse_whoever_may_not_change(admin, request, cascade)
        if not cancel_run(run.pk, now()):
            messages.warning(request, _("The run was finished already."))
        return _to_run(cascade, run)
    _refuse_whoever_may_not_change(admin, request, cascade)
    rejudge = request_rejudge(run, _asked(request))
    if rejudge is None:
        messages.error(request, _("The settings were changed since this trial: make another."))
        return _to_run(cascade, run)
    admin.log_change(request, cascade, _("Judged again, run No. %d.") % rejudge.pk)
    return _to_run(cascade, rejudge)


def _runs(cascade: Cascade) -> QuerySet[DryRun]:
    runs = DryRun.objects.filter(campaign_id=cascade.campaign_id)
    return runs.select_related("author").order_by("-pk")


def _asked(request: HttpRequest) -> Asked:
    return Asked(author_id=request.user.pk, at=now())


def _to_run(cascade: Cascade, run: DryRun) -> HttpResponse:
    return redirect("admin:filters_cascade_run", cascade.pk, run.pk)


def _refuse_whoever_may_not_change(
    admin: "ModelAdmin[Cascade]", request: HttpRequest, cascade: Cascade
) -> None:
    if not admin.has_change_permission(request, cascade):
        raise PermissionDenied


def _may_be_followed(
    admin: "ModelAdmin[Cascade]", request: HttpRequest, cascade: Cascade, run: DryRun
) -> bool:
    """Whether the page offers to judge the applications of this trial again."""
    is_done = (run.purpose, run.state) == (RunPurpose.REJUDGE_TRIAL, RunState.DONE)
    is_current = run.live_version == cascade.version and not run.rejudgings.exists()
    return is_done and is_current and admin.has_change_permission(request, cascade)


def _error_of(run: DryRun) -> str:
    if run.error == SETTINGS_CHANGED:
        return _("The settings were changed meanwhile; the rest was not judged again.")
    return run.error
