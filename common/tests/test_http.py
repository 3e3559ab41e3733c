"""Calls of outside services against a real server that answers as each test wants."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from common.breaker import CircuitBreaker
from common.clock import now
from common.http import Endpoint, HttpService
from common.service_errors import (
    CircuitOpenError,
    ContractError,
    PermanentError,
    ServiceError,
    TemporaryError,
)

Answer = Callable[[BaseHTTPRequestHandler], None]


class Scripted:
    """A server that gives one answer after another, the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[float] = []
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                script.answer(self)

            def log_message(self, *_arguments: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(int(handler.headers["Content-Length"]))
        with self._lock:
            self.requests.append(time.monotonic())
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer(handler)
        with self._lock:
            self.at_once -= 1

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def status(code: int, body: bytes = b"{}", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """A body that never ends, a byte at a time, each within the read time-out."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" ")
            time.sleep(0.05)
    except OSError:
        handler.close_connection = True


def cut(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b'{"a":')
    handler.close_connection = True


def late(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(0.1)
    status(200)(handler)


@pytest.fixture
def server() -> Iterator[Scripted]:
    scripted = Scripted()
    yield scripted
    scripted.close()


def service(server: Scripted, **limits: Any) -> HttpService:
    return HttpService(Endpoint("some", server.url, **{"read_seconds": 0.3, **limits}))


def failure(server: Scripted, **how: Any) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        service(server).call("POST", "/", json={"phone": "79131234567"}, **how)
    return caught.value


@pytest.mark.parametrize("code", [429, 502, 503, 504])
def test_a_passing_refusal_is_asked_again(server: Scripted, code: int) -> None:
    server.answers = [status(code), status(200, b'{"ok": 1}')]

    assert service(server).call("POST", "/", json={}) == {"ok": 1}


def test_retry_after_is_honoured(server: Scripted) -> None:
    server.answers = [status(429, Retry_After="1"), status(200)]

    service(server).call("POST", "/", json={})

    first, second = server.requests
    assert second - first >= 1.0


@pytest.mark.parametrize("in_words", ["600", "date"])
def test_a_long_retry_after_is_left_to_the_caller(server: Scripted, in_words: str) -> None:
    date = format_datetime(now() + timedelta(seconds=600), usegmt=True)
    server.answers = [status(429, Retry_After=date if in_words == "date" else in_words)]

    error = failure(server)

    assert isinstance(error, TemporaryError)
    assert error.retry_after_seconds == pytest.approx(600, abs=5)
    assert len(server.requests) == 1


@pytest.mark.parametrize("code", [400, 401, 403, 404, 422, 302])
def test_a_refusal_for_good_is_not_asked_again(server: Scripted, code: int) -> None:
    server.answers = [status(code)]

    error = failure(server)

    assert isinstance(error, PermanentError)
    assert (error.status, len(server.requests)) == (code, 1)


def test_an_error_of_the_service_is_temporary_but_not_repeated_at_once(server: Scripted) -> None:
    server.answers = [status(500)]

    assert isinstance(failure(server), TemporaryError)
    assert len(server.requests) == 1


def test_an_answer_cut_off_is_asked_for_again(server: Scripted) -> None:
    server.answers = [cut, status(200)]

    assert service(server).call("POST", "/", json={}) == {}


def test_a_call_that_may_have_had_its_effect_is_not_repeated(server: Scripted) -> None:
    server.answers = [cut]

    error = failure(server, repeatable=False)

    assert isinstance(error, TemporaryError)
    assert (error.was_sent, len(server.requests)) == (True, 1)


def test_a_body_that_drips_does_not_hold_a_worker(server: Scripted) -> None:
    server.answers = [dripping]
    start = time.monotonic()

    assert isinstance(failure(server), TemporaryError)
    assert time.monotonic() - start < 2


def test_a_body_beyond_the_limit_is_refused(server: Scripted) -> None:
    server.answers = [status(200, b" " * 2_000)]

    with pytest.raises(ContractError):
        service(server, answer_bytes=1_000).call("POST", "/", json={})


@pytest.mark.parametrize("body", [b"<html>", b"{", b"\xff\xfe\x00"])
def test_an_answer_that_is_no_json_breaks_the_contract(server: Scripted, body: bytes) -> None:
    server.answers = [status(200, body)]

    assert isinstance(failure(server), ContractError)


def test_a_service_that_is_not_there_was_never_sent_anything() -> None:
    nowhere = HttpService(Endpoint("some", "http://127.0.0.1:9", attempts=1))

    with pytest.raises(TemporaryError) as caught:
        nowhere.call("POST", "/", json={})

    assert caught.value.was_sent is False


def test_errors_hold_nothing_that_was_sent(server: Scripted) -> None:
    server.answers = [status(500, b'{"phone": "79131234567"}')]

    assert "79131234567" not in str(failure(server))


def test_no_more_calls_at_once_than_allowed(server: Scripted) -> None:
    server.answers = [late]
    bounded = service(server, concurrency=3)

    answers = bounded.call_all(lambda number: bounded.call("POST", "/", json=number), range(12))

    assert len(answers) == 12
    assert server.most_at_once == 3


def test_one_failed_call_of_many_stands_in_its_place(server: Scripted) -> None:
    server.answers = [status(200), status(400), status(200)]
    one_by_one = service(server, concurrency=1)

    answers = one_by_one.call_all(lambda n: one_by_one.call("POST", "/", json=n), range(3))

    assert [type(answer) for answer in answers] == [dict, PermanentError, dict]


def test_after_many_failures_the_service_rests_and_one_probe_finds_its_return(
    server: Scripted,
) -> None:
    server.answers = [status(500), status(500), status(200)]
    tired = service(server, failures_to_open=2, rest_seconds=0.2)
    for _failure in range(2):
        with pytest.raises(TemporaryError):
            tired.call("POST", "/", json={})
    with pytest.raises(CircuitOpenError):
        tired.call("POST", "/", json={})
    assert len(server.requests) == 2

    deadline = time.monotonic() + 5
    while tired.breaker.is_open and time.monotonic() < deadline:
        tired.call_all(lambda n: tired.call("POST", "/", json=n), [1])

    assert tired.call("POST", "/", json={}) == {}


def test_only_one_caller_probes_a_resting_service() -> None:
    breaker = CircuitBreaker(failures_to_open=1, rest_seconds=0.0)
    breaker.note_failure()
    rested = CircuitBreaker(failures_to_open=1, rest_seconds=60)
    rested.note_failure()

    assert breaker.seconds_to_wait() == 0.0
    assert rested.seconds_to_wait() > 59


@pytest.mark.parametrize(
    "flaw",
    [
        KeyError("79131234567"),
        TypeError("79131234567"),
        UnicodeDecodeError("utf-8", b"79131234567", 0, 1, "79131234567"),
        OverflowError("79131234567"),
        RecursionError("79131234567"),
    ],
)
def test_whatever_the_reader_of_an_answer_raises_is_a_broken_contract(
    server: Scripted, flaw: Exception
) -> None:
    def read(_body: Any) -> Any:
        raise flaw

    server.answers = [status(200)]
    ill = service(server, failures_to_open=1)

    with pytest.raises(ContractError) as caught:
        ill.call("POST", "/", json={}, read=read)

    assert "79131234567" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert ill.breaker.is_open
