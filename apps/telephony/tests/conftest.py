"""The simulator: one process for all tests, idle at the beginning of each."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as project_settings

from apps.telephony.tests.simulator import Simulator, running_simulator
from common.http import http_service


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[Simulator]:
    with running_simulator(project_settings.MIGHTYCALL_API_KEY) as running:
        yield running


@pytest.fixture
def simulator(simulator_process: Simulator, settings: Any) -> Iterator[Simulator]:
    settings.MIGHTYCALL_URL = simulator_process.url
    simulator_process.begin()
    yield simulator_process
    simulator_process.end()
    http_service.cache_clear()
