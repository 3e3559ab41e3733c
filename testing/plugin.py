"""The pytest plugin of this project. The conftest.py at the top loads it, once for all tests.

Every test gets what `testing.isolation` does by itself. The other modules offer fixtures that a
test asks for by name.
"""

pytest_plugins = [
    "testing.isolation",
    "testing.liar",
    "testing.fakes",
    "testing.rivals",
    "testing.interleaving",
    "testing.scripted_service",
    "testing.simulators",
]
