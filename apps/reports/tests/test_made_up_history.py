"""A made-up year is as many calls as were asked for, and is made up only where nobody is called."""

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.campaigns.models import Call
from apps.campaigns.services import make_history
from apps.reports.choice import quick_choice
from apps.reports.counting import count_changed
from apps.reports.sums import total_of, totals_by
from testing.reported_calls import DAY, at

pytestmark = pytest.mark.django_db


def test_every_made_up_call_is_counted_once() -> None:
    make_history(300, until=at("00:00"), days=10)

    count_changed(seconds=60)

    totals = total_of(totals_by(quick_choice("month", DAY.date()), "hour"))
    assert (totals.calls, totals.first_dials) == (300, 166)
    assert 60 < totals.conversations < 150


def test_an_installation_that_calls_people_makes_nothing_up(settings: Settings) -> None:
    settings.DEBUG = settings.DEMO = False

    with pytest.raises(CommandError, match="neither DJANGO_DEBUG nor DEMO"):
        call_command("make_history")

    assert not Call.objects.exists()
