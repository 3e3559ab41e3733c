"""Lists of the read API: pages, filters, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.filters.models import Application
from apps.read_api import pages
from apps.read_api.rest import cursors
from apps.read_api.rest.resources import RESOURCES
from apps.read_api.tests.scene import CONTACTS, DAY, Ask, Scene, ids_of
from testing.factories.campaigns import NOON
from testing.factories.filters import ApplicationFactory

pytestmark = pytest.mark.django_db
NAMES = [resource.name for resource in RESOURCES]
# each filter, with a value that finds ``Scene.found`` and not ``Scene.other``; a text with braces
# names an attribute of the row
FILTERS: dict[str, dict[str, str]] = {
    "campaigns": {"active": "false"},
    "operators": {"role": "ADMINISTRATOR", "locked": "true"},
    "applications": {
        "phone": CONTACTS[0],
        "applicationNumber": "34697463",
        "stream": "OTHER_LOANS",
        "applicationStatus": "scored",
        "loanStatus": "repaid",
        "clientType": "repeater",
    },
    "tasks": {
        "phone": CONTACTS[0],
        "sourceKey": "{0.source_key}",
        "campaignId": "{0.campaign_id}",
        "state": "DONE",
        "outcome": "CALLED",
    },
    "calls": {
        "communicationId": "{0.communication_id}",
        "campaignId": "{0.order.campaign_id}",
        "operatorId": "{0.operator_id}",
        "outcome": "CONNECTED",
    },
    "communications": {
        "phone": CONTACTS[0],
        "taskId": "{0.campaign_task_id}",
        "campaignId": "{0.campaign_task.campaign_id}",
        "operatorId": "{0.operator_id}",
        "state": "FIXED",
    },
    "decisions": {
        "phone": CONTACTS[0],
        "sourceKey": "{0.source_key}",
        "campaignId": "{0.campaign_id}",
        "taskId": "{0.task_id}",
        "step": "GUARD",
        "verdict": "STOPPED",
        "rule": "AGE",
    },
}
CASES = [(name, one) for name, filters in FILTERS.items() for one in filters]


def all_pages(ask: Ask, name: str, **parameters: Any) -> list[list[int]]:
    """The numbers of the rows of each page, as long as there is a next."""
    found: list[list[int]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = ask(name, **parameters, **cursor)
        found.append(ids_of(answer))
        after = answer.json()["data"].get("next")
        if after is None:
            return found
        cursor = {"cursor": after}


def test_every_filter_is_tried_here() -> None:
    offered = {
        resource.name: {
            name for name in resource.filters.base_filters if not name.endswith(("From", "To"))
        }
        for resource in RESOURCES
    }

    assert {name: set(filters) for name, filters in FILTERS.items()} == offered


@pytest.mark.parametrize(("name", "chosen"), CASES)
def test_a_filter_finds_its_rows_and_no_others(
    name: str, chosen: str, scene: Scene, ask: Ask
) -> None:
    row = scene.found[name]

    found = ids_of(ask(name, **{chosen: FILTERS[name][chosen].format(row)}))

    assert row.pk in found
    assert scene.other[name].pk not in found


@pytest.mark.parametrize("name", NAMES)
def test_a_list_can_be_asked_for_a_time(name: str, scene: Scene, ask: Ask) -> None:
    time = "started" if name == "communications" else "created"
    bounds = {f"{time}From": NOON.isoformat(), f"{time}To": (NOON + DAY).isoformat()}

    found = ids_of(ask(name, **bounds))

    assert scene.found[name].pk in found
    assert scene.other[name].pk not in found


@pytest.mark.parametrize("name", NAMES)
def test_a_row_is_given_by_its_number_as_in_the_list(name: str, scene: Scene, ask: Ask) -> None:
    row = scene.found[name]
    listed = {one["id"]: one for one in ask(name).json()["data"]["items"]}

    answer = ask(f"{name}/{row.pk}")

    assert answer.json() == {"status": "OK", "data": listed[row.pk]}


def test_there_is_no_row_of_another_number(ask: Ask) -> None:
    answers = [ask(f"applications/{number}") for number in (0, 2**63 - 1, 10**30)]

    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].json() == {"status": "NOT_FOUND", "description": "Не найдено"}


@pytest.mark.parametrize("ordering", ["newest", "oldest"])
@pytest.mark.parametrize("filters", [{}, {"stream": "MOBILE_LOANS"}], ids=["all", "filtered"])
def test_pages_go_through_every_row_once_and_in_order(
    ordering: str, filters: dict[str, str], ask: Ask
) -> None:
    """Also through rows that were written at the same moment."""
    rows = ApplicationFactory.create_batch(7)
    for number, row in enumerate(rows):
        at = NOON + timedelta(minutes=number // 3)
        Application.objects.filter(pk=row.pk).update(wtime=at)
    expected = [row.pk for row in rows]

    found = all_pages(ask, "applications", limit=2, ordering=ordering, **filters)

    assert [len(page) for page in found] == [2, 2, 2, 1]
    flat = [pk for page in found for pk in page]
    assert flat == (expected if ordering == "oldest" else expected[::-1])


def test_a_filter_looks_at_a_bounded_number_of_rows_and_goes_on_after_them(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "WINDOW_ROWS", 3)
    wanted = ApplicationFactory.create(client_type="repeater")
    ApplicationFactory.create_batch(7)

    found = all_pages(ask, "applications", clientType="repeater")

    assert found == [[], [], [wanted.pk]]


@pytest.mark.parametrize("name", NAMES)
def test_as_many_queries_for_many_rows_as_for_one(name: str, scene: Scene, ask: Ask) -> None:
    counts = []
    for limit in (1, 2):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert len(ids_of(ask(name, limit=limit))) == limit
        counts.append(len(asked.captured_queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("phon", "79131234567"),
        ("phone", "7913"),
        ("phone", "79131234567\0"),
        ("clientType", "nobody"),
        ("createdFrom", "yesterday"),
        ("limit", "0"),
        ("limit", "201"),
        ("limit", "many"),
        ("ordering", "phone"),
        ("cursor", "x"),
        ("cursor", "МОСКВА"),
        ("cursor", cursors.written(pages.Place(NOON, 17))[:-1]),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(parameter: str, value: str, ask: Ask) -> None:
    answer = ask("applications", **{parameter: value})

    assert answer.status_code == 400
    body = answer.json()
    assert body["status"] == "INVALID_REQUEST"
    assert list(body["errors"]) == [parameter]


def test_a_cursor_names_nobody() -> None:
    place = pages.Place(NOON, 17)

    assert cursors.read(cursors.written(place)) == place
    assert cursors.written(place).replace("-", "").replace("_", "").isalnum()
