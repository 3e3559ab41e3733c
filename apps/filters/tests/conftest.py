"""The simulators as a real process, and the settings that lead to them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from common.http import http_service
from simulators.tests.running import Simulators, unique


@pytest.fixture(scope="session")
def shared_simulators() -> Iterator[Simulators]:
    """Nobody is blacklisted by chance, every check is passed, everybody is known to Casper."""
    simulators = Simulators(
        "--blacklisted-share=0", "--checks-passed-share=1", "--casper-found-share=1"
    )
    yield simulators
    simulators.stop()


@pytest.fixture
def services(shared_simulators: Simulators, settings: Any) -> Iterator[Simulators]:
    """BlackList, Casper and Abram without faults, with breakers that have seen nothing."""
    for name in ("blacklist", "casper", "abram"):
        url = f"http://127.0.0.1:{shared_simulators.ports[name]}"
        setattr(settings, f"{name.upper()}_URL", url)
        setattr(settings, f"{name.upper()}_TOKEN", "")
        settings.SERVICE_LIMITS[name.upper()] = {
            "connect_seconds": 1.0,
            "read_seconds": 0.4,
            "concurrency": 8,
        }
    http_service.cache_clear()
    yield shared_simulators
    for name in ("blacklist", "casper", "abram"):
        shared_simulators.control("DELETE", f"/faults/{name}")


@pytest.fixture
def unused_phone() -> Callable[[], str]:
    """A maker of numbers that no other test of this run has used."""
    return lambda: f"7988{int(unique()):07d}"
