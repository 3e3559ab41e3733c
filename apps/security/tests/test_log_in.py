"""POST /api/security/v1/login."""

import pytest

from apps.security.models import OperatorAuth
from apps.security.tests.factories import PASSWORD, OperatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
URL = "/api/security/v1/login"


def log_in(client, login, password=PASSWORD):
    return client.post(URL, {"login": login, "password": password}, content_type="application/json")


def test_the_right_password_gives_a_token_and_the_operators_number(client):
    operator = OperatorFactory.create()

    answer = log_in(client, operator.login)

    assert answer.status_code == 200
    assert answer.json()["result"] == {"code": "OK"}
    assert answer.json()["data"]["operatorId"] == operator.pk
    assert OperatorAuth.objects.get().operator_id == operator.pk
