"""The file that lets any command find the running system."""

import stat
from pathlib import Path

import environ
import pytest
from cryptography.fernet import Fernet

from launcher import environment, ports
from launcher.environment import SERVICES, Servers
from launcher.failures import LauncherError
from launcher.system import only_one

SERVERS = Servers("postgres://role:word@127.0.0.1:1/name", "redis://:word@127.0.0.1:2/0")
PORTS = dict.fromkeys(SERVICES, 3)


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "local.env"
    first = environment.local(SERVERS, PORTS, given={}, kept={})
    environment.write(first, file)

    second = environment.local(SERVERS, PORTS, given={}, kept=environment.read(file))

    assert second == first


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    file = tmp_path / "local.env"

    environment.write({"SECRET_KEY": "word"}, file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_the_person_has_set_wins(tmp_path: Path) -> None:
    kept = {"SECRET_KEY": "kept"}

    variables = environment.local(SERVERS, PORTS, given={"SECRET_KEY": "mine"}, kept=kept)

    assert variables["SECRET_KEY"] == "mine"


def test_the_settings_read_back_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environ.Env, "ENVIRON", {})
    variables = environment.local(SERVERS, PORTS, given={"CSV_BASE_FOLDER": "/a folder#1"}, kept={})
    environment.write(variables, tmp_path / "local.env")

    environ.Env.read_env(tmp_path / "local.env")

    assert variables == environ.Env.ENVIRON


def test_the_encryption_key_is_one_that_fernet_takes() -> None:
    Fernet(environment.new_secrets()["FIELD_ENCRYPTION_KEY"])


def test_a_second_run_from_the_same_folder_is_refused(tmp_path: Path) -> None:
    with (
        only_one(tmp_path / "lock"),
        pytest.raises(LauncherError, match="already running from this folder"),
        only_one(tmp_path / "lock"),
    ):
        pass


def test_ports_are_the_same_again(tmp_path: Path) -> None:
    first = ports.choose(("web", "redis"), tmp_path / "ports.json")

    assert ports.choose(("web", "redis"), tmp_path / "ports.json") == first
    assert len(set(first.values())) == 2
