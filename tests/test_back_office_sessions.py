"""How sessions of the back office end: idle, old, or with a password that others know."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.security.models import AccessRecord, Operator
from telemarketing.back_office_steps import BEGAN, SEEN
from testing.browser import enter_back_office
from testing.factories.security import (
    PASSWORD,
    AdministratorFactory,
    OperatorFactory,
    SeniorOperatorFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
LIST = "/admin/security/operator/"
NEW_PASSWORD = "another good phrase"
CHANGE = "/admin/password_change/"


@pytest.fixture(autouse=True)
def without_https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture
def browser() -> Client:
    browser = Client()
    enter_back_office(browser, SeniorOperatorFactory.create())
    assert browser.get(LIST).status_code == 200
    return browser


def grow_older(browser: Client, **seconds: int) -> None:
    """The session began, or was used last, so many seconds earlier."""
    session = browser.session
    for name, age in seconds.items():
        session[name] -= age
    session.save()


def is_in(browser: Client) -> bool:
    answer = browser.get(LIST)
    assert answer.status_code == 200 or answer.headers["Location"].startswith("/admin/login/")
    return answer.status_code == 200


def test_an_idle_session_ends(browser: Client, settings: Settings) -> None:
    grow_older(browser, **{SEEN: settings.BACK_OFFICE_IDLE_SECONDS - 5})
    used_in_time = is_in(browser)
    grow_older(browser, **{SEEN: settings.BACK_OFFICE_IDLE_SECONDS - 5})
    used_again = is_in(browser)
    grow_older(browser, **{SEEN: settings.BACK_OFFICE_IDLE_SECONDS + 1})

    assert (used_in_time, used_again, is_in(browser)) == (True, True, False)
    assert "_auth_user_id" not in browser.session


def test_a_page_that_renews_itself_does_not_keep_a_session_alive(
    browser: Client, settings: Settings
) -> None:
    grow_older(browser, **{SEEN: settings.BACK_OFFICE_IDLE_SECONDS - 5})
    renewed = browser.get(reverse("admin:floor")).status_code
    grow_older(browser, **{SEEN: 6})

    assert (renewed, is_in(browser)) == (200, False)


def test_a_session_in_use_ends_after_its_longest_time(browser: Client, settings: Settings) -> None:
    grow_older(browser, **{BEGAN: settings.BACK_OFFICE_SESSION_SECONDS - 5})
    before = is_in(browser)
    grow_older(browser, **{BEGAN: 6})

    assert (before, is_in(browser)) == (True, False)


def test_the_cookie_lives_no_longer_than_the_session(settings: Settings) -> None:
    assert settings.SESSION_COOKIE_AGE == settings.BACK_OFFICE_SESSION_SECONDS == 12 * 3600
    assert settings.BACK_OFFICE_IDLE_SECONDS == 30 * 60


def test_a_new_log_in_begins_a_new_time(browser: Client, settings: Settings) -> None:
    senior = SeniorOperatorFactory.create()
    grow_older(browser, **{SEEN: settings.BACK_OFFICE_IDLE_SECONDS + 1})
    is_in(browser)

    browser.post(reverse("admin:login"), {"username": senior.login, "password": PASSWORD})

    assert is_in(browser)


def new_operator(administrator: Client, **fields: Any) -> Operator:
    form = {
        "login": "newcomer", "last_name": "Новая", "first_name": "Анна", "role": "OPERATOR",
        "password1": NEW_PASSWORD, "password2": NEW_PASSWORD, **fields,
    }  # fmt: skip
    administrator.post(f"{LIST}add/", form)
    return Operator.objects.get(login=form["login"])


@pytest.fixture
def administrator() -> Client:
    browser = Client()
    enter_back_office(browser, AdministratorFactory.create())
    return browser


def test_a_password_of_fewer_than_12_characters_is_refused(administrator: Client) -> None:
    for password in ("oplock99", "elevenchars"):
        form = {
            "login": "newcomer", "last_name": "Н", "first_name": "А", "role": "OPERATOR",
            "password1": password, "password2": password,
        }  # fmt: skip
        assert "12" in administrator.post(f"{LIST}add/", form).content.decode()

    assert not Operator.objects.filter(login="newcomer").exists()


def test_whoever_was_given_a_password_changes_it_before_any_page_opens(
    administrator: Client,
) -> None:
    person = new_operator(administrator, role="SENIOR_OPERATOR")
    browser = Client()
    log_in = {"username": person.login, "password": NEW_PASSWORD}
    browser.post(reverse("admin:login"), log_in)

    before = browser.get(LIST)
    unchanged = browser.post(CHANGE, change_form(NEW_PASSWORD, NEW_PASSWORD))
    still = browser.get(LIST)
    changed = browser.post(CHANGE, change_form(NEW_PASSWORD, "a phrase of my own"))

    assert before.headers["Location"].startswith(CHANGE)
    assert "должен отличаться" in unchanged.content.decode()
    assert still.status_code == 302
    assert changed.status_code == 302
    assert browser.get(LIST).status_code == 200


def test_a_password_that_was_reset_is_temporary_and_both_are_recorded(
    administrator: Client,
) -> None:
    senior = SeniorOperatorFactory.create()
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    administrator.post(f"{LIST}{senior.pk}/password/", form)
    browser = Client()
    log_in = {"username": senior.login, "password": NEW_PASSWORD}
    browser.post(reverse("admin:login"), log_in)
    browser.post(CHANGE, change_form(NEW_PASSWORD, "a phrase of my own"))

    records = AccessRecord.objects.order_by("id").values_list("action", "operator_id", "subject_id")
    administrator_id = int(administrator.session["_auth_user_id"])
    assert list(records) == [
        ("PASSWORD_SET", administrator_id, senior.pk),
        ("LOGGED_IN", senior.pk, None),
        ("PASSWORD_CHANGED", senior.pk, None),
    ]


def test_a_reset_password_ends_the_persons_session(browser: Client, administrator: Client) -> None:
    person_id = browser.session["_auth_user_id"]
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    administrator.post(f"{LIST}{person_id}/password/", form)

    assert not is_in(browser)


def change_form(old: str, new: str) -> dict[str, str]:
    return {"old_password": old, "new_password1": new, "new_password2": new}


# --- the workplace ------------------------------------------------------------------------------


@pytest.fixture
def newcomer() -> Operator:
    return OperatorFactory.create(password_is_temporary=True)


def page_form(operator: Operator, new: str = NEW_PASSWORD, **fields: str) -> dict[str, str]:
    form = {"login": operator.login, "old_password": PASSWORD, "new_password": new, "again": new}
    return {**form, **fields}


def arm_log_in(operator: Operator, password: str = PASSWORD) -> tuple[int, str]:
    body = {"login": operator.login, "password": password}
    answer = Client().post("/api/arm/v1/login", body, content_type="application/json")
    return answer.status_code, answer.json()["status"]


def security_log_in(operator: Operator, password: str = PASSWORD) -> str:
    body = {"login": operator.login, "password": password}
    answer = Client().post("/api/security/v1/login", body, content_type="application/json")
    return str(answer.json()["result"]["code"])


def test_no_token_is_given_for_a_temporary_password(newcomer: Operator) -> None:
    assert arm_log_in(newcomer) == (401, "PASSWORD_CHANGE_REQUIRED")
    assert security_log_in(newcomer) == "PASSWORD_CHANGE_REQUIRED"
    assert arm_log_in(newcomer, "wrong") == (401, "AUTHENTICATION_FAILED")
    assert not newcomer.auths.exists()


def test_the_page_of_the_workplace_changes_it(newcomer: Operator) -> None:
    page = Client().post("/arm/password/", page_form(newcomer)).content.decode()

    newcomer.refresh_from_db()
    assert "Пароль изменен" in page
    assert newcomer.check_password(NEW_PASSWORD)
    assert security_log_in(newcomer, NEW_PASSWORD) == "OK"
    assert AccessRecord.objects.filter(action="PASSWORD_CHANGED").get().operator_id == newcomer.pk


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"old_password": "wrong"}, "Неверный логин или пароль"),
        ({"login": "nobody"}, "Неверный логин или пароль"),
        ({"again": "something else"}, "не совпадают"),
        ({"new_password": "short", "again": "short"}, "12"),
        ({"new_password": PASSWORD, "again": PASSWORD}, "должен отличаться"),
    ],
)
def test_the_page_says_why_it_changes_nothing(
    newcomer: Operator, fields: dict[str, str], said: str
) -> None:
    page = Client().post("/arm/password/", page_form(newcomer, **fields)).content.decode()

    newcomer.refresh_from_db()
    assert said in page
    assert (newcomer.check_password(PASSWORD), newcomer.password_is_temporary) == (True, True)


def test_a_locked_operator_changes_nothing() -> None:
    locked = OperatorFactory.create(locked=True)

    page = Client().post("/arm/password/", page_form(locked)).content.decode()

    assert "Оператор заблокирован" in page


def test_guesses_at_the_page_count_as_failed_log_ins(
    newcomer: Operator, settings: Settings
) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    for _ in range(3):
        Client().post("/arm/password/", page_form(newcomer, old_password="wrong"))

    answer = Client().post("/arm/password/", page_form(newcomer))

    newcomer.refresh_from_db()
    assert answer.status_code == 429
    assert newcomer.check_password(PASSWORD)
    assert AccessRecord.objects.filter(action="LOG_IN_FAILED").count() == 4


def test_the_page_ends_every_token(newcomer: Operator) -> None:
    operator = OperatorFactory.create()
    security_log_in(operator)

    Client().post("/arm/password/", page_form(operator))

    assert not operator.auths.exists()
