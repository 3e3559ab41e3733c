"""What an administrator copies must name everything the code reads."""

import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from django.conf import settings as loaded_settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from launcher.places import ROOT
from launcher.ports import find_free
from launcher.postgres import APPLICATION, OWNER
from launcher.processes import Child, Program
from launcher.programs import QUEUES
from launcher.valkey import binary
from launcher.waiting import Patience

READ_BY_SETTINGS = re.compile(r'\benv\.\w+\(\s*"([A-Z_]+)"')
# f"{name}_CONCURRENCY": one variable for each service that may have limits of its own
READ_FOR_EACH_SERVICE = re.compile(r'\benv\.\w+\(\s*f"\{name\}(_[A-Z_]+)"')
# compose.yaml reads these; `make run` reads the port as well
READ_BY_COMPOSE = {
    *("POSTGRES_PASSWORD", "DATABASE_OWNER_PASSWORD", "DATABASE_PASSWORD", "REDIS_PASSWORD"),
    *("PORT", "HTTPS_ADDRESS"),
}
READ_BY_LAUNCHER = {"DATABASE_OWNER_URL"}
DOCUMENTED = re.compile(r"^# ([A-Z_]+)=", re.MULTILINE)
WORKERS = {f"worker-{queue}" for queue in QUEUES}
SERVERS = {"postgres", "redis", "proxy"}
RUN_ONCE = {"roles", "migrate"}
ROLES = SERVERS | RUN_ONCE | {"web", "back-office", "changes", "beat"} | WORKERS
PASSWORDS = {"POSTGRES_PASSWORD", "DATABASE_OWNER_PASSWORD", "DATABASE_PASSWORD", "REDIS_PASSWORD"}
TOKENS = {"BLACKLIST_TOKEN", "CASPER_TOKEN", "ABRAM_TOKEN", "MIGHTYCALL_API_KEY", "METRICS_TOKEN"}


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
        assert service["restart"] == ("no" if name in RUN_ONCE else "unless-stopped"), name


def test_every_container_of_the_application_reads_the_configuration_of_the_machine() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    ours = [service for service in services.values() if service.get("image") == "telemarketing"]

    assert len(ours) > 1
    assert all("./config:/app/config:ro" in service["volumes"] for service in ours)


def composed() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "compose.yaml").read_text())["services"])


def test_no_command_line_has_a_secret_in_it() -> None:
    for name, service in composed().items():
        lines = [service.get("command"), service.get("entrypoint"), service.get("healthcheck")]
        assert [word for word in PASSWORDS | TOKENS if f"${{{word}" in str(lines)] == [], name


def test_a_container_gets_the_secrets_that_it_needs_and_no_others() -> None:
    """``.env`` reaches every container of the application; what it must not see is emptied."""
    given = {
        name: {word for word in PASSWORDS | TOKENS if service["environment"].get(word) != ""}
        for name, service in composed().items()
        if service.get("image") == "telemarketing"
    }
    services = {"BLACKLIST_TOKEN", "CASPER_TOKEN", "ABRAM_TOKEN"}
    telephony = {"MIGHTYCALL_API_KEY"}

    assert given == {
        "migrate": services | telephony,
        "web": services,
        "back-office": {"METRICS_TOKEN"},
        "changes": set(),
        "worker-files": set(),
        "worker-judging": services,
        "worker-services": services,
        "worker-engine": services | telephony,
        "worker-events": telephony,
        "worker-presence": telephony,
        "worker-cards": services,
        "worker-jobs": services,
        "beat": set(),
    }


def test_only_migrations_connect_as_the_owner_of_the_tables() -> None:
    roles = {
        name: str(service["environment"]["DATABASE_URL"]).split(":")[1].strip("/")
        for name, service in composed().items()
        if service.get("image") == "telemarketing"
    }

    assert roles.pop("migrate") == OWNER
    assert set(roles.values()) == {APPLICATION}


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in composed().items() if "ports" in service] == ["proxy"]


def test_the_redis_of_the_containers_asks_for_its_password(tmp_path: Path) -> None:
    """The file that its command writes, read by a real server."""
    command = composed()["redis"]["command"][2].replace("$$", "$")
    writing, _, _ = command.partition("&& chown")
    file = tmp_path / "redis.conf"
    port = find_free()
    subprocess.run(
        ["/bin/sh", "-c", writing.replace("/tmp/redis.conf", str(file))],  # noqa: S108
        env={"REDISCLI_AUTH": "secret", "PATH": os.environ["PATH"]},
        check=True,
    )
    text = file.read_text().replace("/data", str(tmp_path))
    server = Child(
        Program(
            name="redis",
            argv=(str(binary()), "-"),
            log=tmp_path / "redis.log",
            is_ready=Child.has_ended,
            stdin=f"{text}port {port}\n".encode(),
        )
    )
    try:
        client = redis.Redis(port=port, password="secret")
        assert Patience().until(lambda: answers_a_ping(client), 10)
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=port, retry=Retry(NoBackoff(), 0)).ping()
        assert client.config_get("appendonly") == {"appendonly": "yes"}
    finally:
        server.end()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def answers_a_ping(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
