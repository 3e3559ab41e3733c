"""The security service keeps docs/api-contract.yaml: the schema it publishes, and its answers."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from testing.browser import Answer
from testing.contract import assert_keeps_contract, missing_from, operations, published_schema
from testing.factories.security import PASSWORD, OperatorFactory, token_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
BASE = "/api/security/v1"


def post(client: Client, method: str, body: object) -> Answer:
    return client.post(f"{BASE}/{method}", body, content_type="application/json")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return published_schema()


@pytest.mark.parametrize(("path", "method"), operations(BASE))
def test_the_published_schema_describes_all_that_the_contract_promises(
    schema: dict[str, Any], path: str, method: str
) -> None:
    assert missing_from(schema, path, method) == []


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_answers_of_login_keep_the_contract(client: Client, password: str) -> None:
    operator = OperatorFactory.create()

    answer = post(client, "login", {"login": operator.login, "password": password})

    assert_keeps_contract(answer)


@pytest.mark.parametrize("method", ["logout", "checkAccess"])
@pytest.mark.parametrize("lifetime", [timedelta(hours=1), timedelta(hours=-1)])
def test_answers_to_live_and_dead_tokens_keep_the_contract(
    client: Client, method: str, lifetime: timedelta
) -> None:
    token = token_of(OperatorFactory.create(), lifetime)

    answer = post(client, method, {"token": token})

    assert_keeps_contract(answer)
