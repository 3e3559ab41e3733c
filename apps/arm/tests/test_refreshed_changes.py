"""Whoever changes something puts it into the cache: pages do not look at the tables for it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.arm import changes, services
from apps.arm.tests.api import Api, end_of
from apps.arm.types import OperatorStatus
from apps.campaigns.models import Communication
from apps.campaigns.types import CallEvent, CallEventKind
from apps.security.models import Operator
from common import clock
from testing.factories.campaigns import TaskFactory
from testing.factories.security import OperatorAuthFactory, OperatorFactory

pytestmark = pytest.mark.django_db(transaction=True)


def asked(api: Api) -> tuple[Any, list[str]]:
    """The changes, and the statements that they took."""
    with CaptureQueriesContext(connection) as queries:
        answer = api.get("hasChanges").json()["data"]
    return answer, [query["sql"] for query in queries]


def connected(operator_ids: list[int]) -> list[CallEvent]:
    tasks = [TaskFactory.create(handed_over=True) for _ in operator_ids]
    return [
        CallEvent(
            kind=CallEventKind.CONNECTED,
            call_key=f"call-{task.pk}",
            order_id=task.orders.latest("pk").pk,
            at=clock.now(),
            operator_id=operator_id,
        )
        for task, operator_id in zip(tasks, operator_ids, strict=True)
    ]


def test_what_an_event_changes_is_answered_without_the_tables(
    api: Api, ring: Callable[..., Communication]
) -> None:
    asked(api)

    communication = ring()
    started, statements = asked(api)
    assert (started["changes"], statements) == (["CLIENT_CARD_READY"], [])

    services.take_call_events([end_of(communication)])
    ended, statements = asked(api)
    assert ended["operatorStatus"] == "WRAP_UP"
    assert statements == []


def test_many_operators_are_refreshed_in_as_many_statements_as_one() -> None:
    def statements_for(count: int) -> int:
        events = connected([OperatorFactory.create().pk for _ in range(count)])
        with CaptureQueriesContext(connection) as queries:
            services.take_call_events(events)
        return len(queries)

    assert statements_for(20) == statements_for(1)


def test_the_sweep_keeps_the_pages_of_everybody_warm(api: Api, operator: Operator) -> None:
    OperatorAuthFactory.create_batch(5)
    asked(api)
    cache.delete(f"{changes.KEY_PREFIX}{operator.pk}")

    assert services.refresh_signed_in() == 6

    assert asked(api)[1] == []


def test_a_refresh_never_covers_a_newer_change(
    api: Api, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    (event,) = connected([operator.pk])
    read = changes.changes_in_tables

    def read_slowly(operator_ids: Any) -> Any:
        stale = read(operator_ids)
        monkeypatch.undo()
        services.take_call_events([event])  # commits between the sweep's reading and its writing
        return stale

    asked(api)
    monkeypatch.setattr(changes, "changes_in_tables", read_slowly)
    services.refresh_signed_in()

    assert asked(api)[0]["operatorStatus"] == OperatorStatus.IN_CALL
