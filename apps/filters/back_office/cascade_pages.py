"""The funnel of a cascade in the back office."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.filters.back_office.charts import ROW_HEIGHT, bars
from apps.filters.back_office.funnel import by_day, counts, funnel_of
from apps.filters.back_office.pages import cascade_page, viewable_cascade
from apps.filters.cascade.compiled_cascade import build
from apps.filters.models import Cascade
from common.clock import MOSCOW, moscow_today, now

FEWEST_DAYS, MOST_DAYS = 1, 366
DEFAULT_DAYS = 7


class DaysForm(forms.Form):
    days = forms.IntegerField(
        label=_("days"), min_value=FEWEST_DAYS, max_value=MOST_DAYS, initial=DEFAULT_DAYS
    )


def funnel_page(
    admin: "ModelAdmin[Cascade]", request: HttpRequest, cascade_id: int
) -> HttpResponse:
    """How many applications entered, were stopped and passed, in all and by day.

    Where the counting takes too long, the page asks for fewer days. Raises PermissionDenied.
    """
    cascade = viewable_cascade(admin, request, cascade_id)
    form = DaysForm({"days": request.GET.get("days", DEFAULT_DAYS)})
    days = form.cleaned_data["days"] if form.is_valid() else DEFAULT_DAYS
    order = build(cascade.campaign_id, cascade.version, cascade.settings).order()
    first_day = moscow_today(now()) - timedelta(days=days - 1)
    since = datetime.combine(first_day, time(), MOSCOW)
    context: dict[str, Any] = {"form": form, "title": _("Funnel")}
    try:
        found = counts(cascade.campaign_id, since, now() + timedelta(days=1))
    except DatabaseError:
        context["is_too_much"] = True
        return cascade_page(admin, request, "admin/filters/funnel.html", cascade, context)
    funnel = funnel_of(found, order)
    chart = bars(funnel)
    context |= {
        "funnel": funnel,
        "bars": chart,
        "chart_height": ROW_HEIGHT * len(chart),
        "days": by_day(found, order),
    }
    return cascade_page(admin, request, "admin/filters/funnel.html", cascade, context)
