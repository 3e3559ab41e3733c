"""A body that is not the contract's is HTTP 400 INVALID_REQUEST, and the field is named."""

import json

import pytest
from django.test import Client
from pytest_django import Settings

from apps.security.models import OperatorAuth
from testing.browser import Answer
from testing.factories.security import PASSWORD, OperatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
BASE = "/api/security/v1"


def post(
    client: Client, method: str, body: object, content_type: str = "application/json"
) -> Answer:
    raw = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(f"{BASE}/{method}", raw, content_type=content_type)


def assert_names(answer: Answer, *fields: str) -> None:
    assert answer.status_code == 400
    body = answer.json()
    assert body["result"]["code"] == "INVALID_REQUEST"
    assert sorted(body["errors"]) == sorted(fields)
    assert all(field in body["result"]["description"] for field in fields)


@pytest.mark.parametrize("method", ["login", "logout", "checkAccess"])
@pytest.mark.parametrize(
    "raw",
    ["", "{", "[]", '"text"', "7", "null", "[" * 100_000, b"\xff\xfe", '{"token": NaN}', "{}}"],
    ids=["empty", "cut", "list", "text", "number", "null", "deep", "not-utf8", "nan", "extra"],
)
def test_a_body_that_is_no_json_object_is_refused(
    client: Client, method: str, raw: str | bytes
) -> None:
    answer = post(client, method, raw)

    assert answer.status_code == 400
    assert answer.json()["result"]["code"] == "INVALID_REQUEST"


def test_another_content_type_is_refused(client: Client) -> None:
    answer = post(client, "login", "login=a&password=b", "application/x-www-form-urlencoded")

    assert_names(answer, "body")


def test_a_body_of_any_size_does_not_fill_the_memory(client: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    assert_names(post(client, "logout", {"token": "x" * 1000}), "body")


def test_both_missing_fields_are_named(client: Client) -> None:
    assert_names(post(client, "login", {}), "login", "password")


@pytest.mark.parametrize("value", [7, True, None, ["a"], {"a": 1}, "x" * 2049, "\ud800", "a\0b"])
@pytest.mark.parametrize("field", ["login", "password"])
def test_only_text_of_bounded_length_is_a_login_or_password(
    client: Client, field: str, value: object
) -> None:
    body = {"login": "somelogin", "password": "somepassword", field: value}

    assert_names(post(client, "login", body), field)


@pytest.mark.parametrize("value", [7, None, ["a"], "x" * 2049])
@pytest.mark.parametrize("method", ["logout", "checkAccess"])
def test_only_text_of_bounded_length_is_a_token(client: Client, method: str, value: object) -> None:
    assert_names(post(client, method, {"token": value}), "token")


@pytest.mark.parametrize("value", ["true", 1, 0, None, "", []])
def test_only_a_boolean_is_update_expire(client: Client, value: object) -> None:
    assert_names(post(client, "checkAccess", {"token": "x", "updateExpire": value}), "updateExpire")


@pytest.mark.parametrize("value", ["KING", "", 7, True, None, ["OPERATOR"]])
def test_only_a_known_role_is_asked_for(client: Client, value: object) -> None:
    assert_names(post(client, "checkAccess", {"token": "x", "role": value}), "role")


def test_unknown_fields_are_passed_over(client: Client) -> None:
    operator = OperatorFactory.create()
    body = {"login": operator.login, "password": PASSWORD, "newer": "field"}

    assert post(client, "login", body).json()["result"]["code"] == "OK"


def test_a_bad_body_makes_no_token(client: Client) -> None:
    operator = OperatorFactory.create()

    post(client, "login", {"login": operator.login, "password": PASSWORD, "x": 1}, "text/plain")

    assert not OperatorAuth.objects.exists()


def test_another_method_is_refused_in_the_services_style(client: Client) -> None:
    answer = client.get(f"{BASE}/login")

    assert answer.status_code == 405
    assert answer.json()["result"]["code"] == "METHOD_NOT_ALLOWED"


def test_the_answer_is_json_whatever_the_browser_asks_for(client: Client) -> None:
    answer = client.post(
        f"{BASE}/checkAccess",
        {"token": "x"},
        content_type="application/json",
        headers={"accept": "text/html"},
    )

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["result"]["description"] == "Доступ запрещен"
