"""Whoever changes something publishes whom it concerns, so that open streams need not ask."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from redis import Redis

from apps.arm import changes, services
from apps.arm.tests.api import Api
from apps.arm.types import CHANGED_CHANNEL
from apps.campaigns.models import Communication
from apps.security.models import Operator
from apps.security.services import lock_operators
from apps.security.tokens import digest_of
from apps.security.types import DISTRUSTED_CHANNEL
from common.channels import published
from testing.factories.security import token_of

pytestmark = pytest.mark.django_db(transaction=True)

Heard = Callable[[], list[int | str]]
QUIET_SECONDS = 0.2


@pytest.fixture
def heard(operator: Operator) -> Iterator[Heard]:
    """What was published about the operator and their tokens since the last look.

    Other test processes publish in the same channels.
    """
    with Redis.from_url(settings.REDIS_URL) as redis, redis.pubsub() as pubsub:
        pubsub.subscribe(CHANGED_CHANNEL, DISTRUSTED_CHANNEL)
        while pubsub.get_message(timeout=QUIET_SECONDS):
            pass

        def look() -> list[int | str]:
            found: list[int | str] = []
            while message := pubsub.get_message(timeout=QUIET_SECONDS):
                found += published(message["data"])
            return found

        yield look


def test_what_the_operator_does_is_published(operator: Operator, heard: Heard) -> None:
    services.set_presence(operator.pk, ready=True)

    assert operator.pk in heard()


def test_what_happens_to_the_operator_is_published(
    operator: Operator, ring: Callable[..., Communication], heard: Heard
) -> None:
    ring()

    assert operator.pk in heard()


def test_nothing_is_published_before_the_commit(operator: Operator, heard: Heard) -> None:
    with transaction.atomic():
        changes.invalidate(operator.pk)
        changes.refresh(operator.pk)
        before = heard()

    assert (operator.pk in before, operator.pk in heard()) == (False, True)


def test_the_sweep_publishes_only_what_is_different(
    api: Api, operator: Operator, heard: Heard
) -> None:
    services.refresh_signed_in()
    heard()

    services.refresh_signed_in()
    same = heard()
    cache.delete(f"{changes.KEY_PREFIX}{operator.pk}")  # as if a mark had been lost
    services.refresh_signed_in()

    assert (operator.pk in same, operator.pk in heard()) == (False, True)


def test_the_end_of_a_token_is_published(operator: Operator, heard: Heard) -> None:
    token = token_of(operator)

    lock_operators([operator.pk])

    assert digest_of(token) in heard()


def test_without_the_process_of_the_streams_a_stream_has_one_event(api: Api) -> None:
    answer = api.get("changes")

    body = api.get("hasChanges").content
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/event-stream")
    assert f"data: {body.decode()}\n\n" in answer.content.decode()
    assert "retry: 1000\n" in answer.content.decode()


def test_an_event_is_known_by_what_it_says(api: Api, operator: Operator) -> None:
    def event_id() -> str:
        lines = api.get("changes").content.decode().splitlines()
        return next(line for line in lines if line.startswith("id: "))

    before, again = event_id(), event_id()
    services.set_presence(operator.pk, ready=False)

    assert before == again != event_id()
