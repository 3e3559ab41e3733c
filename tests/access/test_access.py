"""Nobody gets in who does not belong: each row of ``table`` is tried by every caller."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoDbBlocker, Settings
from rest_framework.views import APIView

from apps.campaigns.models import Communication
from apps.filters.models import Cascade, KnownClient
from apps.filters.services import Asked, request_dry_run
from apps.security.models import Operator
from common.clock import now
from testing.browser import Answer
from testing.rows import one_of_each_page
from tests.access.apis import FILES
from tests.access.callers import Caller, Credentials, make_callers
from tests.access.operations import Operation, Outcome, Scene
from tests.access.table import TABLE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_installed")]

PLACEHOLDER = re.compile(r"<[^>]+>")
# routes that are regular expressions, and an address that each of them matches
WRITTEN_OUT = {
    "admin/^(?P<app_label>security|campaigns|filters|ingest|telephony)/$": "admin/campaigns/",
    "admin/(?P<url>.*)$": "admin/nothing/here/",
}
REFUSED = {401: Outcome.UNKNOWN, 403: Outcome.FORBIDDEN, 404: Outcome.MISSING}
HTTP_METHODS = {"get", "post", "put", "patch", "delete"}


@dataclass(frozen=True)
class Stage:
    """Everybody and everything that the operations are about, made once for all of them."""

    callers: Mapping[Caller, Credentials]
    scene: Scene


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stage]:
    """One transaction for the whole module; each request is undone by a savepoint."""
    with django_db_blocker.unblock(), undone():
        yield made()


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that is rolled back, and that durable ones may be within, as in any test."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def made() -> Stage:
    callers = make_callers()
    people = {caller: held.operator for caller, held in callers.items() if held.operator}
    rows = one_of_each_page(people[Caller.OPERATOR])
    ids = {str(model._meta.model_name): int(row.pk) for model, row in rows.items()}
    cascade = rows[Cascade]
    assert isinstance(cascade, Cascade)
    asked = Asked(author_id=None, at=now())
    run = request_dry_run(cascade.campaign_id, cascade.settings, 1, None, asked)
    talk = rows[Communication]
    assert isinstance(talk, Communication)
    ids |= {
        "call": talk.call.pk,
        "knownclient": KnownClient.objects.create(phone=talk.phone, name_key="АСАНОВ").pk,
        "senior": people[Caller.SENIOR].pk,
        "administrator": people[Caller.ADMINISTRATOR].pk,
        "type": ContentType.objects.get_for_model(Operator).pk,
        "version": 1,
        "run": run.pk,
    }
    return Stage(callers, Scene(ids=ids, phone=talk.phone))


@pytest.fixture
def as_installed(settings: Settings, core_alone: None) -> None:
    settings.SECURE_SSL_REDIRECT = False
    settings.METRICS_TOKEN = "of Prometheus"
    settings.SECOND_FACTOR = "offered"


@pytest.mark.parametrize("operation", TABLE, ids=[operation.name for operation in TABLE])
def test_an_operation_is_open_to_those_it_is_meant_for(operation: Operation, stage: Stage) -> None:
    found = {caller: outcome(operation, stage, caller) for caller in Caller}

    assert found == operation.policy


def outcome(operation: Operation, stage: Stage, caller: Caller) -> Outcome:
    """What becomes of the caller's request. Whatever it changed is undone."""
    cache.clear()
    with undone():
        answer = sent(operation, stage.scene, stage.callers[caller])
    if answer.status_code in REFUSED:
        return REFUSED[answer.status_code]
    if answer.status_code in (301, 302):
        is_log_in = answer.headers["Location"].startswith("/admin/login/")
        return Outcome.LOG_IN if is_log_in else Outcome.ALLOWED
    assert answer.status_code == 200, (answer.status_code, answer.content[:300])
    if any(template.name == "admin/login.html" for template in answer.templates):
        return Outcome.LOG_IN
    return Outcome.ALLOWED if code_of(answer) == "OK" else Outcome.UNKNOWN


def sent(operation: Operation, scene: Scene, held: Credentials) -> Answer:
    if held.operator:
        token = held.headers["Authorization"].removeprefix("Bearer ")
        scene = replace(scene, login=held.operator.login, token=token)
    browser = Client(headers=dict(held.headers))
    browser.cookies.load(dict(held.cookies))
    sent_as: dict[str, Any] = {}
    if operation.body:
        sent_as = {"data": operation.body(scene), "content_type": "application/json"}
    elif filled_in := operation.form or operation.query:
        sent_as = {"data": filled_in(scene)}
    send = browser.get if operation.method == "GET" else browser.post
    return send(f"/{path_of(operation, scene)}", **sent_as)


def path_of(operation: Operation, scene: Scene) -> str:
    path = WRITTEN_OUT.get(operation.route, operation.route)
    for name in operation.path:
        path = PLACEHOLDER.sub(str(scene.ids[name]), path, count=1)
    return path


def code_of(answer: Answer) -> str:
    """The security service's code; OK where there is none."""
    if not answer.headers["Content-Type"].startswith("application/json"):
        return "OK"
    result = answer.json().get("result", {})
    return str(result.get("code", "OK"))


def test_every_url_has_its_row_in_the_table() -> None:
    described = {operation.route for operation in TABLE if operation not in FILES}

    assert {route for route, _ in routes()} == described


def test_every_method_of_the_api_has_its_row_in_the_table() -> None:
    described = {(operation.method, operation.route) for operation in TABLE}
    offered = {
        (method.upper(), route)
        for route, view in routes()
        if issubclass(getattr(view, "cls", object), APIView)
        for method in HTTP_METHODS & set(dir(getattr(view, "cls", object)))
    }

    assert offered - described == set()


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every route of the system, with its view."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            assert isinstance(pattern, URLPattern)
            yield route, pattern.callback
