"""Passes requests on to the process of the back office, and its answers back."""

from urllib.parse import quote

import urllib3

from telemarketing.web.requests import Answer, Headers, Request

CONNECT_SECONDS = 2.0
READ_SECONDS = 120.0  # the longest page of the back office; longer work is a job
# what belongs to one connection and is not passed on (RFC 9110, 7.6.1)
OF_ONE_CONNECTION = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "content-length",  # written anew from the body
    }
)


class UnreachableError(Exception):
    """The other process does not answer."""


class BackOffice:
    """The process that serves the back office."""

    def __init__(self, url: str, connections: int) -> None:
        self._pool = urllib3.connection_from_url(
            url,
            maxsize=connections,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            retries=False,
        )

    def ask(self, request: Request) -> Answer:
        """Its answer. Raises UnreachableError."""
        try:
            answer = self._pool.urlopen(
                request.method,
                _target(request),
                body=request.body or None,
                headers=urllib3.HTTPHeaderDict(headers_for(request)),
                redirect=False,
                assert_same_host=False,
                decode_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise UnreachableError from error
        return Answer(answer.status, passed_on(list(answer.headers.iteritems())), answer.data)


def _target(request: Request) -> str:
    path = quote(request.path, safe="/:@!$&'()*+,;=~")
    return f"{path}?{request.query}" if request.query else path


def headers_for(request: Request) -> Headers:
    """Its headers, and the client's address behind those that other proxies told."""
    told = [value for name, value in request.headers if name == "x-forwarded-for"]
    headers = [pair for pair in passed_on(request.headers) if pair[0] != "x-forwarded-for"]
    return [*headers, ("x-forwarded-for", ", ".join([*told, request.client]))]


def passed_on(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if name.lower() not in OF_ONE_CONNECTION]
