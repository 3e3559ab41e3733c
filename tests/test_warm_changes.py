"""hasChanges answered without Django: the same answer, and never one that Django would refuse."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, connections
from pytest_django import Settings

from apps.arm import changes, services
from apps.arm.models import Workplace
from apps.arm.types import Changes
from apps.campaigns.models import Communication
from apps.campaigns.types import CallEvent, CallEventKind, SystemDisposition
from apps.security import services as security
from apps.security.models import Operator
from apps.security.types import Visitor
from common import clock
from telemarketing.web import warm_changes
from telemarketing.web.requests import Answer
from telemarketing.web.server import WORKPLACE_THREADS, WebApplication
from testing.factories.campaigns import TaskFactory
from testing.factories.security import OperatorFactory, token_of
from testing.waiting import until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("core_alone", "cold_cache"),
]

PATH = "/api/arm/v1/hasChanges"


class HeadersOfRequest:
    """The headers of a request as granian gives them: in lower case, and some more than once."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = list(pairs)

    def items(self) -> list[tuple[str, str]]:
        return self._pairs

    def __contains__(self, name: object) -> bool:
        return any(found == name for found, _ in self._pairs)

    def get(self, name: str, default: Any = None) -> Any:
        return next((value for found, value in self._pairs if found == name), default)


@dataclass
class Question:
    """A request as granian tells it."""

    headers: HeadersOfRequest
    method: str = "GET"
    path: str = PATH
    query_string: str = ""
    scheme: str = "http"
    http_version: str = "1.1"
    server: str = "127.0.0.1:8000"
    client: str = "192.0.2.7:40000"


@dataclass
class Sink:
    """The client's side of granian's protocol."""

    answers: list[Answer] = field(default_factory=list)

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        self.answers.append(Answer(status, headers, body))

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._nothing()

    async def _nothing(self) -> AsyncIterator[bytes]:
        return
        yield b""


class Web:
    """The web application in an event loop of its own, and how often it asked Django, and the
    tables without Django."""

    def __init__(self) -> None:
        self.asked_django = self.asked_tables = 0
        self.tables_fail = False
        self._may_go_on = threading.Event()
        self._may_go_on.set()
        self._django = get_wsgi_application()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._application = WebApplication(self._counted, self._looked)

    def _counted(self, environ: Any, start_response: Any) -> list[bytes]:
        self.asked_django += 1
        self._may_go_on.wait(30)
        try:
            return list(self._django(environ, start_response))
        finally:
            connections.close_all()  # the database of a test cannot be cleared while it is used

    def _looked(self, token: str) -> Changes | None:
        self.asked_tables += 1
        if self.tables_fail:
            raise OperationalError
        try:
            return warm_changes.look(token)
        finally:
            connections.close_all()

    @contextmanager
    def busy_workplace(self) -> Iterator[None]:
        """During the block every thread of the workplace's lane has a request that waits."""
        asked = self.asked_django
        self._may_go_on.clear()
        waiting = [self.ask(path="/api/arm/v1/dictionaries") for _ in range(WORKPLACE_THREADS)]
        until(lambda: self.asked_django == asked + WORKPLACE_THREADS, "every thread waits")
        try:
            yield
            assert not any(one.done() for one in waiting)
        finally:
            self._may_go_on.set()

    def ask(self, *headers: tuple[str, str], **fields: Any) -> "Future[Answer]":
        pairs = fields.pop("host", [("host", "localhost")])
        question = Question(HeadersOfRequest([*pairs, *headers]), **fields)

        async def answered() -> Answer:
            sink = Sink()
            await self._application.__rsgi__(question, sink)
            (answer,) = sink.answers
            return answer

        return asyncio.run_coroutine_threadsafe(answered(), self._loop)

    def get(self, token: str, *headers: tuple[str, str], **fields: Any) -> Answer:
        """The answer, with its headers in one order, and what they list too."""
        answer = self.ask(("authorization", f"Bearer {token}"), *headers, **fields).result(30)
        named = sorted(
            (name.lower(), "; ".join(sorted(value.split("; ")))) for name, value in answer.headers
        )
        return replace(answer, headers=named)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._application.__rsgi_del__(self._loop)
        self._loop.close()


@pytest.fixture
def make_web() -> Iterator[Callable[[], Web]]:
    made: list[Web] = []

    def make() -> Web:
        made.append(Web())
        return made[-1]

    yield make
    for web in made:
        web.close()


@pytest.fixture
def web(make_web: Callable[[], Web]) -> Web:
    return make_web()


@pytest.fixture
def operator() -> Operator:
    operator = OperatorFactory.create()
    services.set_presence(operator.pk, ready=True)
    return operator


@pytest.fixture
def token(operator: Operator) -> str:
    return token_of(operator)


def warm(web: Web, token: str, **fields: Any) -> Answer:
    """The answer of the cache. The one before, of Django or the tables, must have been the same."""
    before = web.get(token, **fields)
    asked = web.asked_django, web.asked_tables
    answer = web.get(token, **fields)
    assert (web.asked_django, web.asked_tables, answer) == (*asked, before)
    return answer


def in_a_call(operator: Operator) -> Communication:
    task = TaskFactory.create(handed_over=True)
    connected = CallEvent(
        kind=CallEventKind.CONNECTED,
        call_key=f"call-{task.pk}",
        order_id=task.orders.latest("pk").pk,
        at=clock.now(),
        operator_id=operator.pk,
    )
    services.take_call_events([connected])
    return Communication.objects.get(campaign_task=task)


def waiting(operator: Operator) -> None:
    """The operator waits for a call."""


def on_a_break(operator: Operator) -> None:
    services.set_presence(operator.pk, ready=False)


def with_a_card(operator: Operator) -> None:
    services.prepare_cards([in_a_call(operator).pk], clock.now())


def with_a_fetched_card(operator: Operator) -> None:
    with_a_card(operator)
    services.current_card(Visitor(operator.pk, None), clock.now())


def after_the_call(operator: Operator) -> None:
    communication = in_a_call(operator)
    ended = CallEvent(
        kind=CallEventKind.ENDED,
        call_key=communication.call.call_key,
        order_id=communication.call.order_id,
        at=clock.now(),
        operator_id=operator.pk,
        system_disposition=SystemDisposition.CONNECTED,
    )
    services.take_call_events([ended])


def with_cards_for_rework(operator: Operator) -> None:
    Workplace.objects.update_or_create(operator=operator, defaults={"rework_list_changed": True})
    changes.invalidate(operator.pk)


@pytest.mark.parametrize(
    "bring",
    [
        waiting,
        on_a_break,
        with_a_card,
        with_a_fetched_card,
        after_the_call,
        with_cards_for_rework,
    ],
)
def test_in_every_state_the_answer_is_djangos(
    web: Web,
    make_web: Callable[[], Web],
    operator: Operator,
    token: str,
    bring: Callable[[Operator], None],
) -> None:
    warm(web, token)

    bring(operator)
    cache.clear()
    from_tables = warm(web, token)
    cache.clear()

    assert from_tables == make_web().get(token)


def test_a_change_is_seen_by_the_next_question(web: Web, operator: Operator, token: str) -> None:
    before = warm(web, token)

    services.set_presence(operator.pk, ready=False)
    after = web.get(token)

    assert (b'"READY"' in before.body, b'"BREAK"' in after.body) == (True, True)


@pytest.mark.parametrize(
    "header",
    [
        ("cookie", f"django_language=en; sessionid={'a' * 32}; csrftoken={'a' * 32}"),
        ("accept-language", "en"),
        ("accept", "text/html"),
        ("accept-encoding", "gzip"),
        ("origin", "https://elsewhere.example"),
        ("if-none-match", '"etag"'),
        ("x-forwarded-for", "10.0.0.1"),
        ("x-forwarded-host", "elsewhere.example"),
        ("x-forwarded-proto", "https"),
        ("x_forwarded_proto", "https"),
        ("content-length", "0"),
        ("range", "bytes=0-1"),
    ],
)
def test_whatever_else_a_question_carries_the_answer_is_djangos(
    web: Web, make_web: Callable[[], Web], token: str, header: tuple[str, str]
) -> None:
    warm(web, token)

    answer = web.get(token, header)

    assert answer == make_web().get(token, header)


def test_without_https_there_is_a_redirect_and_with_it_the_answer_is_strict(
    settings: Settings, make_web: Callable[[], Web], token: str
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 1
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    web, https = make_web(), ("x-forwarded-proto", "https")
    web.get(token, https)
    asked = web.asked_django

    answers = [web.get(token, https), web.get(token), web.get(token, ("x-forwarded-proto", "http"))]

    assert [answer.status for answer in answers] == [200, 301, 301]
    assert "strict-transport-security" in dict(answers[0].headers)
    assert web.asked_django == asked + 2


def test_another_name_of_the_site_is_refused(web: Web, token: str) -> None:
    warm(web, token)

    answer = web.get(token, host=[("host", "elsewhere.example")])

    assert answer.status == 400


@pytest.mark.parametrize("fields", [{"query_string": "a=1"}, {"method": "HEAD"}])
def test_an_unusual_question_is_for_django(web: Web, token: str, fields: dict[str, str]) -> None:
    warm(web, token)
    asked = web.asked_django

    web.get(token, **fields)

    assert web.asked_django == asked + 1


def test_two_credentials_are_for_django(web: Web, token: str) -> None:
    warm(web, token)

    answer = web.get(token, ("authorization", f"Bearer {token}"))

    assert answer.status == 401


def log_out(operator: Operator, token: str) -> None:
    services.log_out(token)


def lock(operator: Operator, token: str) -> None:
    security.lock_operators([operator.pk])


def end_sessions(operator: Operator, token: str) -> None:
    security.end_sessions([operator.pk])


@pytest.mark.parametrize("end", [log_out, lock, end_sessions])
def test_a_token_that_has_ended_opens_nothing_from_the_next_question_on(
    web: Web, operator: Operator, token: str, end: Callable[[Operator, str], None]
) -> None:
    warm(web, token)

    end(operator, token)

    assert [web.get(token).status for _ in range(2)] == [401, 401]


def test_a_token_expires_while_the_cache_has_its_session(web: Web, operator: Operator) -> None:
    short = token_of(operator, timedelta(seconds=1))
    warm(web, short)

    until(lambda: web.get(short).status == 401, "the token has expired")


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "x",
        "a.b.c",
        ".e30.",
        "a.eyJzdWIiOiAiMSJ9.c",  # it names operator 1
        "a." + "e30" * 10_000,
        "\x00",
        "токен",
        "Bearer x",
    ],
)
def test_garbage_is_refused_by_django(web: Web, token: str, garbage: str) -> None:
    warm(web, token)
    asked = web.asked_django

    assert web.get(garbage).status == 401
    assert web.asked_django == asked + 1


def test_a_token_with_another_signature_opens_nothing(web: Web, token: str) -> None:
    warm(web, token)

    assert web.get(token[:-4] + "AAAA").status == 401


def test_of_many_at_once_each_gets_their_own_answer(web: Web) -> None:
    operators = OperatorFactory.create_batch(40)
    for number, operator in enumerate(operators):
        services.set_presence(operator.pk, ready=number % 2 == 0)
    tokens = [token_of(operator) for operator in operators]
    expected = [warm(web, token).body for token in tokens]
    asked = web.asked_django

    futures = [web.ask(("authorization", f"Bearer {token}")) for token in tokens * 5]

    assert [future.result(30).body for future in futures] == expected * 5
    assert len(set(expected)) == 2
    assert web.asked_django == asked


def test_after_a_flush_the_tables_answer_and_the_cache_is_warm_again(web: Web, token: str) -> None:
    before = warm(web, token)
    asked = web.asked_django, web.asked_tables

    cache.clear()

    assert warm(web, token) == before
    assert (web.asked_django, web.asked_tables) == (asked[0], asked[1] + 1)


def test_behind_a_mark_in_the_cache_the_tables_answer(
    web: Web, operator: Operator, token: str
) -> None:
    warm(web, token)
    asked = web.asked_django, web.asked_tables
    cache.set(f"{changes.KEY_PREFIX}{operator.pk}", "a mark", 10)

    assert warm(web, token).status == 200
    assert (web.asked_django, web.asked_tables) == (asked[0], asked[1] + 1)


def test_a_question_that_the_cache_cannot_answer_waits_for_no_other_request(
    web: Web, operator: Operator, token: str
) -> None:
    """While a result is saved in each thread of the workplace, which all wait."""
    warm(web, token)
    with web.busy_workplace():
        cache.clear()

        assert web.get(token).status == 200


def test_a_failure_of_the_tables_is_djangos_to_tell(
    web: Web, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    warm(web, token)
    web.tables_fail = True
    cache.clear()

    assert web.get(token).status == 200
    assert "hasChanges cannot be answered from the cache" in caplog.text


def test_without_redis_django_answers(
    settings: Settings, make_web: Callable[[], Web], token: str
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9"  # the discard port
    web = make_web()

    assert [web.get(token).status for _ in range(3)] == [200] * 3
    assert web.asked_django == 3


def test_a_redis_that_hangs_is_waited_for_once(
    settings: Settings, make_web: Callable[[], Web], token: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hung:
        settings.REDIS_URL = f"redis://127.0.0.1:{hung.getsockname()[1]}"
        web = make_web()

        assert [web.get(token).status for _ in range(10)] == [200] * 10

        hung.setblocking(False)
        hung.accept()
        with pytest.raises(BlockingIOError):
            hung.accept()
