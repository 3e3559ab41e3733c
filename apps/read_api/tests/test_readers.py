"""Who may read, how often, and what of a client they see."""

import pytest
from django.db import connection, transaction
from django.test import Client
from pytest_django import Settings

from apps.read_api import pages
from apps.read_api.rest.resources import RESOURCES
from apps.read_api.tests.scene import CONTACTS, SECRETS, Ask, Scene
from apps.security.models import Operator
from testing.factories.security import OperatorFactory, SeniorOperatorFactory, token_of
from testing.rivals import Rivals

pytestmark = pytest.mark.django_db


def all_that_is_told(scene: Scene, ask: Ask, reader: Operator) -> str:
    """Every list and every row."""
    paths = [one.name for one in RESOURCES]
    paths += [f"{name}/{row.pk}" for name, row in scene.found.items()]
    answers = [ask(path, reader) for path in paths]
    assert {answer.status_code for answer in answers} == {200}
    return "\n".join(answer.content.decode() for answer in answers)


def test_a_senior_operator_sees_no_contacts_of_clients(
    scene: Scene, ask: Ask, senior: Operator
) -> None:
    told = all_that_is_told(scene, ask, senior)

    assert [text for text in CONTACTS + SECRETS if text in told] == []
    assert "+7 (***) ***-45-67" in told
    assert '"lastName":"А***"' in told


def test_who_was_given_the_right_sees_contacts(scene: Scene, ask: Ask) -> None:
    told = all_that_is_told(scene, ask, SeniorOperatorFactory.create(contacts_visible=True))

    assert [text for text in CONTACTS if text not in told] == []


def test_an_administrator_sees_contacts(scene: Scene, ask: Ask, administrator: Operator) -> None:
    told = all_that_is_told(scene, ask, administrator)

    assert [text for text in CONTACTS if text not in told] == []


def test_nobody_reads_documents_birth_dates_faces_and_devices(
    scene: Scene, ask: Ask, administrator: Operator
) -> None:
    told = all_that_is_told(scene, ask, administrator)

    assert [text for text in SECRETS if text in told] == []


def test_answers_are_kept_by_no_cache(scene: Scene, ask: Ask) -> None:
    assert ask("applications").headers["Cache-Control"] == "no-store"


def test_the_scheme_may_be_written_in_any_case(ask: Ask, senior: Operator) -> None:
    token = token_of(senior)

    statuses = {
        scheme: Client()
        .get("/api/v1/campaigns", headers={"Authorization": f"{scheme} {token}"})
        .status_code
        for scheme in ("Bearer", "bearer", "BEARER", "Basic")
    }

    assert statuses == {"Bearer": 200, "bearer": 200, "BEARER": 200, "Basic": 401}


def test_without_a_live_token_nothing_is_read(ask: Ask) -> None:
    answer = Client().get("/api/v1/campaigns")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json() == {"status": "ACCESS_DENIED", "description": "Доступ запрещен"}


def test_an_operator_may_not_read(ask: Ask) -> None:
    answer = ask("campaigns", OperatorFactory.create())

    assert answer.status_code == 403
    assert answer.json()["status"] == "FORBIDDEN"


def test_who_asks_too_often_is_told_when_to_ask_again_and_others_go_on(
    ask: Ask, settings: Settings, administrator: Operator
) -> None:
    settings.READ_API_RATE = "2/min"

    statuses = [ask("campaigns").status_code for _ in range(2)]
    answer = ask("campaigns")

    assert statuses == [200, 200]
    assert answer.status_code == 429
    assert answer.json()["status"] == "TOO_MANY_REQUESTS"
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert ask("campaigns", administrator).status_code == 200


def test_without_redis_nobody_is_locked_out(ask: Ask, settings: Settings) -> None:
    settings.READ_API_RATE = "1/min"
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"}
    }

    assert [ask("campaigns").status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.django_db(transaction=True)
def test_a_page_that_takes_too_long_is_given_up(
    ask: Ask, rivals: Rivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LONGEST_MS", 50)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('LOCK TABLE "tm$applications"')
        answer = rivals.start(lambda: ask("applications")).result()

    assert answer.status_code == 503
    assert answer.json()["status"] == "UNAVAILABLE"
    assert "Retry-After" in answer.headers
