"""Calls Django, a WSGI application, with a request that was read already."""

import sys
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from telemarketing.web.requests import Answer, Headers, Request

Environ = dict[str, Any]
WsgiApplication = Callable[[Environ, Any], Iterable[bytes]]  # the second is start_response
# these two have no HTTP_ before their names
UNPREFIXED = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def call(application: WsgiApplication, request: Request) -> Answer:
    """The application's answer. What it streams is collected, so that the thread is soon free."""
    started: list[tuple[str, Headers]] = []

    def start_response(status: str, headers: Headers, exc_info: Any = None) -> None:
        started.append((status, headers))

    parts = application(environ_of(request), start_response)
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()  # Django ends the request here: connections, signals
    status, headers = started[-1]
    return Answer(int(status.split(" ", 1)[0]), headers, body)


def environ_of(request: Request) -> Environ:
    """The request in the words of WSGI (PEP 3333)."""
    host, _, port = request.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        # WSGI wants bytes in the form of Latin-1 text
        "PATH_INFO": request.path.encode().decode("latin-1"),
        "QUERY_STRING": request.query,
        "SERVER_PROTOCOL": request.protocol,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "REMOTE_ADDR": request.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = UNPREFIXED.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
        separator = "; " if name == "cookie" else ", "
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    return environ
