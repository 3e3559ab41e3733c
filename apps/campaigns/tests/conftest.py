import pytest


@pytest.fixture(autouse=True)
def alone(core_alone: None) -> None:
    """The tests of this app run with fakes of the core's ports."""
