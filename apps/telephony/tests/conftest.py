"""The simulator, fresh for each test that asks for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as project_settings

from apps.telephony.tests.simulator import QUICK, Simulator, running_simulator
from common.http import http_service


@pytest.fixture
def simulator(settings: Any) -> Iterator[Simulator]:
    with running_simulator(project_settings.MIGHTYCALL_API_KEY) as running:
        settings.MIGHTYCALL_URL = running.url
        running.set_pace(**QUICK)
        yield running
        http_service.cache_clear()
