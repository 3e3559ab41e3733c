"""System checks of the filters."""

import pytest

from apps.filters.checks import stored_cascades_can_be_read
from apps.filters.models import Cascade
from testing.factories.filters import CascadeFactory

pytestmark = pytest.mark.django_db


def flawed_cascade() -> Cascade:
    """Settings that an earlier release accepted: this one has no such filter."""
    flawed = {"data-streams": ["MOBILE_LOANS"], "filters-order": ["AGE", "HOROSCOPE"], "min-age": 1}
    cascade: Cascade = CascadeFactory.create(settings=flawed)
    return cascade


def test_the_check_of_the_database_names_the_cascade_that_cannot_be_read() -> None:
    flawed = flawed_cascade()

    (warning,) = stored_cascades_can_be_read()

    assert warning.id == "filters.W001"
    assert "HOROSCOPE" in warning.msg
    assert str(flawed.campaign_id) in warning.msg
