"""What a report is about: a period in days of Moscow, and optionally a campaign, an operator and an
hour of the day. The address of the page has it all."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.campaigns import selectors as campaigns
from apps.reports.counting import Period
from apps.security import selectors as security
from common.clock import MOSCOW, moscow_today

LONGEST = timedelta(days=3 * 366)
# days whose midnights every clock can tell, wherever it stands
WITHIN = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 12, 31))]
# how many days each quick choice has, and how many days ago it ends
QUICK = {"today": (1, 0), "yesterday": (1, 1), "week": (7, 0), "month": (30, 0)}
QUICK_TITLES: dict[str, Promise] = {
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "week": _("7 days"),
    "month": _("30 days"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """``first`` and ``last`` are days in Moscow, both included. ``quick`` names the quick choice
    that they come from, empty for dates that were typed. None elsewhere: everything."""

    first: date
    last: date
    quick: str = ""
    campaign_id: int | None = None
    operator_id: int | None = None
    hour: int | None = None

    @property
    def period(self) -> Period:
        return Period(_midnight(self.first), _midnight(self.last + timedelta(days=1)))

    @property
    def is_one_day(self) -> bool:
        return self.first == self.last

    def query(self, **others: object) -> str:
        """What stands after ``?`` in an address, with these in addition or instead of others."""
        days: dict[str, object] = (
            {"period": self.quick}
            if self.quick
            else {"since": self.first.isoformat(), "until": self.last.isoformat()}
        )
        values = {
            **days,
            "campaign": self.campaign_id,
            "operator": self.operator_id,
            "hour": self.hour,
            **others,
        }
        if "period" in others:
            values.update(since=None, until=None)
        elif "since" in others:
            values["period"] = None
        return urlencode({name: one for name, one in values.items() if one not in (None, "")})


def quick_choice(name: str, today: date) -> Choice:
    days, ago = QUICK[name]
    last = today - timedelta(days=ago)
    return Choice(first=last - timedelta(days=days - 1), last=last, quick=name)


class ChoiceForm(forms.Form):
    """The form above each report. It is sent by GET."""

    since = forms.DateField(
        label=_("from the day"),
        validators=WITHIN,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("till the day"),
        validators=WITHIN,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    campaign = forms.TypedChoiceField(
        label=_("campaign"), required=False, coerce=int, empty_value=None
    )
    operator = forms.TypedChoiceField(
        label=_("operator"), required=False, coerce=int, empty_value=None
    )
    hour = forms.TypedChoiceField(
        label=_("hour of the day"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        operators = security.list_operators().order_by("last_name", "first_name", "pk")
        choices = {
            "campaign": (_("all campaigns"), campaigns.campaign_names().items()),
            "operator": (
                _("all operators"),
                [(one.pk, one.get_full_name()) for one in operators],
            ),
            "hour": (_("all hours"), [(n, f"{n:02}:00–{n:02}:59") for n in range(24)]),
        }
        for name, (everything, values) in choices.items():
            self.fields[name].choices = [("", everything), *values]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and until < since:
            self.add_error("until", _("The period ends before it begins."))
        elif since and until and until - since > LONGEST:
            self.add_error("until", _("At most three years are shown at once."))
        return values


def read_choice(form: ChoiceForm, today: date) -> Choice | None:
    """What the form asks for, None where it is wrong: the form says why."""
    if not form.is_valid():
        return None
    values = form.cleaned_data
    return Choice(
        first=values["since"],
        last=values["until"],
        quick=str(form.data.get("period", "")),
        campaign_id=values["campaign"],
        operator_id=values["operator"],
        hour=values["hour"],
    )


def form_of(query: dict[str, str], now: datetime) -> ChoiceForm:
    """The form as the address fills it in; an address without a period asks for today."""
    name = query.get("period", "")
    if name not in QUICK:
        name = "" if "since" in query or "until" in query else "today"
    values = {**query, "period": name}
    if name:
        quick = quick_choice(name, moscow_today(now))
        values |= {"since": quick.first.isoformat(), "until": quick.last.isoformat()}
    return ChoiceForm(values)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), MOSCOW)
