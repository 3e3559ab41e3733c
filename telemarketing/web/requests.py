"""A request and its answer, as this package passes them on: read once, bound to no socket."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

Headers = list[tuple[str, str]]


class Scope(Protocol):
    """What granian says of a request (RSGI). ``path`` is decoded; ``client`` has its port."""

    method: str
    path: str
    query_string: str
    scheme: str
    http_version: str
    server: str
    client: str
    headers: Any


@dataclass(frozen=True, slots=True)
class Request:
    """One request with its whole body. Names of headers are in lower case."""

    method: str
    path: str
    query: str
    scheme: str
    protocol: str
    server: str
    client: str
    headers: Headers
    body: bytes = b""

    @classmethod
    def of(cls, scope: Scope, headers: Headers, body: bytes) -> "Request":
        return cls(
            method=scope.method,
            path=scope.path,
            query=scope.query_string,
            scheme=scope.scheme,
            protocol=f"HTTP/{scope.http_version}",
            server=scope.server,
            client=scope.client.rpartition(":")[0].strip("[]"),
            headers=headers,
            body=body,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer with its whole body: a client that reads slowly occupies no thread either."""

    status: int
    headers: Headers
    body: bytes


def believed(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers without those whose names have an underscore.

    WSGI writes ``X_Forwarded_For`` and ``X-Forwarded-For`` as one name, so anybody could overwrite
    what our proxy says.
    """
    return [(name, value) for name, value in headers if "_" not in name]
