"""``GET day``: an operator's own numbers, promised calls and latest talks."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.arm.models import BreakReason, StatePeriod
from apps.arm.tests.api import Api
from apps.arm.types import PeriodState
from apps.campaigns.models import Communication
from apps.campaigns.states import CommunicationState
from apps.campaigns.types import Meaning
from apps.security.models import Operator
from common.clock import MOSCOW, now
from testing.factories.campaigns import CommunicationFactory, DispositionFactory, TaskFactory

pytestmark = pytest.mark.django_db(transaction=True)


def talk(operator: Operator, *, minutes_ago: int, meaning: Meaning) -> Communication:
    task = TaskFactory.create(called=True)
    disposition = DispositionFactory.create(
        campaign=task.campaign, result=meaning.name, meaning=meaning.value
    )
    started_at = now() - timedelta(minutes=minutes_ago)
    return CommunicationFactory.create(
        campaign_task=task,
        operator=operator,
        state=CommunicationState.FIXED,
        disposition=disposition,
        started_at=started_at,
        ended_at=started_at + timedelta(seconds=30),
        result_details={"result": meaning.name},
    )


def test_the_day_counts_own_talks_and_names_promised_calls(api: Api, operator: Operator) -> None:
    midnight = now().astimezone(MOSCOW).replace(hour=0, minute=0, second=0)
    before_midnight = int((now() - midnight).total_seconds() // 60) + 60
    promised = talk(operator, minutes_ago=before_midnight, meaning=Meaning.CALLBACK)
    promised.campaign_task.redial_at = now() + timedelta(hours=1)
    promised.campaign_task.save()
    talks = [talk(operator, minutes_ago=0, meaning=Meaning.REFUSED) for _ in range(2)]
    talk(CommunicationFactory.create().operator, minutes_ago=0, meaning=Meaning.REFUSED)

    day = api.get("day").json()["data"]

    assert (day["talks"], day["talkSeconds"]) == (2, 60)
    assert day["results"] == [{"result": "REFUSED", "number": 2}]
    assert [call["id"] for call in day["promised"]] == [promised.pk]
    assert {one["id"] for one in day["latest"]} == {one.pk for one in talks}


def test_the_day_takes_as_many_queries_for_many_talks_as_for_one(
    api: Api, operator: Operator, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for minutes in range(5):
        talk(operator, minutes_ago=minutes, meaning=Meaning.REFUSED)
    api.get("day")

    with django_assert_max_num_queries(6):
        # totals, results, promised, latest, states; the token if cold
        api.get("day")


def test_the_day_tells_how_long_each_state_lasted(api: Api, operator: Operator) -> None:
    midnight = now().astimezone(MOSCOW).replace(hour=0, minute=0, second=0, microsecond=0)
    lunch = BreakReason.objects.create(title="Обед")
    StatePeriod.objects.filter(operator=operator).delete()
    ended_at = midnight + (now() - midnight) / 2
    StatePeriod.objects.create(
        operator=operator,
        state=PeriodState.BREAK,
        break_reason=lunch,
        began_at=midnight - timedelta(hours=3),
        ended_at=ended_at,
    )

    states = api.get("day").json()["data"]["states"]

    assert states == [
        {
            "state": "BREAK",
            "breakReason": "Обед",
            "seconds": round((ended_at - midnight).total_seconds()),
        }
    ]
