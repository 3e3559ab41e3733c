import pytest

pytest_plugins = ["testing.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough",
        action="store_true",
        help="try every interleaving, and many more random sequences and operators: many minutes",
    )


@pytest.fixture
def thorough(request: pytest.FixtureRequest) -> bool:
    """Whether the tests that sample try everything."""
    return bool(request.config.getoption("--thorough"))
