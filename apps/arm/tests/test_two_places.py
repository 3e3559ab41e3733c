"""One live workplace of an operator: each place is told of the others, and may take over."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from apps.arm import services
from apps.arm.tests.api import Api
from apps.campaigns.models import Communication
from apps.security.models import AccessRecord, Operator
from apps.security.services import lock_operators, select_for_update, unlock_operators
from apps.security.types import Access, AccessDeniedError, Visitor
from testing.browser import Answer
from testing.factories.security import PASSWORD, OperatorFactory, token_of
from testing.fakes import FakeSessions
from testing.rivals import PATIENCE_SECONDS, Rivals, wait_until_a_lock_is_awaited

pytestmark = pytest.mark.django_db(transaction=True)

ELSEWHERE = 'Bearer error="invalid_token", error_description="elsewhere"'


def other_places(api: Api) -> int | None:
    """What hasChanges tells of other places."""
    data: dict[str, Any] = api.get("hasChanges").json()["data"]
    return data.get("otherPlaces")


def refusal_of(answer: Answer) -> tuple[int, str, str, str]:
    body = answer.json()
    return (
        answer.status_code,
        body["status"],
        body["description"],
        answer.headers["WWW-Authenticate"],
    )


def logged_out(operator: Operator) -> int:
    """How many records of a log-out the access log has."""
    return AccessRecord.objects.filter(
        operator_id=operator.pk, action=Access.LOGGED_OUT, subject="api"
    ).count()


def test_a_second_log_in_is_told_and_may_take_over(
    api: Api, operator: Operator, sessions: FakeSessions
) -> None:
    credentials = {"login": operator.login, "password": PASSWORD}
    colleague = Api(token_of(OperatorFactory.create()))

    told = Api().post("login", credentials).json()["data"]
    beside = [one.get("hasChanges").status_code for one in (api, Api(told["token"]))]
    took = Api().post("login", {**credentials, "takeOver": True}).json()["data"]

    assert (told["otherPlaces"], took["otherPlaces"]) == (1, 0)
    assert beside == [200, 200]
    others = (api, Api(told["token"]))
    assert [one.get("hasChanges").status_code for one in others] == [401, 401]
    assert [one.get("hasChanges").status_code for one in (Api(took["token"]), colleague)] == [
        200,
        200,
    ]
    assert sessions.ready == {operator.pk: True}


@pytest.mark.parametrize("value", ["true", 1, None])
def test_only_a_boolean_takes_over(api: Api, operator: Operator, value: object) -> None:
    body = {"login": operator.login, "password": PASSWORD, "takeOver": value}

    answer = Api().post("login", body)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["takeOver"])
    assert api.get("hasChanges").status_code == 200


def test_each_place_is_told_of_the_others_as_long_as_there_are_any(
    api: Api, operator: Operator
) -> None:
    assert other_places(api) is None

    second = Api(Api().post("login", _credentials(operator)).json()["data"]["token"])
    told = (other_places(api), other_places(second))
    second.get("logout")

    assert told == (1, 1)
    assert other_places(api) is None


def test_a_place_takes_over_without_the_password(
    api: Api, operator: Operator, ring: Callable[..., Communication], sessions: FakeSessions
) -> None:
    ring()
    first = Api(token_of(operator))

    answer = api.post("takeOver", {})

    assert (answer.status_code, answer.json()) == (200, {"status": "OK"})
    assert other_places(api) is None
    assert first.get("hasChanges").status_code == 401
    assert api.get("getClientCard").status_code == 200  # the conversation goes on here
    assert sessions.ready == {operator.pk: True}
    assert logged_out(operator) == 1


def test_a_take_over_of_nothing_changes_nothing(api: Api, operator: Operator) -> None:
    assert api.post("takeOver", {}).json() == {"status": "OK"}

    assert api.get("hasChanges").status_code == 200
    assert logged_out(operator) == 0


@pytest.mark.parametrize("name", ["hasChanges", "changes", "getClientCard", "logout"])
def test_a_place_that_was_taken_over_is_told_so(api: Api, operator: Operator, name: str) -> None:
    Api().post("login", {**_credentials(operator), "takeOver": True})

    assert refusal_of(api.get(name)) == (
        401,
        "ACCESS_DENIED",
        "Рабочее место открыто в другом месте",
        ELSEWHERE,
    )


def test_only_the_bearer_of_a_token_of_this_system_learns_of_another_place(
    api: Api, operator: Operator
) -> None:
    head, claims, _seal = api.headers["Authorization"].split(".")
    forged = Api(f"{head}.{claims}.AAAA".removeprefix("Bearer "))

    assert forged.get("hasChanges").headers["WWW-Authenticate"] == "Bearer"


def test_whoever_is_logged_in_nowhere_is_not_told_of_another_place(
    api: Api, operator: Operator
) -> None:
    lock_operators([operator.pk])
    unlock_operators([operator.pk])

    assert api.get("hasChanges").headers["WWW-Authenticate"] == "Bearer"


def test_of_two_places_that_take_over_at_once_one_is_left(
    operator: Operator, rivals: Rivals
) -> None:
    tokens = [token_of(operator), token_of(operator)]
    visitor = Visitor(operator.pk, None)

    def take_over(token: str) -> bool:
        try:
            services.take_over(visitor, token)
        except AccessDeniedError:
            return False
        return True

    with transaction.atomic():
        select_for_update([operator.pk])
        acts = [rivals.start(partial(take_over, token)) for token in tokens]
        wait_until_a_lock_is_awaited()
    outcomes = [act.result(PATIENCE_SECONDS) for act in acts]

    alive = [Api(token).get("hasChanges").status_code == 200 for token in tokens]
    assert sorted(outcomes) == [False, True]
    assert alive == outcomes


def _credentials(operator: Operator) -> dict[str, str]:
    return {"login": operator.login, "password": PASSWORD}
