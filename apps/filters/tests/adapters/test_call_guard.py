"""The call guard: BlackList's answer may not be older than a day when the client is called."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from apps.campaigns.types import DueTask
from apps.filters.adapters.call_guard import BlacklistGuard
from apps.filters.models import BlacklistCheck
from common.clock import now
from testing.factories.filters import ApplicationFactory, CascadeFactory, batch_of
from testing.judging import judge_fully
from testing.simulators import Simulators

pytestmark = pytest.mark.django_db


def due(phone: str, source_key: str = "", task_id: int = 1) -> DueTask:
    return DueTask(task_id=task_id, campaign_id=1, phone=phone, source_key=source_key)


def blacklisted(services: Simulators, **record: str) -> None:
    body = {"reason": "asked not to be called", "blocked_until": None, **record}
    assert services.call("blacklist", "POST", "/api/v2/records", json=body).status_code == 201


def check(phone: str, hours_ago: float, *, blocked: bool = False) -> None:
    at = now() - timedelta(hours=hours_ago)
    BlacklistCheck.objects.create(phone=phone, blocked=blocked, checked_at=at)


def test_a_client_who_was_never_checked_is_checked_now(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    clean, listed = unused_phone(), unused_phone()
    blacklisted(services, phone=listed)

    forbidden = BlacklistGuard().forbidden([due(clean, task_id=1), due(listed, task_id=2)])

    assert set(forbidden) == {2}
    assert "asked not to be called" in str(forbidden[2])
    assert BlacklistCheck.objects.count() == 2


def test_a_fresh_answer_is_not_asked_for_again(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    services.put_faults("blacklist", error_rate=1, error_status=500)
    phone = unused_phone()
    check(phone, hours_ago=23.9)

    assert BlacklistGuard().forbidden([due(phone)]) == {}


def test_an_answer_older_than_a_day_is_asked_for_again(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    phone = unused_phone()
    blacklisted(services, phone=phone)
    check(phone, hours_ago=24.1)

    assert set(BlacklistGuard().forbidden([due(phone)])) == {1}


def test_while_blacklist_is_down_the_task_is_neither_allowed_nor_forbidden_for_good(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    services.put_faults("blacklist", error_rate=1, error_status=500)

    assert BlacklistGuard().forbidden([due(unused_phone())]) == {1: None}


def test_the_device_of_the_application_is_checked_too(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    application = ApplicationFactory.create(device_id=f"device-{unused_phone()}")
    blacklisted(services, device_id=application.device_id)

    task = due(application.phone, f"application:{application.pk}")

    assert set(BlacklistGuard().forbidden([task])) == {1}


def test_the_cascades_own_answer_is_fresh(services: Simulators) -> None:
    settings = {"data-streams": ["MOBILE_LOANS"], "filters-order": ["PHONE_BLACK_LIST"]}
    CascadeFactory.create(settings=settings)
    application = ApplicationFactory.create()
    judge_fully(batch_of(application).pk, now())
    services.put_faults("blacklist", error_rate=1, error_status=500)

    task = due(application.phone, f"application:{application.pk}")

    assert BlacklistGuard().forbidden([task]) == {}
