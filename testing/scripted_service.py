"""A service over HTTP that answers every request as a test wants."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came; ``body`` is its JSON."""

    method: str
    path: str
    body: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: a status, and the bytes of a body."""

    body: bytes
    status: int = 200


def answer_of(value: Any, status: int = 200) -> Answer:
    """The answer with this value as its JSON, NaN and halves of surrogate pairs included."""
    return Answer(json.dumps(value).encode(), status)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # many connect at once; beyond the usual 5 a connection takes a second


class ScriptedService:
    """Answers each request by ``reply``, which may be changed at any time."""

    def __init__(self) -> None:
        self.reply: Callable[[Asked], Answer] = lambda _asked: answer_of({})
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                answer = script.reply(Asked(self.command, self.path, body))
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - BaseHTTPRequestHandler's names

            def log_message(self, *_arguments: object) -> None:
                """Silent."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def scripted_service() -> Iterator[ScriptedService]:
    service = ScriptedService()
    yield service
    service.close()
