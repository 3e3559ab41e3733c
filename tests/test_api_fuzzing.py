"""Whatever is sent to the API: nothing breaks, and every answer is what the schema says of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from django.core.cache import cache
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from pytest_django import Settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from telemarketing.wsgi import application
from testing.contract import published_schema
from testing.factories.campaigns import CommunicationFactory, DispositionFactory
from testing.factories.security import OperatorFactory, SeniorOperatorFactory, token_of

BOUNDED = how(
    max_examples=8,  # of each operation and mode: all together stay below twenty seconds
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def reader(token: str) -> str:
    """The token of a senior operator, who reads what the other token's operator has done."""
    return token_of(SeniorOperatorFactory.create())


@pytest.fixture
def token(settings: Settings, core_alone: None) -> str:
    """Of an operator with a conversation whose result is awaited."""
    settings.SECURE_SSL_REDIRECT = False
    settings.AXES_ENABLED = False  # hundreds of wrong passwords come from one address
    settings.READ_API_RATE = "10000/s"
    cache.clear()
    operator = OperatorFactory.create()
    communication = CommunicationFactory.create(operator=operator, ended=True)
    DispositionFactory.create(campaign=communication.campaign_task.campaign)
    return token_of(operator)


def operations() -> Iterator[ParameterSet]:
    schema: Any = from_dict(published_schema())
    schema.app = application
    for operation in schema.get_all_operations():
        modes = [GenerationMode.POSITIVE]
        if operation.ok().body or operation.ok().query:
            modes.append(GenerationMode.NEGATIVE)
        for mode in modes:
            yield pytest.param(operation.ok(), mode, id=f"{operation.ok().path} {mode.value}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("operation", "mode"), list(operations()))
def test_nothing_that_is_sent_breaks_the_api(
    operation: Any, mode: GenerationMode, token: str, reader: str
) -> None:
    # a log-out would end the token for the examples that follow
    known = not operation.path.endswith("logout")
    held = reader if operation.path.startswith("/api/v1/") else token
    headers = {"Authorization": f"Bearer {held}"} if known else {}

    @given(case=operation.as_strategy(generation_mode=mode))
    @BOUNDED
    def send(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    send()
