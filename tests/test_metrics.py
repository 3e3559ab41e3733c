import pytest
from django.core.cache import cache
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from apps.campaigns.services import set_aside
from apps.campaigns.types import AttentionKind
from testing.browser import Answer
from testing.factories.campaigns import NOON, CommunicationFactory, TaskFactory
from testing.fakes import FakeDialer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("core_alone")]

TOKEN = "token of the tests"


@pytest.fixture(autouse=True)
def protected(settings: Settings) -> None:
    cache.clear()
    settings.METRICS_TOKEN = TOKEN
    settings.SECURE_SSL_REDIRECT = False


def scrape(token: str = TOKEN) -> Answer:
    return Client().get("/metrics", headers={"Authorization": f"Bearer {token}"})


def samples() -> dict[tuple[str, ...], float]:
    """The values by name and labels."""
    families = text_string_to_metric_families(scrape().content.decode())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_only_who_knows_the_token_reads_the_numbers() -> None:
    assert scrape().status_code == 200
    assert [scrape(wrong).status_code for wrong in ("", "wrong", TOKEN[:-1], "ключ")] == [401] * 4
    assert Client().get("/metrics").status_code == 401


def test_without_a_configured_token_there_is_no_such_page(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""

    assert scrape("").status_code == 404


def test_the_engine_tells_what_is_to_be_done_and_what_goes_on(dialer: FakeDialer) -> None:
    waiting = TaskFactory.create()
    TaskFactory.create(campaign=waiting.campaign, handed_over=True)
    TaskFactory.create(campaign=waiting.campaign, called=True, redial_at=NOON)
    CommunicationFactory.create(campaign_task__campaign=waiting.campaign)
    CommunicationFactory.create(campaign_task__campaign=waiting.campaign, ended=True)
    dialer.on_line = 7

    told = samples()

    campaign = str(waiting.campaign_id)
    assert told["tm_campaign_tasks", campaign, "NEW"] == 1
    assert told["tm_campaign_tasks", campaign, "IN_PROGRESS"] == 1
    assert ("tm_campaign_tasks", campaign, "DONE") not in told
    assert told["tm_redials_waiting",] == 1
    assert told["tm_calls_going_on",] == 1
    assert told["tm_results_awaited",] == 1
    assert told["tm_operators_on_line",] == 7


def test_what_needs_attention_is_counted_by_kind() -> None:
    for key in (1, 2):
        set_aside(AttentionKind.EVENT_FEED, key, ValueError(), NOON)

    told = samples()

    counts = {name[1]: count for name, count in told.items() if name[0] == "tm_attention_items"}
    assert counts.keys() == set(AttentionKind.values)
    assert {kind: count for kind, count in counts.items() if count} == {"EVENT_FEED": 2}


def test_incoming_files_are_told_too() -> None:
    assert any(name.startswith("tm_incoming_waiting_files") for name, *_labels in samples())
