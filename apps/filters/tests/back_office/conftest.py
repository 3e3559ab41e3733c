"""A senior operator's browser, and a cascade to look at."""

import pytest
from django.test import Client

from apps.filters.cascade.revisions import set_cascade
from apps.filters.models import Cascade
from apps.filters.tests.back_office.form_data import SETTINGS
from testing.browser import enter_back_office
from testing.factories.campaigns import CampaignFactory
from testing.factories.security import SeniorOperatorFactory


@pytest.fixture
def senior(client: Client) -> Client:
    """A browser with a senior operator logged in."""
    enter_back_office(client, SeniorOperatorFactory.create(login="senior", last_name="Старшая"))
    return client


@pytest.fixture
def cascade() -> Cascade:
    return set_cascade(CampaignFactory.create().pk, SETTINGS, author_id=None)
