"""Two pages of a cascade in the back office: its funnel, and the dry run of other settings."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.filters.back_office.charts import ROW_HEIGHT, bars
from apps.filters.back_office.funnel import by_day, counts, funnel_of
from apps.filters.back_office.pages import cascade_page, viewable_cascade
from apps.filters.cascade.compiled_cascade import build
from apps.filters.cascade.settings import in_order, read_settings
from apps.filters.judging.dry_run import DryRun, dry_run
from apps.filters.models import Cascade
from common.clock import MOSCOW, moscow_today, now
from common.configuration import ConfigError, Place, parse_yaml, write_yaml

FEWEST_DAYS, MOST_DAYS = 1, 366
DEFAULT_DAYS = 7


class DaysForm(forms.Form):
    days = forms.IntegerField(
        label=_("days"), min_value=FEWEST_DAYS, max_value=MOST_DAYS, initial=DEFAULT_DAYS
    )


class DryRunForm(DaysForm):
    settings = forms.CharField(
        label=_("settings"), widget=forms.Textarea(attrs={"rows": 20, "cols": 80})
    )

    def clean_settings(self) -> dict[str, Any]:
        try:
            return read_settings(parse_yaml(self.cleaned_data["settings"]), Place())
        except ConfigError as error:
            raise forms.ValidationError(str(error)) from error


def funnel_page(
    admin: "ModelAdmin[Cascade]", request: HttpRequest, cascade_id: int
) -> HttpResponse:
    """How many applications entered, were stopped and passed, in all and by day.

    Raises PermissionDenied, as ``dry_run_page`` does.
    """
    cascade = viewable_cascade(admin, request, cascade_id)
    form = DaysForm({"days": request.GET.get("days", DEFAULT_DAYS)})
    days = form.cleaned_data["days"] if form.is_valid() else DEFAULT_DAYS
    order = build(cascade.campaign_id, cascade.version, cascade.settings).order()
    first_day = moscow_today(now()) - timedelta(days=days - 1)
    since = datetime.combine(first_day, time(), MOSCOW)
    found = counts(cascade.campaign_id, since, now() + timedelta(days=1))
    funnel = funnel_of(found, order)
    chart = bars(funnel)
    context = {
        "form": form,
        "funnel": funnel,
        "bars": chart,
        "chart_height": ROW_HEIGHT * len(chart),
        "days": by_day(found, order),
        "title": _("Funnel"),
    }
    return cascade_page(admin, request, "admin/filters/funnel.html", cascade, context)


def dry_run_page(
    admin: "ModelAdmin[Cascade]", request: HttpRequest, cascade_id: int
) -> HttpResponse:
    """What other settings would do to the applications of the last days. Writes nothing."""
    cascade = viewable_cascade(admin, request, cascade_id)
    initial = {"settings": write_yaml(in_order(cascade.settings)), "days": DEFAULT_DAYS}
    form = DryRunForm(request.POST or None, initial=initial)
    result: DryRun | None = None
    if request.method == "POST" and form.is_valid():
        settings, days = form.cleaned_data["settings"], form.cleaned_data["days"]
        result = dry_run(cascade.campaign_id, settings, days, now())
    context = {
        "form": form,
        "result": result,
        "rows": result.stopped_by_filter() if result else (),
        "title": _("Dry run"),
    }
    return cascade_page(admin, request, "admin/filters/dry_run.html", cascade, context)
