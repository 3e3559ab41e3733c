"""What an administrator copies must name everything the code reads."""

import re

import yaml
from django.conf import settings as loaded_settings

from launcher.places import ROOT
from launcher.programs import QUEUES

READ_BY_SETTINGS = re.compile(r'\benv\.\w+\(\s*"([A-Z_]+)"')
# f"{name}_CONCURRENCY": one variable for each service that may have limits of its own
READ_FOR_EACH_SERVICE = re.compile(r'\benv\.\w+\(\s*f"\{name\}(_[A-Z_]+)"')
# compose.yaml reads all three; `make run` reads the port as well
READ_BY_COMPOSE = {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "PORT"}
READ_BY_LAUNCHER = {"DATABASE_OWNER_URL"}
DOCUMENTED = re.compile(r"^# ([A-Z_]+)=", re.MULTILINE)
WORKERS = {f"worker-{queue}" for queue in QUEUES}
ROLES = {"postgres", "redis", "migrate", "web", "back-office", "beat"} | WORKERS


def test_every_variable_of_the_settings_is_documented() -> None:
    assert variables_of_the_settings() - documented_variables() == set()


def test_every_documented_variable_is_read() -> None:
    read = variables_of_the_settings() | READ_BY_COMPOSE | READ_BY_LAUNCHER

    assert documented_variables() - read == set()


def variables_of_the_settings() -> set[str]:
    settings = (ROOT / "telemarketing" / "settings.py").read_text()
    for_each_service = {
        f"{service}{ending}"
        for service in loaded_settings.SERVICE_LIMITS
        for ending in READ_FOR_EACH_SERVICE.findall(settings)
    }
    return set(READ_BY_SETTINGS.findall(settings)) | for_each_service


def documented_variables() -> set[str]:
    return set(DOCUMENTED.findall((ROOT / ".env.example").read_text()))


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


def test_every_container_of_the_application_reads_the_configuration_of_the_machine() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    ours = [service for service in services.values() if service.get("image") == "telemarketing"]

    assert len(ours) > 1
    assert all("./config:/app/config:ro" in service["volumes"] for service in ours)
