"""The second factor of the back office: asked for, set up, spent once, throttled, reset."""

import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from pytest_django import Settings

from apps.security import selectors, services
from apps.security.models import AccessRecord, Operator, SecondFactor
from apps.security.types import Visitor
from common.encryption import decrypt
from testing.browser import Answer
from testing.factories.security import (
    PASSWORD,
    AdministratorFactory,
    OperatorFactory,
    SeniorOperatorFactory,
)
from testing.rivals import PATIENCE_SECONDS, Rivals

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
INDEX, CODE, SET_UP = "/admin/", "/admin/second-factor/", "/admin/second-factor/set-up/"
TASKS = "/admin/campaigns/campaigntask/"


@pytest.fixture(autouse=True)
def without_https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture
def senior() -> Operator:
    return SeniorOperatorFactory.create()


def logged_in(operator: Operator) -> Client:
    browser = Client()
    answer = browser.post(
        reverse("admin:login"), {"username": operator.login, "password": PASSWORD}
    )
    assert answer.status_code == 302
    return browser


def code_of(operator: Operator, step: int = 0) -> str:
    """The code that the operator's application shows now, or ``step`` half minutes later."""
    factor = SecondFactor.objects.get(user=operator)
    return f"{TOTP(bytes.fromhex(decrypt(factor.secret)), drift=step).token():06}"


def set_up(operator: Operator) -> list[str]:
    """The operator has a second factor. Returns the recovery codes."""
    services.prepare_second_factor(operator)
    codes = services.confirm_second_factor(operator, code_of(operator), Visitor(operator.pk, None))
    assert codes
    # a code counts once; the tests need the same half minute again
    SecondFactor.objects.update(last_step=-1)
    return codes


def enter(browser: Client, code: str, page: str = CODE) -> Answer:
    return browser.post(page, {"code": code, "next": TASKS})


def actions() -> list[str]:
    return list(AccessRecord.objects.order_by("id").values_list("action", flat=True))


@pytest.mark.parametrize("page", [INDEX, TASKS, "/admin/password_change/", "/admin/security/"])
def test_where_it_is_required_nothing_opens_before_it_is_set_up(
    senior: Operator, settings: Settings, page: str
) -> None:
    settings.SECOND_FACTOR = "required"
    browser = logged_in(senior)

    answer = browser.get(page)

    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, SET_UP)
    assert browser.get(SET_UP).status_code == 200
    assert browser.post("/admin/logout/").status_code == 200


def test_where_it_is_offered_whoever_has_none_goes_in(senior: Operator) -> None:
    assert logged_in(senior).get(INDEX).status_code == 200


def test_setting_up_shows_the_key_and_once_the_recovery_codes(senior: Operator) -> None:
    browser = logged_in(senior)

    page = browser.get(SET_UP).content.decode()
    again = browser.get(SET_UP).content.decode()
    done = enter(browser, code_of(senior), SET_UP)
    later = browser.get(SET_UP).content.decode()

    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert secret
    assert secret[1] in again  # a page that is loaded again must not change what was read already
    assert "<svg" in page
    assert "style=" not in page[page.index("<svg") : page.index("</svg>")]
    codes = re.findall(r"<code>(\w{4}-\w{4}-\w{4}-\w{4})</code>", done.content.decode())
    assert len(set(codes)) == 10
    assert not any(code in later for code in codes)
    assert browser.get(TASKS).status_code == 200


def test_a_wrong_first_code_sets_nothing_up(senior: Operator, settings: Settings) -> None:
    settings.SECOND_FACTOR = "required"
    browser = logged_in(senior)
    browser.get(SET_UP)

    answer = enter(browser, "000000", SET_UP)

    assert "Неверный код" in answer.content.decode()
    assert selectors.second_factor_of(senior.pk) is None
    assert browser.get(TASKS).status_code == 302


def test_after_the_password_the_code_is_asked_for_and_leads_to_the_wanted_page(
    senior: Operator,
) -> None:
    set_up(senior)
    browser = logged_in(senior)

    before = browser.get(TASKS)
    entered = enter(browser, code_of(senior))

    assert before.headers["Location"] == f"{CODE}?next=%2Fadmin%2Fcampaigns%2Fcampaigntask%2F"
    assert (entered.status_code, entered.headers["Location"]) == (302, TASKS)
    assert browser.get(TASKS).status_code == 200


def test_the_session_from_before_the_code_is_worth_nothing_after_it(
    senior: Operator, settings: Settings
) -> None:
    set_up(senior)
    browser = logged_in(senior)
    before = browser.cookies[settings.SESSION_COOKIE_NAME].value

    enter(browser, code_of(senior))

    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = before
    assert stolen.get(TASKS).headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("wrong", ["000000", "", "12345", "٠٠٠٠٠٠", "'", "a" * 32, "1e5"])
def test_a_wrong_code_opens_nothing(senior: Operator, wrong: str) -> None:
    set_up(senior)
    browser = logged_in(senior)

    answer = enter(browser, wrong)

    assert answer.status_code == 200
    assert browser.get(TASKS).status_code == 302


def test_a_code_counts_once(senior: Operator) -> None:
    set_up(senior)
    code = code_of(senior)

    first, second = (enter(logged_in(senior), code) for _ in range(2))

    assert (first.status_code, second.status_code) == (302, 200)


def test_a_code_that_is_sent_twice_at_once_counts_once(rivals: Rivals) -> None:
    senior = SeniorOperatorFactory.create()
    set_up(senior)
    code, visitor = code_of(senior), Visitor(senior.pk, None)

    tries = [
        rivals.start(lambda: services.verify_second_factor(senior, code, visitor)) for _ in range(4)
    ]

    assert sum(one.result(PATIENCE_SECONDS) is not None for one in tries) == 1


def test_a_recovery_code_lets_in_once(senior: Operator) -> None:
    codes = set_up(senior)

    first = enter(logged_in(senior), codes[3].upper())
    again = enter(logged_in(senior), codes[3])
    SecondFactor.objects.update(throttling_failure_count=0)
    another = enter(logged_in(senior), codes[4])

    assert [one.status_code for one in (first, again, another)] == [302, 200, 302]
    factor = selectors.second_factor_of(senior.pk)
    assert factor
    assert len(factor.recovery_digests) == 8


def test_wrong_codes_make_the_right_one_wait(senior: Operator) -> None:
    set_up(senior)
    browser = logged_in(senior)
    for _ in range(4):
        SecondFactor.objects.update(throttling_failure_timestamp=None)
        enter(browser, "000000")

    refused = enter(browser, code_of(senior))
    SecondFactor.objects.update(
        throttling_failure_timestamp=F("throttling_failure_timestamp") - timedelta(seconds=9)
    )
    accepted = enter(browser, code_of(senior))

    assert (refused.status_code, accepted.status_code) == (200, 302)


def test_the_secret_and_the_recovery_codes_are_not_stored_in_clear(senior: Operator) -> None:
    address = services.prepare_second_factor(senior)
    codes = services.confirm_second_factor(senior, code_of(senior), Visitor(senior.pk, None))

    factor = SecondFactor.objects.get()
    assert codes
    stored = f"{factor.secret} {factor.recovery_digests}".lower()
    secret = decrypt(factor.secret)
    assert secret not in stored
    assert address.partition("secret=")[2].partition("&")[0].lower() not in stored
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


def test_an_administrator_resets_a_lost_factor_which_ends_the_sessions(senior: Operator) -> None:
    set_up(senior)
    theirs = logged_in(senior)
    enter(theirs, code_of(senior))
    administrator = logged_in(AdministratorFactory.create())

    administrator.post(
        reverse("admin:security_operator_changelist"),
        {"action": "reset_second_factor", "_selected_action": [senior.pk]},
    )

    assert selectors.second_factor_of(senior.pk) is None
    assert theirs.get(TASKS).headers["Location"].startswith("/admin/login/")
    assert actions()[-1] == "SECOND_FACTOR_RESET"


def test_a_senior_operator_resets_nobodys_factor(senior: Operator) -> None:
    operator = OperatorFactory.create()
    set_up(operator)

    logged_in(senior).post(
        reverse("admin:security_operator_changelist"),
        {"action": "reset_second_factor", "_selected_action": [operator.pk]},
    )

    assert selectors.second_factor_of(operator.pk) is not None


def test_setting_up_and_wrong_codes_are_recorded(senior: Operator) -> None:
    browser = logged_in(senior)
    browser.get(SET_UP)
    enter(browser, "000000", SET_UP)
    SecondFactor.objects.update(throttling_failure_timestamp=None)
    enter(browser, code_of(senior), SET_UP)
    enter(logged_in(senior), "000000")

    assert [action for action in actions() if action != "LOGGED_IN"] == [
        "SECOND_FACTOR_FAILED",
        "SECOND_FACTOR_SET",
        "SECOND_FACTOR_FAILED",
    ]


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"]
)
def test_the_code_leads_only_to_pages_of_ours(senior: Operator, wanted: str) -> None:
    set_up(senior)

    answer = logged_in(senior).post(CODE, {"code": code_of(senior), "next": wanted})

    assert answer.headers["Location"] == INDEX


def test_the_pages_are_in_russian(senior: Operator) -> None:
    browser = logged_in(senior)
    page = browser.get(SET_UP).content.decode()
    set_up(senior)
    asking = logged_in(senior).get(CODE).content.decode()

    assert "Считайте картинку приложением" in page
    assert "Введите код, который сейчас показывает приложение" in asking
