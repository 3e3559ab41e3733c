from typing import Any

import pytest
from django.utils.translation import override

from apps.campaigns import services
from apps.campaigns.configuration.campaign_spec import SINGLE_VALUES
from apps.campaigns.models import Campaign, Disposition
from common.configuration import ConfigError, Place
from testing.factories.campaigns import CampaignFactory

pytestmark = pytest.mark.django_db

DESCRIBED: dict[str, Any] = {
    "name": "Доведи до займа",
    "description": "Короткая рекомендация",
    "script": "Здравствуйте!",
    "active": False,
    "hours": {"weekdays": "09:00-20:00", "weekends": "00:00-24:00"},
    "priority": 5,
    "time-zone": "Asia/Omsk",
    "max-attempts": 4,
    "min-in-flight": 7,
    "reasons": ["Не было с собой документа"],
    "dispositions": [
        {"result": "Заполнит позже", "meaning": "REDIAL", "block-minutes": 180},
        {"result": "Согласен оформить", "meaning": "SUCCESS"},
    ],
    "redial": {"BUSY": 10},
}


def spec(described: dict[str, Any], campaign_id: int = 7) -> Any:
    place = Place("campaigns.yaml", ("campaigns", 0))
    return services.read_campaign_spec(campaign_id, described, place)


def test_a_described_campaign_is_made_and_written_again_as_described() -> None:
    services.apply_campaign(spec(DESCRIBED))

    assert services.export_campaign(7) == DESCRIBED


def test_the_campaign_described_here_has_every_setting_that_is_a_single_value() -> None:
    """So the test above fails for a new setting that is read and not kept, or kept and not
    written."""
    assert {name.replace("_", "-") for name in SINGLE_VALUES} <= {*DESCRIBED}


def test_applying_twice_changes_nothing() -> None:
    first = services.apply_campaign(spec(DESCRIBED))

    assert len(first) == 1
    assert services.apply_campaign(spec(DESCRIBED)) == []


def test_a_dry_run_says_what_would_change_and_changes_nothing() -> None:
    changes = services.apply_campaign(spec(DESCRIBED), dry_run=True)

    assert changes == ["campaign 7: created, Доведи до займа"]
    assert Campaign.objects.count() == 0


def test_a_disposition_no_longer_described_is_kept_and_not_offered() -> None:
    services.apply_campaign(spec(DESCRIBED))

    services.apply_campaign(spec({**DESCRIBED, "dispositions": DESCRIBED["dispositions"][:1]}))

    offered = dict(Disposition.objects.values_list("result", "active"))
    assert offered == {"Заполнит позже": True, "Согласен оформить": False}


def test_a_campaign_made_by_hand_gets_a_number_of_its_own() -> None:
    services.apply_campaign(spec(DESCRIBED, campaign_id=50))

    assert CampaignFactory.create().pk > 50


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"nmae": "x"}, "campaigns[0].nmae: 'nmae', expected one of name, description"),
        ({"name": ""}, "campaigns[0].name: '', expected text of at most 64 characters, not empty"),
        ({"name": "x" * 65}, "expected text of at most 64 characters"),
        ({"priority": True}, "campaigns[0].priority: True, expected a whole number from -1000"),
        ({"max-attempts": 0}, "expected a whole number from 1 to 50"),
        ({"time-zone": "Moscow"}, "expected one of Europe/Kaliningrad, Europe/Moscow"),
        ({"hours": {"weekdays": "9-20"}}, "hours.weekdays: '9-20', expected hours such as"),
        ({"hours": {"weekdays": "09:00-25:00"}}, "expected hours such as 09:00-20:00"),
        ({"hours": {"weekdays": "20:00-09:00"}}, "the first before the second"),
        ({"active": "yes"}, "campaigns[0].active: 'yes', expected true or false"),
        ({"reasons": "одна"}, "campaigns[0].reasons: 'одна', expected a list"),
        ({"reasons": ["а", "а"]}, "campaigns[0].reasons[1]: 'а', expected each value once"),
        ({"dispositions": [{"result": "а"}]}, "dispositions[0].meaning: None, expected a value"),
        (
            {"dispositions": [{"result": "а", "meaning": "LATER"}]},
            "dispositions[0].meaning: 'LATER', expected one of SUCCESS, REDIAL",
        ),
        (
            {"dispositions": [{"result": "а", "meaning": "REDIAL"}]},
            "block-minutes: 0, expected at least 1 where the meaning is REDIAL",
        ),
        ({"redial": {"TIRED": 1}}, "redial.TIRED: 'TIRED', expected one of CONNECTED, BUSY"),
    ],
)
def test_a_mistake_is_refused_with_its_place_and_what_was_expected(
    wrong: dict[str, Any], message: str
) -> None:
    with override("en"), pytest.raises(ConfigError) as refused:
        spec(wrong)

    assert message in str(refused.value)
