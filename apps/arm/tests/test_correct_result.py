"""``POST correctResult``: an operator corrects a result of their own."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from apps.arm.tests.api import Api, filled_in
from apps.campaigns.models import Communication, DoNotCallEntry
from apps.campaigns.types import Meaning
from common.clock import now
from testing.factories.campaigns import DispositionFactory
from testing.factories.security import OperatorFactory, token_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def saved(api: Api, ring: Callable[..., Communication]) -> Communication:
    """A conversation that has ended, and its result."""
    communication = ring(ended=True)
    campaign = communication.campaign_task.campaign
    DispositionFactory.create(campaign=campaign)
    DispositionFactory.create(
        campaign=campaign, result="Больше не звонить", meaning=Meaning.NEVER_AGAIN.value
    )
    assert api.post("saveCommunicationResult", filled_in(communication)).status_code == 200
    return communication


def correction(saved: Communication, result: str, **more: Any) -> dict[str, Any]:
    return {"communicationId": saved.pk, "communicationResult": {"result": result}, **more}


def test_a_correction_replaces_the_result_and_tells_what_it_did(
    api: Api, saved: Communication
) -> None:
    answer = api.post("correctResult", correction(saved, "Больше не звонить", version=1))

    assert answer.json() == {
        "status": "OK",
        "data": {"version": 2, "taskFollows": True, "doNotCall": "LISTED"},
    }
    saved.refresh_from_db()
    assert saved.result_details["result"] == "Больше не звонить"
    back = api.post("correctResult", correction(saved, "Согласен оформить", version=2))
    assert back.json()["data"]["doNotCall"] == "REMOVED"
    assert not DoNotCallEntry.objects.exists()


def test_the_day_tells_until_when_each_talk_may_be_corrected(
    api: Api, saved: Communication, settings: Settings
) -> None:
    (talk,) = api.get("day").json()["data"]["latest"]
    settings.CORRECTION_SECONDS = 0
    (late,) = api.get("day").json()["data"]["latest"]

    saved.refresh_from_db()
    assert saved.fixed_at is not None
    assert talk["correctableUntil"] == (saved.fixed_at + timedelta(minutes=10)).isoformat()
    assert (talk["version"], "correctableUntil" in late) == (1, False)


def test_after_its_time_a_correction_is_refused(
    api: Api, saved: Communication, settings: Settings
) -> None:
    Communication.objects.update(
        fixed_at=now() - timedelta(seconds=settings.CORRECTION_SECONDS + 60)
    )

    answer = api.post("correctResult", correction(saved, "Больше не звонить"))

    assert (answer.status_code, answer.json()["status"]) == (409, "TOO_LATE")
    assert not DoNotCallEntry.objects.exists()


def test_a_correction_of_an_older_version_is_a_conflict(api: Api, saved: Communication) -> None:
    api.post("correctResult", correction(saved, "Больше не звонить", version=1))

    answer = api.post("correctResult", correction(saved, "Согласен оформить", version=1))

    assert (answer.status_code, answer.json()["status"]) == (409, "CONFLICT")


def test_a_field_that_breaks_a_rule_is_named(api: Api, saved: Communication) -> None:
    answer = api.post("correctResult", correction(saved, "Придумал сам"))

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["communicationResult.result"]


def test_a_colleagues_result_is_not_found(api: Api, saved: Communication) -> None:
    colleague = Api(token_of(OperatorFactory.create()))

    answer = colleague.post("correctResult", correction(saved, "Больше не звонить"))

    assert answer.status_code == 404
