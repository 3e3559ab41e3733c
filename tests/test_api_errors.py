"""Whatever is wrong under /api/: the answer is JSON in the style of the API, in one language."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from apps.arm import services as arm
from testing.browser import Answer
from testing.factories.campaigns import CommunicationFactory
from testing.factories.security import OperatorFactory, token_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("core_alone", "cold_cache"),
]
ARM, SECURITY = "/api/arm/v1/", "/api/security/v1/"
RUSSIAN, LATIN = re.compile("[а-яё]", re.IGNORECASE), re.compile("[A-Za-z]{2,}")
# what is no word of a language: names of fields, JSON, what a client sent
NO_WORDS = re.compile(r"\"[^\"]*\"|«[^»]*»|“[^”]*”|\b[a-zA-Z.]+:|JSON|GONE|KING")


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def refusal(answer: Answer) -> tuple[str, str]:
    """The word and the description, in the style of the API that was asked."""
    assert answer.headers["Content-Type"] == "application/json"
    body: dict[str, Any] = json.loads(answer.content)
    found = body.get("result", body)
    assert set(found) <= {"status", "code", "description", "errors"}
    return found.get("status") or found["code"], found["description"]


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize(
    "path", ["/api/", "/api/nothing", f"{ARM}nothing", f"{ARM}hasChanges/", f"{SECURITY}nothing"]
)
def test_an_unknown_path_is_not_found(
    client: Client, settings: Settings, path: str, debug: bool
) -> None:
    settings.DEBUG = debug

    answer = client.get(path)

    assert (answer.status_code, refusal(answer)) == (404, ("NOT_FOUND", "Не найдено"))
    assert ("result" in answer.json()) == path.startswith(SECURITY)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("path", [f"{ARM}hasChanges", f"{ARM}setStatus", f"{SECURITY}login"])
def test_a_method_that_an_operation_lacks_is_refused(
    client: Client, path: str, method: str
) -> None:
    answer = client.generic(method, path)

    assert (answer.status_code, refusal(answer)[0]) == (405, "METHOD_NOT_ALLOWED")
    assert "OPTIONS" not in answer.headers["Allow"]


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("path", [f"{ARM}hasChanges", f"{SECURITY}login"])
def test_a_wrong_host_is_refused(
    client: Client, settings: Settings, path: str, debug: bool
) -> None:
    settings.DEBUG = debug

    answer = client.get(path, headers={"host": "evil.example.org"})

    assert (answer.status_code, refusal(answer)[0]) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("debug", [True, False])
def test_a_fault_of_the_system_shows_nothing_of_its_inside(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, debug: bool
) -> None:
    def break_down(*_: object) -> int:
        raise RuntimeError("postgres://user:password@host")

    settings.DEBUG = debug
    monkeypatch.setattr(arm, "operator_of", break_down)

    answer = client.get(f"{ARM}getClientCard", headers={"Authorization": "Bearer x"})

    assert answer.status_code == 500
    assert answer.json() == {"status": "ERROR", "description": "Внутренняя ошибка."}


def test_a_page_outside_the_api_stays_a_page(client: Client) -> None:
    answer = client.get("/nothing")

    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (404, "text/html")


def asked(client: Client, language: str) -> dict[str, Answer]:
    """An answer of each kind of error."""
    operator = OperatorFactory.create()
    talk = CommunicationFactory.create(operator=operator, ended=True)
    headers = {"accept-language": language, "Authorization": f"Bearer {token_of(operator)}"}

    def post(path: str, body: object) -> Answer:
        raw = body if isinstance(body, str) else json.dumps(body)
        return client.post(path, raw, content_type="application/json", headers=headers)

    form = {"communicationId": talk.pk, "clientPhone": talk.phone}
    wrong_types = {"communicationId": "1", "clientPhone": 7, "communicationResult": {"comment": 1}}
    bad = f"{ARM}saveCommunicationResult"
    return {
        "no token": client.get(f"{ARM}hasChanges", headers={"accept-language": language}),
        "no path": client.get(f"{ARM}nothing", headers=headers),
        "no method": client.put(f"{ARM}hasChanges", headers=headers),
        "no json": post(bad, "{"),
        "deep": post(bad, "[" * 100_000),
        "a list": post(bad, []),
        "no form": client.post(bad, {"a": 1}, headers=headers),
        "empty": post(bad, {}),
        "nulls": post(bad, dict.fromkeys(form)),
        "types": post(bad, wrong_types),
        "bounds": post(bad, {"communicationId": -1, "clientPhone": "7" * 5000}),
        "long": post(bad, {**form, "communicationResult": {"comment": "x" * 3000}}),
        "time": post(bad, {**form, "communicationResult": {"callbackTime": "01.01.0001 00:00"}}),
        "NUL": post(f"{ARM}login", {"login": "\0", "password": "\ud800"}),
        "no such result": post(bad, {**form, "communicationResult": {"result": "x"}}),
        "conflict": post(bad, {**form, "clientPhone": "79990000000"}),
        "not found": post(bad, {**form, "communicationId": 1}),
        "status": post(f"{ARM}setStatus", {"status": "GONE"}),
        "no number": client.get(f"{ARM}dictionaries?communicationId=x", headers=headers),
        "log-in": post(f"{ARM}login", {"login": "x", "password": "y"}),
        "role": post(f"{SECURITY}checkAccess", {"token": "x", "role": "KING"}),
        "denied": post(f"{SECURITY}checkAccess", {"token": "x"}),
    }


def texts_of(answer: Answer) -> list[str]:
    body = answer.json()
    lines = [line for found in body.get("errors", {}).values() for line in found]
    return [NO_WORDS.sub("", text) for text in (refusal(answer)[1], *lines)]


@pytest.mark.parametrize("language", ["", "ru", "ru-RU,ru;q=0.9,en;q=0.8", "de", "*"])
def test_every_text_is_russian(client: Client, language: str) -> None:
    for kind, answer in asked(client, language).items():
        for text in texts_of(answer):
            assert RUSSIAN.search(text), (kind, text)
            assert not LATIN.search(text), (kind, text)


def test_every_text_is_english_where_english_is_asked_for(client: Client) -> None:
    for kind, answer in asked(client, "en-GB,en;q=0.9,ru;q=0.5").items():
        for text in texts_of(answer):
            assert not RUSSIAN.search(text), (kind, text)
            assert LATIN.search(text), (kind, text)
