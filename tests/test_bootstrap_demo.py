"""The first look at the system: what `make run` makes at each start, and what it leaves alone."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from apps.campaigns.models import Campaign
from apps.filters.models import Cascade, CascadeRevision

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, settings: Settings) -> None:
    settings.DEMO = True
    settings.VAR_DIR = tmp_path / "var"
    settings.CSV_BASE_FOLDER = tmp_path / "incoming"


def start() -> str:
    out = StringIO()
    call_command("bootstrap_demo", stdout=out)
    return out.getvalue()


def test_a_start_never_overwrites_what_people_changed() -> None:
    start()
    Cascade.objects.filter(campaign_id=1).update(settings={"data-streams": ["POS_REJECT"]})
    Campaign.objects.filter(pk=1).update(name="Весна", active=False, max_attempts=1)
    revisions = CascadeRevision.objects.count()

    said = start()

    campaign = Campaign.objects.get(pk=1)
    assert (campaign.name, campaign.active, campaign.max_attempts) == ("Весна", False, 1)
    assert Cascade.objects.get(campaign_id=1).settings == {"data-streams": ["POS_REJECT"]}
    assert CascadeRevision.objects.count() == revisions
    assert "left as it is: campaign 1: filters: data-streams" in said


def test_a_campaign_that_is_not_there_is_made_at_the_next_start() -> None:
    start()
    Campaign.objects.filter(pk=2).delete()

    start()

    assert Cascade.objects.filter(campaign_id=2).exists()
