"""The web server's side of the application: bodies, lanes, and the way to the back office."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import pytest
from pytest_django import Settings

from telemarketing.web import bodies, bridge, refusals
from telemarketing.web.forwarding import BackOffice, UnreachableError
from telemarketing.web.lanes import Lane, LaneFullError
from telemarketing.web.requests import Request, Scope, believed
from telemarketing.web.server import WebApplication

LONGEST = 1_000
Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it in a thread of its own: that of the tests may have a browser's event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def request(path: str = "/arm/", **fields: Any) -> Request:
    usual: dict[str, Any] = {
        "method": "GET",
        "path": path,
        "query": "",
        "scheme": "http",
        "protocol": "HTTP/1.1",
        "server": "127.0.0.1:8000",
        "client": "192.0.2.7",
        "headers": [("host", "localhost")],
    }
    return Request(**{**usual, **fields})


def asked(path: str, headers: dict[str, str] | None = None) -> Scope:
    """What granian says of a request, as far as a refusal asks."""
    return cast(Scope, SimpleNamespace(path=path, headers=headers or {}))


async def sent(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def never_finished() -> AsyncIterator[bytes]:
    yield b'{"login"'
    await asyncio.Event().wait()


def test_a_body_is_read_to_its_announced_end() -> None:
    assert run(bodies.read_body(sent(b"ab", b"c"), 3, LONGEST)) == b"abc"


def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.01)

    with pytest.raises(bodies.SlowBodyError):
        run(bodies.read_body(never_finished(), 1_000, LONGEST))


def test_a_body_whose_client_went_away_is_no_body() -> None:
    with pytest.raises(bodies.CutBodyError):
        run(bodies.read_body(sent(b"ab"), 3, LONGEST))


def test_of_a_too_long_body_nothing_is_read() -> None:
    assert run(bodies.read_body(never_finished(), LONGEST + 1, LONGEST)) == b""


def test_a_body_in_chunks_is_read_to_its_end_and_no_further_than_it_may_be_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.01)

    assert run(bodies.read_chunked_body(sent(b"ab", b"c"), LONGEST)) == b"abc"
    assert run(bodies.read_chunked_body(sent(), LONGEST)) == b""
    with pytest.raises(bodies.LongBodyError):
        run(bodies.read_chunked_body(sent(b"x" * LONGEST, b"y"), LONGEST))
    with pytest.raises(bodies.SlowBodyError):
        run(bodies.read_chunked_body(never_finished(), LONGEST))


class FakeScope:
    """A request as granian has it."""

    method, path, query_string, scheme = "POST", "/api/security/v1/login", "", "http"
    http_version, server, client = "1.1", "127.0.0.1:8000", "192.0.2.7:4444"

    def __init__(self, **headers: str) -> None:
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Protocol:
    """What granian lets an application do with a request: read its body, and answer."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks
        self.status, self.headers, self.body = 0, dict[str, str](), b""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return sent(*self._chunks)

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.body = status, dict(headers), body


def body_sent_back(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("x-length", environ["CONTENT_LENGTH"])])
    return [environ["wsgi.input"].read()]


def answered(scope: FakeScope, protocol: Protocol) -> Protocol:
    application = WebApplication(body_sent_back)
    run(application.__rsgi__(scope, protocol))
    loop = asyncio.new_event_loop()
    application.__rsgi_del__(loop)
    loop.close()
    return protocol


def test_django_gets_a_body_that_came_in_chunks() -> None:
    got = answered(FakeScope(transfer_encoding="chunked"), Protocol(b'{"a"', b": 1}"))

    assert (got.status, got.body) == (200, b'{"a": 1}')
    assert got.headers["x-length"] == "8"


def test_a_body_in_chunks_that_is_too_long_is_refused(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = LONGEST

    got = answered(FakeScope(transfer_encoding="chunked"), Protocol(b"x" * LONGEST, b"y"))

    assert got.status == 413
    assert got.headers["connection"] == "close"


def test_a_lane_does_as_much_at_once_as_it_has_threads_and_refuses_what_would_wait_too_long() -> (
    None
):
    lane = Lane("narrow", threads=1, waiting=1)
    release, began = threading.Event(), threading.Event()

    def work() -> int:
        began.set()
        release.wait()
        return 1

    async def three() -> list[int | BaseException]:
        tasks = [asyncio.create_task(lane.run(work)) for _ in range(3)]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        assert [type(task.exception()) for task in done] == [LaneFullError]
        release.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    results = run(three())
    lane.close()

    assert results[:2] == [1, 1]
    assert isinstance(results[2], LaneFullError)


def test_a_full_lane_holds_up_no_other() -> None:
    full, free = Lane("full", threads=1, waiting=0), Lane("free", threads=1, waiting=0)
    release = threading.Event()

    async def both() -> int:
        task = asyncio.create_task(full.run(release.wait))
        answer = await free.run(lambda: 1)
        release.set()
        await task
        return answer

    assert run(both()) == 1


def test_a_header_with_an_underscore_cannot_pass_for_the_proxys() -> None:
    headers = believed([("x_forwarded_for", "6.6.6.6"), ("x-forwarded-for", "10.0.0.1")])

    environ = bridge.environ_of(request(headers=headers))

    assert environ["HTTP_X_FORWARDED_FOR"] == "10.0.0.1"


def test_repeated_headers_become_one() -> None:
    headers = [
        ("cookie", "a=1"),
        ("cookie", "b=2"),
        ("x-forwarded-for", "1"),
        *[("x-forwarded-for", "2")],
    ]

    environ = bridge.environ_of(request(headers=headers))

    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["HTTP_X_FORWARDED_FOR"] == "1, 2"


def test_django_gets_path_query_body_and_address() -> None:
    seen: dict[str, Any] = {}
    closed: list[bool] = []

    class Parts(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    def application(environ: dict[str, Any], start_response: Any) -> Parts:
        seen.update(environ, read=environ["wsgi.input"].read())
        start_response("201 Created", [("set-cookie", "a=1"), ("set-cookie", "b=2")])
        return Parts([b"do", b"ne"])

    asked = request("/путь", method="POST", query="a=%D0%B9", body=b"body")
    answer = bridge.call(application, asked)

    assert (answer.status, answer.body) == (201, b"done")
    assert [value for _, value in answer.headers] == ["a=1", "b=2"]
    assert closed == [True]
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/путь"
    assert (seen["QUERY_STRING"], seen["read"]) == ("a=%D0%B9", b"body")
    assert seen["REMOTE_ADDR"] == "192.0.2.7"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/api/security/v1/login", '{"result": {"code": "UNAVAILABLE", "description": "'),
        ("/api/arm/v1/login", '{"status": "UNAVAILABLE", "description": "'),
        ("/admin/login/", "Система перегружена."),
    ],
)
def test_a_refusal_has_the_form_of_what_was_asked(path: str, text: str) -> None:
    answer = refusals.busy(asked(path))

    assert answer.status == 503
    assert ("retry-after", "5") in answer.headers
    assert answer.body.decode().startswith(text)


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, "Система перегружена."),
        ({"accept-language": "en-GB,en;q=0.9,ru;q=0.5"}, "The system is busy."),
        ({"accept-language": "de"}, "Система перегружена."),
        ({"accept-language": "en", "cookie": "django_language=ru; a=b"}, "Система перегружена."),
    ],
)
def test_a_refusal_is_in_the_language_that_is_asked_for(headers: dict[str, str], text: str) -> None:
    answers = [refusals.busy(asked(path, headers)) for path in ("/admin/", "/api/arm/v1/login")]

    assert [text in answer.body.decode() for answer in answers] == [True, True]


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        told = self.headers.get_all("X-Forwarded-For")
        text = f"{self.path}\n{told}\n{self.headers['Host']}\n{self.rfile.read(length).decode()}"
        self.send_response(302)
        for name, value in (("Location", "/next"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")):
            self.send_header(name, value)
        self.send_header("Keep-Alive", "timeout=5")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_request_of_the_back_office_is_passed_on_whole(echo: str) -> None:
    headers = [
        ("host", "crm.example.org"),
        ("connection", "close"),
        ("x-forwarded-for", "203.0.113.5"),
        ("content-length", "4"),
    ]
    asked = request("/admin/a b/", method="POST", query="q=1", headers=headers, body=b"body")

    answer = BackOffice(echo, connections=1).ask(asked)

    path, told, host, body = answer.body.decode().split("\n")
    assert answer.status == 302
    assert path == "/admin/a%20b/?q=1"
    assert told == "['203.0.113.5, 192.0.2.7']"
    assert (host, body) == ("crm.example.org", "body")
    assert [value for name, value in answer.headers if name.lower() == "set-cookie"] == [
        "a=1",
        "b=2",
    ]
    assert "keep-alive" not in {name.lower() for name, _ in answer.headers}


def test_a_back_office_that_is_down_is_said_to_be() -> None:
    nowhere = BackOffice("http://127.0.0.1:9", connections=1)  # the discard port

    with pytest.raises(UnreachableError):
        nowhere.ask(request("/admin/"))
