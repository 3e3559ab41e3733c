"""The settings that lead to the simulated MightyCall. It is idle when a test begins,
and no earlier test has read its events."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from apps.telephony.tests.simulated_mightycall import SimulatedMightyCall
from common.http import http_service
from testing.simulators import Simulators


@pytest.fixture
def mightycall(
    simulators: Simulators, settings: Settings, cold_cache: None
) -> Iterator[SimulatedMightyCall]:
    mightycall = SimulatedMightyCall(simulators)
    settings.MIGHTYCALL_URL = mightycall.url
    mightycall.begin()
    yield mightycall
    mightycall.end()
    http_service.cache_clear()
