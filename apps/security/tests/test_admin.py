"""The back office: logging in, and what each role may do to operators."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from apps.security import selectors, tokens
from apps.security.models import AccessRecord, Operator, OperatorAuth
from apps.security.types import AccessDeniedError, Role
from testing.browser import Answer, enter_back_office
from testing.factories.security import (
    PASSWORD,
    AdministratorFactory,
    OperatorFactory,
    SeniorOperatorFactory,
    token_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
LIST = "/admin/security/operator/"
TOKENS = "/admin/security/operatorauth/"
NEW_PASSWORD = "another good phrase"


def log_in(client: Client, login: str, password: str = PASSWORD) -> Answer:
    return client.post("/admin/login/?next=/admin/", {"username": login, "password": password})


@pytest.fixture
def senior(client: Client) -> Operator:
    operator = SeniorOperatorFactory.create()
    enter_back_office(client, operator)
    return operator


@pytest.fixture
def administrator(client: Client) -> Operator:
    operator = AdministratorFactory.create()
    enter_back_office(client, operator)
    return operator


def change(client: Client, operator: Operator, **fields: object) -> Answer:
    form = {
        "login": operator.login,
        "first_name": operator.first_name,
        "last_name": operator.last_name,
        "role": operator.role,
        **fields,
    }
    return client.post(f"{LIST}{operator.pk}/change/", form)


def act(client: Client, action: str, *operators: Operator) -> Answer:
    chosen = {"action": action, "_selected_action": [one.pk for one in operators]}
    return client.post(LIST, chosen, follow=True)


def test_the_log_in_page_asks_for_the_login_in_russian(client: Client) -> None:
    page = client.get("/admin/login/").content.decode()

    assert "Логин:" in page
    assert "Пароль:" in page


def test_a_senior_operator_enters_the_back_office(client: Client) -> None:
    senior = SeniorOperatorFactory.create()

    assert log_in(client, senior.login).headers["Location"] == "/admin/"


def test_a_locked_senior_operator_is_refused_and_told_so(client: Client) -> None:
    senior = SeniorOperatorFactory.create(locked=True)

    answer = log_in(client, senior.login)

    assert answer.status_code == 200
    assert "Оператор заблокирован" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_an_operator_is_sent_to_the_workplace(client: Client) -> None:
    operator = OperatorFactory.create()

    assert "/arm/" in log_in(client, operator.login).content.decode()
    assert "_auth_user_id" not in client.session


def test_a_lock_ends_the_session_of_the_back_office_at_once(
    client: Client, senior: Operator
) -> None:
    Operator.objects.filter(pk=senior.pk).update(locked=True)

    answer = client.get(LIST)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("way", ["action", "checkbox"])
def test_a_lock_ends_the_session_for_good_also_after_unlocking(
    client: Client, administrator: Operator, way: str
) -> None:
    person = SeniorOperatorFactory.create()
    theirs = Client()
    enter_back_office(theirs, person)
    assert theirs.get(LIST).status_code == 200

    if way == "action":
        act(client, "lock", person)
        act(client, "unlock", person)
    else:
        change(client, person, locked="on")
        change(client, person)

    person.refresh_from_db()
    assert not person.locked
    assert theirs.get(LIST).status_code == 302


def test_failed_log_ins_shut_the_back_office_too_and_say_so_in_russian(
    client: Client, settings: Settings
) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    senior = SeniorOperatorFactory.create()
    for _ in range(3):
        log_in(client, senior.login, "wrong")

    answer = log_in(client, senior.login)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "Слишком много неудачных попыток входа" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_new_operator_gets_a_hashed_password(client: Client, administrator: Operator) -> None:
    form = {
        "login": "new",
        "last_name": "Петров",
        "first_name": "Петр",
        "role": Role.OPERATOR.value,
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD,
    }

    client.post(f"{LIST}add/", form)

    made = Operator.objects.get(login="new")
    assert made.check_password(NEW_PASSWORD)
    assert made.password != NEW_PASSWORD


def test_two_different_passwords_make_no_operator(client: Client, administrator: Operator) -> None:
    form = {
        "login": "new",
        "last_name": "Петров",
        "first_name": "Петр",
        "role": Role.OPERATOR.value,
        "password1": NEW_PASSWORD,
        "password2": "something else again",
    }

    assert client.post(f"{LIST}add/", form).status_code == 200
    assert not Operator.objects.filter(login="new").exists()


@pytest.mark.parametrize("role", [Role.SENIOR_OPERATOR, Role.ADMINISTRATOR])
def test_a_senior_operator_makes_operators_only(
    client: Client, senior: Operator, role: Role
) -> None:
    form = {
        "login": "new",
        "last_name": "Петров",
        "first_name": "Петр",
        "role": role.value,
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD,
    }

    assert client.post(f"{LIST}add/", form).status_code == 200
    assert not Operator.objects.filter(login="new").exists()


@pytest.mark.parametrize("factory", [SeniorOperatorFactory, AdministratorFactory])
def test_a_senior_operator_changes_no_one_of_its_rank_or_above(
    client: Client, senior: Operator, factory: type[OperatorFactory]
) -> None:
    other = factory.create()

    assert change(client, other, last_name="Иной").status_code == 403
    other.refresh_from_db()
    assert other.last_name != "Иной"


def test_a_senior_operator_cannot_raise_its_own_role(client: Client, senior: Operator) -> None:
    assert change(client, senior, role=Role.ADMINISTRATOR.value).status_code == 403
    senior.refresh_from_db()
    assert senior.role == Role.SENIOR_OPERATOR


def test_a_senior_operator_cannot_raise_an_operator(client: Client, senior: Operator) -> None:
    operator = OperatorFactory.create()

    assert change(client, operator, role=Role.SENIOR_OPERATOR.value).status_code == 200
    operator.refresh_from_db()
    assert operator.role == Role.OPERATOR


@pytest.mark.parametrize("factory", [SeniorOperatorFactory, AdministratorFactory])
def test_a_senior_operator_resets_no_password_of_its_rank_or_above(
    client: Client, senior: Operator, factory: type[OperatorFactory]
) -> None:
    other = factory.create()
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    assert client.post(f"{LIST}{other.pk}/password/", form).status_code == 403
    other.refresh_from_db()
    assert other.check_password(PASSWORD)


def test_a_senior_operator_deletes_nobody(client: Client, senior: Operator) -> None:
    operator = OperatorFactory.create()

    assert client.post(f"{LIST}{operator.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Operator.objects.filter(pk=operator.pk).exists()


def test_locking_ends_every_token_at_once_and_is_logged(client: Client, senior: Operator) -> None:
    operator = OperatorFactory.create()
    token_of(operator)
    token_of(operator)

    act(client, "lock", operator)

    operator.refresh_from_db()
    assert operator.locked
    assert not OperatorAuth.objects.exists()
    assert LogEntry.objects.get().object_id == str(operator.pk)


def test_a_senior_operator_locks_no_one_of_its_rank_or_above_nor_itself(
    client: Client, senior: Operator
) -> None:
    others = [SeniorOperatorFactory.create(), AdministratorFactory.create(), senior]

    page = act(client, "lock", *others).content.decode()

    assert not Operator.objects.filter(locked=True).exists()
    assert "3 оператора не изменены" in page


def test_an_administrator_cannot_lock_itself_out(client: Client, administrator: Operator) -> None:
    act(client, "lock", administrator)
    change(client, administrator, role=Role.OPERATOR.value, locked="on")

    administrator.refresh_from_db()
    assert not administrator.locked
    assert administrator.role == Role.ADMINISTRATOR


def test_unlocking_lets_in_again(client: Client, administrator: Operator) -> None:
    operator = OperatorFactory.create(locked=True)

    act(client, "unlock", operator)

    operator.refresh_from_db()
    assert not operator.locked


def test_the_checkbox_locks_as_the_action_does(client: Client, administrator: Operator) -> None:
    operator = OperatorFactory.create()
    token_of(operator)

    change(client, operator, locked="on")

    operator.refresh_from_db()
    assert operator.locked
    assert not OperatorAuth.objects.exists()


def test_a_reset_password_ends_the_tokens(client: Client, senior: Operator) -> None:
    operator = OperatorFactory.create()
    token_of(operator)

    client.post(
        f"{LIST}{operator.pk}/password/", {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    )

    operator.refresh_from_db()
    assert operator.check_password(NEW_PASSWORD)
    assert not OperatorAuth.objects.exists()


def test_a_changed_own_password_keeps_this_session_and_ends_the_others_and_the_tokens(
    client: Client, senior: Operator
) -> None:
    token_of(senior)
    elsewhere = Client()
    enter_back_office(elsewhere, senior)
    form = {
        "old_password": PASSWORD,
        "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD,
    }

    client.post("/admin/password_change/", form)

    assert not OperatorAuth.objects.exists()
    assert client.get(LIST).status_code == 200
    assert elsewhere.get(LIST).status_code == 302


def test_the_list_shows_who_is_signed_in(client: Client, senior: Operator) -> None:
    token_of(OperatorFactory.create(last_name="Присутствующая"))
    OperatorFactory.create(last_name="Отсутствующая")

    page = client.get(LIST, {"signed_in": "yes"}).content.decode()

    assert "Присутствующая" in page
    assert "Отсутствующая" not in page


def test_the_list_costs_the_same_for_one_operator_and_for_fifty(
    client: Client, senior: Operator
) -> None:
    client.get(LIST)  # the first page notes in the session when it began
    with CaptureQueriesContext(connection) as for_one:
        client.get(LIST)
    OperatorFactory.create_batch(49)

    with CaptureQueriesContext(connection) as for_fifty:
        client.get(LIST)

    assert len(for_fifty) == len(for_one)


def test_no_page_of_the_back_office_needs_inline_style_or_script(
    client: Client, administrator: Operator
) -> None:
    operator = OperatorFactory.create()

    for address in (
        "",
        "password_change/",
        "security/operator/",
        "security/operator/add/",
        f"security/operator/{operator.pk}/change/",
        f"security/operator/{operator.pk}/password/",
    ):
        page = client.get(f"/admin/{address}").content.decode()
        assert "style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert "onclick=" not in page


def test_a_deleted_operators_token_ends_at_once(client: Client, administrator: Operator) -> None:
    by_page, by_action = OperatorFactory.create_batch(2)
    tokens = [token_of(by_page), token_of(by_action)]
    for token in tokens:
        selectors.session_of(token)  # now the cache would answer for it

    client.post(f"{LIST}{by_page.pk}/delete/", {"post": "yes"})
    client.post(
        LIST, {"action": "delete_selected", "_selected_action": [by_action.pk], "post": "yes"}
    )

    assert not Operator.objects.filter(pk__in=[by_page.pk, by_action.pk]).exists()
    for token in tokens:
        with pytest.raises(AccessDeniedError):
            selectors.session_of(token)


@pytest.mark.parametrize(
    "wrong", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_a_log_in_that_asks_for_another_site_leads_to_the_back_office(
    client: Client, wrong: str
) -> None:
    senior = SeniorOperatorFactory.create()

    answer = client.post(
        "/admin/login/", {"username": senior.login, "password": PASSWORD, "next": wrong}
    )

    assert answer.headers["Location"] == "/admin/"


def test_the_live_tokens_are_listed_with_when_and_where_from(
    client: Client, senior: Operator
) -> None:
    operator, gone = OperatorFactory.create(), OperatorFactory.create()
    token_of(gone, timedelta(hours=-1))
    body = {"login": operator.login, "password": PASSWORD}
    Client(REMOTE_ADDR="192.0.2.7").post(
        "/api/security/v1/login", body, content_type="application/json"
    )

    page = client.get(TOKENS).content.decode()

    assert str(operator) in page
    assert "192.0.2.7" in page
    assert str(gone) not in page
    digest = OperatorAuth.objects.get(operator=operator).token
    assert digest not in page


def test_a_revoked_token_ends_at_once_and_no_other(client: Client, senior: Operator) -> None:
    operator = OperatorFactory.create()
    lost, kept = token_of(operator), token_of(operator)
    row = OperatorAuth.objects.get(token=tokens.digest_of(lost))
    assert selectors.session_of(lost)  # in the cache

    client.post(TOKENS, {"action": "revoke", "_selected_action": [row.pk]})

    with pytest.raises(AccessDeniedError):
        selectors.session_of(lost)
    assert selectors.session_of(kept)
    record = AccessRecord.objects.get(action="TOKENS_REVOKED")
    assert (record.operator_id, record.subject_id) == (senior.pk, operator.pk)


def test_a_senior_operator_revokes_no_token_of_its_rank_or_above(
    client: Client, senior: Operator
) -> None:
    for person in (SeniorOperatorFactory.create(), AdministratorFactory.create()):
        token_of(person)
    chosen = list(OperatorAuth.objects.values_list("pk", flat=True))

    page = client.post(
        TOKENS, {"action": "revoke", "_selected_action": chosen}, follow=True
    ).content.decode()

    assert OperatorAuth.objects.count() == 2
    assert "2 токена не отозваны" in page
    assert not AccessRecord.objects.filter(action="TOKENS_REVOKED").exists()


@pytest.mark.parametrize("right", ["contacts_visible", "may_export"])
@pytest.mark.parametrize(
    ("role", "given"), [(Role.SENIOR_OPERATOR, False), (Role.ADMINISTRATOR, True)]
)
def test_an_administrator_alone_gives_the_right_to_see_contacts_and_to_export(
    role: Role, given: bool, right: str, client: Client
) -> None:
    enter_back_office(client, OperatorFactory.create(role=role))
    operator = OperatorFactory.create()

    change(client, operator, **{right: "on"})

    operator.refresh_from_db()
    assert getattr(operator, right) is given
