"""One process for most tests: each uses agents, campaigns and numbers of its own."""

from collections.abc import Iterator

import pytest

from simulators.faults import SERVICES
from simulators.tests.running import Simulators


@pytest.fixture(scope="session")
def shared() -> Iterator[Simulators]:
    simulators = Simulators()
    yield simulators
    assert simulators.stop() == 0


@pytest.fixture
def sim(shared: Simulators) -> Iterator[Simulators]:
    """The shared process, calm again after the test."""
    yield shared
    for service in SERVICES:
        shared.control("DELETE", f"/faults/{service}")
    shared.control("PUT", "/clock", json={"offset_sec": 0})
