"""Answers hasChanges without Django's requests: in the event loop while all that it needs is in the
cache, else from the tables, in a lane of its own.

It is by far the most frequent question, and Django costs it three quarters of its time. Whatever is
unusual about a question is for Django: a token that is not live, a Redis that does not answer, a
header twice. So every answer but 200 is Django's.

The headers of an answer are Django's as well: those of its own latest answer to such a question,
since its middleware decides which there are. What they depend on is in ``Surroundings``. A cookie
that no longer means anything is removed by Django's other answers.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.db import close_old_connections
from django.http import parse_cookie

from apps.arm import selectors
from apps.arm.rest.answers import has_changes_body
from apps.arm.types import Changes
from apps.security.types import AccessDeniedError
from telemarketing.web.cache_reader import CacheReader
from telemarketing.web.lanes import Lane, LaneFullError
from telemarketing.web.requests import Answer, Headers, Scope

logger = logging.getLogger(__name__)

PATH = "/api/arm/v1/hasChanges"
SCHEME = "Bearer "
LENGTH = "content-length"
Look = Callable[[str], Changes | None]
MOST_SURROUNDINGS = 64  # a site has a name or two, and its browsers a language or two


class Surroundings(NamedTuple):
    """What Django looks at before it answers 200 and not 400 or a redirect to HTTPS, and in which
    language its answer is."""

    scheme: str
    host: str
    forwarded_proto: str | None
    accept_language: str | None
    language_cookie: str | None


class WarmChanges:
    """Gives the answers. For one event loop."""

    def __init__(self, reader: CacheReader, lane: Lane, look: Look) -> None:
        """``look`` is asked in the lane where the cache is cold."""
        self._reader = reader
        self._lane = lane
        self._look = look
        self._headers: dict[Surroundings, Headers] = {}

    async def answer(self, scope: Scope) -> Answer | None:
        """The answer to this question; None when Django must give it. Raises nothing."""
        try:
            return await self._answer(scope)
        except LaneFullError:
            return None
        except Exception:  # Django answers this one; an error here must not end what it can do
            logger.exception("hasChanges cannot be answered from the cache")
            return None

    async def _answer(self, scope: Scope) -> Answer | None:
        headers = _usual_headers(scope)
        learnt = self._headers.get(_surroundings(scope, headers))
        credential = headers.get("authorization", "")
        if learnt is None or not credential.startswith(SCHEME):
            return None
        token = credential[len(SCHEME) :]
        keys = selectors.warm_keys(token)
        values = await self._reader.read(keys) if keys else None
        if values is None:
            return None
        changes = selectors.warm_changes(values)
        if changes is None:
            changes = await self._lane.run(partial(self._look, token))
        if changes is None:
            return None
        body = has_changes_body(changes)
        return Answer(200, [*learnt, (LENGTH, str(len(body)))], body)

    def learn(self, scope: Scope, answer: Answer) -> None:
        """Take the headers of Django's answer to such a question for the next ones."""
        headers = _usual_headers(scope)
        is_for_all = not any(name.lower() == "set-cookie" for name, _ in answer.headers)
        if not headers or answer.status != 200 or not is_for_all:
            return
        surroundings = _surroundings(scope, headers)
        if surroundings not in self._headers and len(self._headers) >= MOST_SURROUNDINGS:
            del self._headers[next(iter(self._headers))]  # the oldest
        self._headers[surroundings] = [pair for pair in answer.headers if pair[0].lower() != LENGTH]


def look(token: str) -> Changes | None:
    """What changed for the bearer of this token, by the tables where the cache is cold. None when
    the token is not live: Django says so. Runs in a thread, whose connection it keeps as a request
    of Django would.
    """
    close_old_connections()
    try:
        return selectors.what_changed(token)
    except AccessDeniedError:
        return None
    finally:
        close_old_connections()


def is_asked(scope: Scope) -> bool:
    """Whether this is the question that can be answered here."""
    return scope.path == PATH and scope.method == "GET"


def _usual_headers(scope: Scope) -> dict[str, str]:
    """The headers of a question; empty for an unusual one: with a body, a query, or a header
    twice, of which Django reads both."""
    listed = scope.headers.items()
    headers = dict(listed)
    has_body = "transfer-encoding" in headers or headers.get(LENGTH, "0") != "0"
    is_usual = len(headers) == len(listed) and not scope.query_string and not has_body
    return headers if is_usual else {}


def _surroundings(scope: Scope, headers: dict[str, str]) -> Surroundings:
    return Surroundings(
        scheme=scope.scheme,
        host=headers.get("host", ""),
        forwarded_proto=headers.get("x-forwarded-proto"),
        accept_language=headers.get("accept-language"),
        language_cookie=_language_in(headers["cookie"]) if "cookie" in headers else None,
    )


def _language_in(cookies: str) -> str | None:
    name = settings.LANGUAGE_COOKIE_NAME
    return parse_cookie(cookies).get(name) if name in cookies else None
