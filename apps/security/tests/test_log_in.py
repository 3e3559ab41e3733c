"""POST /api/security/v1/login."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from axes.models import AccessAttempt
from django.conf import settings as project
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db.models import F
from django.test import Client
from pytest_django import Settings

from apps.security import services
from apps.security.models import OperatorAuth
from common import clock
from testing.browser import Answer
from testing.factories.security import PASSWORD, OperatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
URL = "/api/security/v1/login"


def log_in(client: Client, login: str, password: str = PASSWORD, **extra: Any) -> Answer:
    body = {"login": login, "password": password}
    return client.post(URL, body, content_type="application/json", **extra)


def code(answer: Answer) -> str:
    return str(answer.json()["result"]["code"])


class CountingHasher(MD5PasswordHasher):
    """Counts the passwords that it hashes."""

    calls = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).calls += 1
        return super().encode(password, salt)


@pytest.fixture
def hashed(settings: Settings) -> Callable[[Callable[[], object]], int]:
    """Counts the passwords that an act hashes."""
    settings.PASSWORD_HASHERS = [f"{CountingHasher.__module__}.{CountingHasher.__name__}"]

    def count(act: Callable[[], object]) -> int:
        CountingHasher.calls = 0
        act()
        return CountingHasher.calls

    return count


def test_the_right_password_gives_a_token_and_the_operators_number(client: Client) -> None:
    operator = OperatorFactory.create()

    answer = log_in(client, operator.login)

    assert answer.status_code == 200
    assert answer.json()["result"] == {"code": "OK"}
    assert answer.json()["data"]["operatorId"] == operator.pk
    assert OperatorAuth.objects.get().operator_id == operator.pk


def test_the_token_is_signed_with_hs512_and_says_who_when_and_which(client: Client) -> None:
    operator = OperatorFactory.create()

    token = log_in(client, operator.login).json()["data"]["token"]

    claims = jwt.decode(token, project.JWT_KEYS[0], algorithms=["HS512"])
    assert claims["sub"] == str(operator.pk)
    assert abs(claims["iat"] - clock.now().timestamp()) < 60
    assert len(claims["jti"]) == 36


def test_only_the_digest_of_the_token_is_stored(client: Client) -> None:
    token = log_in(client, OperatorFactory.create().login).json()["data"]["token"]

    assert OperatorAuth.objects.get().token == hashlib.sha256(token.encode()).hexdigest()


@pytest.mark.parametrize("password", ["wrong", "", PASSWORD.upper(), PASSWORD + " "])
def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(
    client: Client, password: str
) -> None:
    operator = OperatorFactory.create()

    wrong = log_in(client, operator.login, password)
    unknown = log_in(client, "nobody", password)

    assert wrong.status_code == unknown.status_code == 200
    assert wrong.content == unknown.content
    assert wrong.json() == {
        "result": {"code": "AUTHENTICATION_FAILED", "description": "Неверный логин или пароль"}
    }
    assert not OperatorAuth.objects.exists()


def test_a_locked_operator_is_told_only_when_the_password_is_right(client: Client) -> None:
    operator = OperatorFactory.create(locked=True)

    assert code(log_in(client, operator.login)) == "OPERATOR_LOCKED"
    assert code(log_in(client, operator.login, "wrong")) == "AUTHENTICATION_FAILED"
    assert not OperatorAuth.objects.exists()


def test_every_refusal_costs_the_same_hashing(
    client: Client, hashed: Callable[[Callable[[], object]], int]
) -> None:
    free, locked = OperatorFactory.create(), OperatorFactory.create(locked=True)

    assert [
        hashed(lambda: log_in(client, free.login, "wrong")),
        hashed(lambda: log_in(client, "nobody", "wrong")),
        hashed(lambda: log_in(client, locked.login, "wrong")),
        hashed(lambda: log_in(client, locked.login)),
    ] == [1, 1, 1, 1]


def test_a_login_longer_than_any_operators_is_simply_unknown(client: Client) -> None:
    assert code(log_in(client, "л" * 2048)) == "AUTHENTICATION_FAILED"


@pytest.mark.parametrize("login", ["operator", "nobody"])
def test_too_many_failures_shut_the_login_known_or_not(
    client: Client, settings: Settings, login: str
) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    OperatorFactory.create(login="operator")
    for _ in range(3):
        log_in(client, login, "wrong")

    answer = log_in(client, login)

    assert answer.status_code == 429
    assert answer.json() == {
        "result": {
            "code": "TOO_MANY_ATTEMPTS",
            "description": "Слишком много неудачных попыток входа. Повторите позже.",
        }
    }
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert not OperatorAuth.objects.exists()


def test_the_failures_of_one_login_do_not_shut_another(client: Client, settings: Settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    operator = OperatorFactory.create()
    for _ in range(4):
        log_in(client, "another", "wrong")

    assert code(log_in(client, operator.login)) == "OK"


def test_too_many_failures_shut_the_address_for_every_login(
    client: Client, settings: Settings
) -> None:
    settings.AXES_FAILURE_LIMIT, settings.ADDRESS_FAILURE_LIMIT = 3, 5
    operator = OperatorFactory.create()
    for number in range(5):
        log_in(client, f"guess-{number}", "wrong")

    assert log_in(client, operator.login).status_code == 429
    assert log_in(client, operator.login, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_one_known_password_does_not_buy_an_address_more_guesses(
    client: Client, settings: Settings
) -> None:
    settings.AXES_FAILURE_LIMIT, settings.ADDRESS_FAILURE_LIMIT = 3, 5
    operator = OperatorFactory.create()
    for number in range(4):
        log_in(client, f"guess-{number}", "wrong")
    log_in(client, operator.login)

    assert log_in(client, "guess-4", "wrong").status_code == 429


def test_a_success_forgets_the_failures_of_its_login(client: Client, settings: Settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    operator = OperatorFactory.create()
    for password in ("wrong", "wrong", PASSWORD, "wrong", "wrong"):
        log_in(client, operator.login, password)

    assert code(log_in(client, operator.login)) == "OK"


def test_tries_during_the_wait_do_not_make_it_longer(client: Client, settings: Settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    for _ in range(3):
        log_in(client, "operator", "wrong")
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=10))

    answer = log_in(client, "operator", "wrong")

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 300


def test_after_the_wait_the_login_is_open_again(client: Client, settings: Settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    operator = OperatorFactory.create()
    for _ in range(3):
        log_in(client, operator.login, "wrong")
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=16))

    assert code(log_in(client, operator.login)) == "OK"


def test_unlocking_forgets_failed_log_ins(client: Client, settings: Settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    operator = OperatorFactory.create()
    for _ in range(3):
        log_in(client, operator.login, "wrong")

    services.unlock_operators([operator.pk])

    assert code(log_in(client, operator.login)) == "OK"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        (0, "198.51.100.1", "127.0.0.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (1, "not an address", "127.0.0.1"),
        (2, "198.51.100.1", "127.0.0.1"),
    ],
)
def test_a_forwarded_address_is_believed_only_from_our_proxies(
    client: Client, settings: Settings, proxies: int, forwarded: str, counted: str
) -> None:
    settings.TRUSTED_PROXIES = proxies

    log_in(client, "operator", "wrong", HTTP_X_FORWARDED_FOR=forwarded)

    assert AccessAttempt.objects.get().ip_address == counted


def test_no_password_login_or_token_gets_into_the_logs(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    operator = OperatorFactory.create(login="secret-login")

    log_in(client, operator.login, "secret-password")
    token = log_in(client, operator.login).json()["data"]["token"]

    for secret in ("secret-login", "secret-password", PASSWORD, token):
        assert secret not in caplog.text
