"""The settings that lead to the simulated BlackList, Casper and Abram."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from common.http import http_service
from testing.judging import SERVICES
from testing.simulators import Simulators


@pytest.fixture
def services(simulators: Simulators, settings: Settings) -> Iterator[Simulators]:
    """BlackList, Casper and Abram without faults. All circuit breakers are closed."""
    for name in SERVICES:
        setattr(settings, f"{name.upper()}_URL", simulators.url(name))
        setattr(settings, f"{name.upper()}_TOKEN", "")
        settings.SERVICE_LIMITS[name.upper()] = {
            "connect_seconds": 1.0,
            "read_seconds": 0.4,
            "concurrency": 8,
        }
    http_service.cache_clear()
    yield simulators
    simulators.clear_faults(*SERVICES)
