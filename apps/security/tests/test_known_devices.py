"""Failed log-ins of strangers keep nobody out of a browser where the log-in was right before."""

import re
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings as project
from django.core import signing
from django.db.models import F
from django.test import Client
from pytest_django import Settings

from apps.security import known_devices
from apps.security.types import Role
from testing.browser import Answer
from testing.factories.security import PASSWORD, OperatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
API = "/api/arm/v1/login"
PAGE = "/admin/login/"
OFFICE = "192.0.2.1"  # the whole floor has it


@pytest.fixture(autouse=True)
def limits(settings: Settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    settings.EVERYWHERE_FAILURE_LIMIT = 6
    settings.ADDRESS_FAILURE_LIMIT = 9


def log_in(browser: Client, login: str, password: str = PASSWORD, at: str = OFFICE) -> Answer:
    body = {"login": login, "password": password}
    return browser.post(API, body, content_type="application/json", REMOTE_ADDR=at)


def fail(login: str, times: int, at: str, browser: Client | None = None) -> None:
    for _ in range(times):
        log_in(browser or Client(), login, "wrong", at)


def device_cookie(browser: Client) -> Any:
    return browser.cookies[project.DEVICE_COOKIE_NAME]


def test_failures_from_elsewhere_do_not_keep_the_owner_out_at_the_usual_address() -> None:
    operator = OperatorFactory.create()
    fail(operator.login, 3, at="203.0.113.9")

    assert log_in(Client(), operator.login).status_code == 200
    assert log_in(Client(), operator.login, at="203.0.113.9").status_code == 429


def test_failures_from_many_addresses_close_the_login_for_strangers_only() -> None:
    operator, browser = OperatorFactory.create(), Client()
    log_in(browser, operator.login)
    for number in range(6):
        fail(operator.login, 1, at=f"203.0.113.{number}")

    assert log_in(Client(), operator.login).status_code == 429
    assert log_in(browser, operator.login).status_code == 200


def test_an_attack_behind_the_floors_own_address_keeps_no_known_browser_out() -> None:
    operators, browsers = OperatorFactory.create_batch(3), [Client() for _ in range(3)]
    for operator, browser in zip(operators, browsers, strict=True):
        log_in(browser, operator.login)
    for number in range(9):
        fail(f"guess-{number}", 1, at=OFFICE)

    newcomer = OperatorFactory.create()
    assert log_in(Client(), newcomer.login).status_code == 429
    assert [
        log_in(browser, operator.login).status_code
        for operator, browser in zip(operators, browsers, strict=True)
    ] == [200, 200, 200]


def test_colleagues_who_share_a_browser_are_all_known_there() -> None:
    first, second = OperatorFactory.create_batch(2)
    browser = Client()
    log_in(browser, first.login)
    log_in(browser, second.login)
    fail("guess", 9, at=OFFICE)
    fail("another", 9, at=OFFICE)
    fail("third", 9, at=OFFICE)

    assert log_in(browser, first.login).status_code == 200
    assert log_in(browser, second.login).status_code == 200


def test_a_known_browser_gets_no_more_guesses_than_an_address() -> None:
    operator, browser = OperatorFactory.create(), Client()
    log_in(browser, operator.login)
    fail(operator.login, 3, at=OFFICE, browser=browser)

    answer = log_in(browser, operator.login)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert log_in(Client(), operator.login).status_code == 200


def test_a_known_browser_opens_again_after_the_wait() -> None:
    operator, browser = OperatorFactory.create(), Client()
    log_in(browser, operator.login)
    fail(operator.login, 3, at=OFFICE, browser=browser)
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=16))

    assert log_in(browser, operator.login).status_code == 200


def test_a_browser_that_knows_one_login_is_a_stranger_to_another() -> None:
    mine, theirs, browser = OperatorFactory.create(), OperatorFactory.create(), Client()
    log_in(browser, mine.login)
    fail(theirs.login, 3, at=OFFICE, browser=browser)

    assert log_in(browser, theirs.login).status_code == 429
    assert log_in(Client(), theirs.login).status_code == 429


def test_a_success_in_a_known_browser_gives_strangers_no_new_guesses() -> None:
    operator, browser = OperatorFactory.create(), Client()
    log_in(browser, operator.login)
    fail(operator.login, 3, at="203.0.113.9")

    log_in(browser, operator.login)

    assert log_in(Client(), operator.login, at="203.0.113.9").status_code == 429


@pytest.mark.parametrize("agent", ["device:", "device:guess", "stranger", ""])
def test_no_name_of_a_browser_passes_for_a_known_device(agent: str) -> None:
    operator = OperatorFactory.create()
    for _ in range(3):
        Client().post(
            API,
            {"login": operator.login, "password": "wrong"},
            content_type="application/json",
            headers={"User-Agent": agent},
        )

    assert log_in(Client(), operator.login, at="127.0.0.1").status_code == 429


@pytest.mark.parametrize(
    "forged",
    [
        "nonsense",
        signing.dumps({"number": "1", "marks": []}, salt="another"),
        signing.dumps({"number": "1", "marks": ["guess"]}, salt=known_devices.SALT, key="guess"),
    ],
    ids=["nonsense", "signed for another use", "signed with a guessed key"],
)
def test_a_cookie_that_we_did_not_sign_is_that_of_a_stranger(forged: str) -> None:
    operator, browser = OperatorFactory.create(), Client()
    browser.cookies[project.DEVICE_COOKIE_NAME] = forged
    fail(operator.login, 3, at=OFFICE)

    assert log_in(browser, operator.login).status_code == 429


def test_the_cookie_comes_with_a_success_alone_and_no_script_reads_it(settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    operator, browser = OperatorFactory.create(login="somebody"), Client()

    log_in(browser, operator.login, "wrong")
    assert project.DEVICE_COOKIE_NAME not in browser.cookies
    log_in(browser, operator.login)

    cookie = device_cookie(browser)
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/"
    assert cookie["max-age"] == 90 * 24 * 60 * 60
    assert "somebody" not in str(signing.loads(cookie.value, salt=known_devices.SALT))


def test_a_log_in_to_the_back_office_makes_the_browser_known_to_the_api_too() -> None:
    senior, browser = OperatorFactory.create(role=Role.SENIOR_OPERATOR), Client()
    page = browser.get(PAGE).content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    browser.post(
        PAGE,
        {"username": senior.login, "password": PASSWORD, "csrfmiddlewaretoken": found[1]},
        REMOTE_ADDR=OFFICE,
    )
    for number in range(9):
        fail(f"guess-{number}", 1, at=OFFICE)

    assert log_in(browser, senior.login).status_code == 200


def test_a_browser_keeps_the_last_twenty_logins() -> None:
    operators, browser = OperatorFactory.create_batch(21), Client()
    for operator in operators:
        log_in(browser, operator.login)

    kept = signing.loads(device_cookie(browser).value, salt=known_devices.SALT)

    assert len(kept["marks"]) == known_devices.MOST_LOGINS
    assert len(device_cookie(browser).OutputString()) < 4096
