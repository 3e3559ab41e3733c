"""What an administrator copies must name everything the code reads."""

import re

import yaml

from launcher.places import ROOT

READ_BY_SETTINGS = re.compile(r'\benv\.\w+\(\s*"([A-Z_]+)"')
DOCUMENTED = re.compile(r"^# ([A-Z_]+)=", re.MULTILINE)
ROLES = {"postgres", "redis", "migrate", "web", "worker-loans", "worker-calls", "beat"}


def test_every_variable_of_the_settings_is_documented() -> None:
    settings = (ROOT / "telemarketing" / "settings.py").read_text()
    documented = set(DOCUMENTED.findall((ROOT / ".env.example").read_text()))

    assert set(READ_BY_SETTINGS.findall(settings)) - documented == set()


def test_the_example_sets_nothing_by_itself() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == []


def test_every_role_has_a_container_that_is_hardened_and_restarted() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]

    assert set(services) == ROLES
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped"), name
