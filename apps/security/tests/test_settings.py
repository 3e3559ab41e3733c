"""Wrong settings stop the start, and the table of rights names what exists."""

import os
import subprocess
import sys
from collections.abc import Sequence

import pytest
from django.apps import apps
from django.conf import settings as project
from django.core.checks import CheckMessage
from pytest_django import Settings

from apps.security import checks
from apps.security.permissions import SENIOR_OPERATOR_MAY, role_has_permission
from apps.security.types import Role


def ids(messages: Sequence[CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


def test_the_keys_of_this_installation_pass() -> None:
    assert checks.jwt_key_is_long_enough() == []
    assert checks.jwt_key_is_its_own() == []
    assert checks.limits_make_sense() == []


def test_a_key_shorter_than_the_digest_is_refused(settings: Settings) -> None:
    settings.JWT_KEYS = ["k" * 64, "k" * 63]

    assert ids(checks.jwt_key_is_long_enough()) == ["security.E001"]


@pytest.mark.parametrize("key", ["abc", "k" * 50, "k" * 49])
def test_a_weak_secret_key_is_refused(settings: Settings, key: str) -> None:
    settings.SECRET_KEY = key

    assert ids(checks.secret_key_is_strong()) == ["security.E008"]


def test_one_key_for_two_purposes_is_refused(settings: Settings) -> None:
    settings.JWT_KEYS = ["k" * 64, settings.SECRET_KEY]

    assert ids(checks.jwt_key_is_its_own()) == ["security.E002"]


def test_a_misspelt_word_does_not_switch_the_second_factor_off(settings: Settings) -> None:
    settings.SECOND_FACTOR = "requird"

    assert ids(checks.second_factor_is_known()) == ["security.E007"]


def test_without_a_word_the_second_factor_is_required() -> None:
    source = (project.BASE_DIR / "telemarketing" / "settings.py").read_text(encoding="utf-8")

    assert 'SECOND_FACTOR = env.str("SECOND_FACTOR", default="required")' in source


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TOKEN_LIFETIME_SECONDS", 59, ["security.E003"]),
        ("AXES_FAILURE_LIMIT", 0, ["security.E004"]),
        ("ADDRESS_FAILURE_LIMIT", 9, ["security.E005"]),
        ("EVERYWHERE_FAILURE_LIMIT", 9, ["security.E007"]),
        ("TRUSTED_PROXIES", -1, ["security.E006"]),
        ("BACK_OFFICE_IDLE_SECONDS", 59, ["security.E008"]),
        ("BACK_OFFICE_SESSION_SECONDS", 1799, ["security.E008"]),
        ("TOKENS_PER_OPERATOR", 0, ["security.E009"]),
    ],
)
def test_numbers_that_make_no_sense_are_refused(
    settings: Settings, name: str, value: int, expected: list[str]
) -> None:
    setattr(settings, name, value)

    assert ids(checks.limits_make_sense()) == expected


def test_the_deployment_check_has_nothing_to_say_under_production_settings() -> None:
    production = {
        "PATH": os.environ["PATH"],
        "LOCAL_ENV_FILE": os.devnull,
        "SECRET_KEY": "".join(chr(33 + number % 90) for number in range(80)),
        "JWT_KEY": "".join(chr(97 + number % 26) for number in range(80)),
        "FIELD_ENCRYPTION_KEY": project.FIELD_ENCRYPTION_KEYS[0],
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": os.environ["REDIS_URL"],
        "ALLOWED_HOSTS": "telemarketing.example.org",
        **{
            f"{service}_URL": f"https://{service.lower()}.example.org"
            for service in ("BLACKLIST", "CASPER", "ABRAM", "MIGHTYCALL")
        },
        **{f"{service}_TOKEN": "token" for service in ("BLACKLIST", "CASPER", "ABRAM")},
        "MIGHTYCALL_API_KEY": "key",
    }

    run = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        cwd=project.BASE_DIR,
        env=production,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, run.stderr) == (0, "")


def test_every_right_in_the_table_is_of_a_model_that_exists() -> None:
    for right in SENIOR_OPERATOR_MAY:
        app, _, rest = right.partition(".")
        action, _, model = rest.partition("_")
        assert action in {"view", "add", "change", "delete"}
        assert apps.get_model(app, model)


def test_an_operator_has_no_right_in_the_back_office() -> None:
    assert not any(role_has_permission(Role.OPERATOR, right) for right in SENIOR_OPERATOR_MAY)
