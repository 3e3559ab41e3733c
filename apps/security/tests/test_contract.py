"""The security service keeps docs/api-contract.yaml: the schema it publishes, and its answers."""

from datetime import timedelta

import pytest
from drf_spectacular.generators import SchemaGenerator

from testing.contract import assert_keeps_contract, missing_from, operations
from testing.factories.security import PASSWORD, OperatorFactory, token_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
BASE = "/api/security/v1"


def post(client, method, body):
    return client.post(f"{BASE}/{method}", body, content_type="application/json")


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.mark.parametrize(("path", "method"), operations(BASE))
def test_the_published_schema_describes_all_that_the_contract_promises(schema, path, method):
    assert missing_from(schema, path, method) == []


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_answers_of_login_keep_the_contract(client, password):
    operator = OperatorFactory.create()

    answer = post(client, "login", {"login": operator.login, "password": password})

    assert_keeps_contract(answer)


@pytest.mark.parametrize("method", ["logout", "checkAccess"])
@pytest.mark.parametrize("lifetime", [timedelta(hours=1), timedelta(hours=-1)])
def test_answers_to_live_and_dead_tokens_keep_the_contract(client, method, lifetime):
    token = token_of(OperatorFactory.create(), lifetime)

    answer = post(client, method, {"token": token})

    assert_keeps_contract(answer)
