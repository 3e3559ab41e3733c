"""One process for most tests: each uses agents, campaigns and numbers of its own."""

from collections.abc import Iterator

import pytest

from simulators.faults import SERVICES
from simulators.tests.under_test import SimulatorsUnderTest


@pytest.fixture(scope="session")
def process_under_test() -> Iterator[SimulatorsUnderTest]:
    process = SimulatorsUnderTest()
    yield process
    assert process.stop() == 0


@pytest.fixture
def sim(process_under_test: SimulatorsUnderTest) -> Iterator[SimulatorsUnderTest]:
    """The common process. After the test it has no faults, and its clock shows the real time."""
    yield process_under_test
    process_under_test.clear_faults(*SERVICES)
    process_under_test.move_clock(0)
