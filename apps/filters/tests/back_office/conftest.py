"""A senior operator's browser, and a cascade to look at."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from apps.filters.cascade.revisions import set_cascade
from apps.filters.models import Cascade
from apps.filters.tests.back_office.form_data import SETTINGS
from testing.factories.campaigns import CampaignFactory


@pytest.fixture
def senior(client: Client) -> Client:
    """A browser with a senior operator logged in."""
    operator = get_user_model().objects.create(
        login="senior", first_name="Ольга", last_name="Старшая", role="SENIOR_OPERATOR"
    )
    client.force_login(operator, backend="apps.security.backends.OperatorBackend")
    return client


@pytest.fixture
def cascade() -> Cascade:
    return set_cascade(CampaignFactory.create().pk, SETTINGS, author_id=None)
