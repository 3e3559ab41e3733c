"""The live floor tells senior operators what goes on now, and lets them pause a campaign."""

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from apps.arm.types import OperatorStatus
from apps.campaigns.models import Campaign
from apps.campaigns.states import TaskState
from apps.campaigns.types import Meaning
from apps.security.models import AccessRecord
from apps.supervision import floor
from apps.supervision.floor import Floor, count_floor
from apps.telephony.queue.dialer import MightyCallDialer
from common.clock import now
from testing.browser import enter_back_office
from testing.factories.campaigns import (
    NOON,
    CampaignFactory,
    CommunicationFactory,
    DispositionFactory,
    TaskFactory,
)
from testing.factories.security import OperatorFactory, SeniorOperatorFactory, token_of
from testing.factories.telephony import AccountFactory, request_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
SUNDAY_EVENING = NOON + timedelta(days=4, hours=8)  # after 18:00 in Moscow


@pytest.fixture
def browser(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Client:
    settings.SECURE_SSL_REDIRECT = False
    monkeypatch.setattr(floor, "KEPT", timedelta())  # no picture of an earlier test
    client = Client()
    enter_back_office(client, SeniorOperatorFactory.create())
    return client


def statuses_on(found: Floor) -> dict[str, OperatorStatus]:
    return {operator.name: operator.status for operator in found.operators}


def test_operators_stand_by_what_they_do_now_those_in_a_call_first() -> None:
    waiting, talking, writing = OperatorFactory.create_batch(3)
    for operator in (waiting, talking, writing):
        token_of(operator)
    OperatorFactory.create()  # not signed in
    talk = CommunicationFactory.create(operator=talking)
    CommunicationFactory.create(operator=writing, ended=True)

    found = count_floor(now())

    assert statuses_on(found) == {
        talking.get_full_name(): OperatorStatus.IN_CALL,
        writing.get_full_name(): OperatorStatus.WRAP_UP,
        waiting.get_full_name(): OperatorStatus.OFFLINE,
    }
    assert [operator.id for operator in found.operators] == [talking.pk, writing.pk, waiting.pk]
    assert found.operators[0].since == talk.started_at
    assert found.operators[0].phone == f"+7 (***) ***-{talk.phone[-4:-2]}-{talk.phone[-2:]}"
    assert found.operators[1].result_due_at is not None
    assert dict(found.statuses)[OperatorStatus.IN_CALL] == 1


def test_who_has_no_account_in_telephony_is_named() -> None:
    without, served = OperatorFactory.create_batch(2)
    for operator in (without, served):
        token_of(operator)
    AccountFactory.create(operator=served)

    found = count_floor(now())

    assert {one.id: one.has_account for one in found.operators} == {
        without.pk: False,
        served.pk: True,
    }


def test_a_campaign_shows_its_queue_and_its_day() -> None:
    campaign = CampaignFactory.create()
    due, later = NOON - timedelta(minutes=1), NOON + timedelta(hours=2)
    TaskFactory.create_batch(3, campaign=campaign, task_time=due)
    TaskFactory.create_batch(2, campaign=campaign, task_time=later)
    TaskFactory.create(campaign=campaign, task_state=TaskState.IN_PROGRESS)
    agreed = DispositionFactory.create(campaign=campaign, meaning=Meaning.SUCCESS)
    refused = DispositionFactory.create(
        campaign=campaign, meaning=Meaning.REFUSED, result="Отказ от взаимодействия"
    )
    for disposition in (agreed, refused, refused):
        task = TaskFactory.create(campaign=campaign, called=True)
        CommunicationFactory.create(
            campaign_task=task, ended=True, state="FIXED", disposition=disposition
        )

    found = count_floor(NOON).campaigns[0]

    assert (found.due, found.waiting, found.in_telephony) == (3, 2, 1)
    assert (found.calls, found.reached, found.successes) == (3, 3, 1)


def test_the_calls_of_yesterday_are_not_counted() -> None:
    CommunicationFactory.create(ended=True)

    tomorrow = count_floor(now() + timedelta(days=1))

    assert [campaign.calls for campaign in tomorrow.campaigns] == [0]


@pytest.mark.parametrize(
    ("at", "closes", "opens"),
    [
        (NOON, "18.11 20:00", None),
        (NOON - timedelta(hours=6), None, "18.11 09:00"),
        (NOON + timedelta(hours=10), None, "19.11 09:00"),
        (SUNDAY_EVENING, None, "23.11 09:00"),
    ],
)
def test_a_campaign_tells_until_when_or_from_when_calls_are_allowed(
    at: datetime, closes: str | None, opens: str | None
) -> None:
    CampaignFactory.create()

    found = count_floor(at).campaigns[0]

    shown = [one and one.strftime("%d.%m %H:%M") for one in (found.closes_at, found.opens_at)]
    assert shown == [closes, opens]


def test_requests_that_telephony_does_not_take_are_a_red_line() -> None:
    MightyCallDialer().add_calls([request_of(TaskFactory.create(handed_over=True))])
    assert count_floor(now()).troubles == []

    later = count_floor(now() + timedelta(minutes=5))

    assert [trouble.follows for trouble in later.troubles] == ["ждёт 1 поручение"]


def test_the_cost_of_the_floor_does_not_grow_with_operators_and_campaigns(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for operator in OperatorFactory.create_batch(30):
        token_of(operator)
        CommunicationFactory.create(operator=operator)

    with django_assert_max_num_queries(40):
        count_floor(now())


def test_home_is_the_floor_in_russian_without_a_whole_number(browser: Client) -> None:
    talk = CommunicationFactory.create()

    page = browser.get(reverse("admin:index"), headers={"Accept-Language": "ru"})

    text = page.content.decode()
    assert "Операторы" in text
    assert talk.campaign_task.campaign.name in text
    assert talk.phone not in text
    assert not re.search(r"Nobody|Campaigns|Files of today", text)


def test_the_part_that_renews_itself_is_for_senior_operators_alone(
    browser: Client, settings: Settings
) -> None:
    stranger, operator = Client(), Client()
    enter_back_office(operator, OperatorFactory.create())

    answers = [one.get(reverse("admin:floor")).status_code for one in (browser, stranger, operator)]

    assert answers == [200, 302, 302]


def test_an_empty_floor_says_what_to_do(browser: Client) -> None:
    text = browser.get(reverse("admin:floor"), headers={"Accept-Language": "ru"}).content.decode()

    assert "Никто не вошёл в систему." in text
    assert reverse("admin:campaigns_campaign_add") in text


def test_a_senior_operator_pauses_a_campaign_and_it_stands_in_its_history(
    browser: Client,
) -> None:
    campaign = CampaignFactory.create()

    for _again in range(2):
        browser.post(reverse("admin:floor_pause", args=[campaign.pk]))

    entry = LogEntry.objects.get()
    assert not Campaign.objects.get().active
    assert (entry.object_id, entry.user.role) == (str(campaign.pk), "SENIOR_OPERATOR")

    browser.post(reverse("admin:floor_go_on", args=[campaign.pk]))

    assert Campaign.objects.get().active


def test_a_campaign_is_not_paused_by_a_link(browser: Client) -> None:
    campaign = CampaignFactory.create()

    assert browser.get(reverse("admin:floor_pause", args=[campaign.pk])).status_code == 405
    assert browser.post(reverse("admin:floor_pause", args=[0])).status_code == 404
    assert Campaign.objects.get().active


def test_looking_at_the_floor_is_recorded_once_however_often_it_renews_itself(
    browser: Client,
) -> None:
    other = Client()
    enter_back_office(other, SeniorOperatorFactory.create())

    for one in (browser, other):
        for page in ("admin:index", "admin:floor", "admin:floor"):
            assert one.get(reverse(page)).status_code == 200

    looks = AccessRecord.objects.filter(action="LISTED", subject="campaigns.communication")
    assert looks.count() == looks.values("operator_id").distinct().count() == 2


def test_a_long_look_at_the_floor_is_recorded_again(browser: Client) -> None:
    browser.get(reverse("admin:floor"))
    cache.clear()  # the time has passed, or Redis has lost it

    browser.get(reverse("admin:floor"))

    assert AccessRecord.objects.filter(action="LISTED").count() == 2
