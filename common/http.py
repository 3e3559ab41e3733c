"""Calls of outside services over HTTP: pooled, bounded in time, size and number, and retried.

    service = http_service(Endpoint("casper", url, headers=(("Authorization", f"Bearer {t}"),)))
    body = service.call("POST", "/api/v1/clients/search", json={...}, read=as_our_type)
    answers = service.call_all(send, items)   # many at once: each an answer or its ServiceError

The errors are those of ``common.service_errors``.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

import requests
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

from common.breaker import CircuitBreaker
from common.retry import retry_after, retrying
from common.service_errors import (
    CircuitOpenError,
    ContractError,
    PermanentError,
    ServiceError,
    TemporaryError,
)
from common.strict_json import read_json, read_json_of_items

logger = logging.getLogger(__name__)

TEMPORARY_STATUSES = frozenset({408, 425, 429})  # and every 5xx
RETRIED_STATUSES = frozenset({429, 502, 503, 504})
UNSENT_STATUSES = frozenset({429})  # rejected before it could have an effect
CHUNK_BYTES = 64 * 1024
# the thing asked about is gone or taken: an answer for the caller, no fault to look into
ANSWERS = frozenset({404, 409, 410})

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service is, and the limits of its use. Equal endpoints share one pool and breaker."""

    name: str
    base_url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # may hold credentials
    connect_seconds: float = 2.0
    read_seconds: float = 5.0  # without a byte; a whole answer may take twice as long
    concurrency: int = 16  # calls at once, of one process
    attempts: int = 3  # of one call; 1: no retries
    failures_to_open: int = 10  # failures in a row that open the circuit breaker
    rest_seconds: float = 15.0  # how long it then stays open
    answer_bytes: int = 16 * 1024 * 1024  # of the largest answer, unpacked


class HttpService:
    """One service as one process uses it. Threads may share it; it must not cross a fork."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.breaker = CircuitBreaker(endpoint.failures_to_open, endpoint.rest_seconds)
        self._slots = threading.BoundedSemaphore(endpoint.concurrency)
        self._session = _session(endpoint)
        self._executor = ThreadPoolExecutor(
            endpoint.concurrency, thread_name_prefix=f"http-{endpoint.name}"
        )

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
        about_one: bool = False,
        item_by_item: bool = False,
        read: Callable[[Any], Any] | None = None,
    ) -> Any:
        """Return the JSON of the answer; None for an empty body. Raises TemporaryError or
        PermanentError.

        With ``repeatable=False`` a call that may have had its effect is not retried.
        With ``about_one`` the call is about one of many people or things: an error status, a broken
        contract and a time-out then say nothing about the service, so the breaker counts only
        connections that fail.
        With ``item_by_item`` the reader checks each item of the answer by itself, and is given what
        ``strict_json.read_json_of_items`` returns.
        ``read`` makes of the JSON what is returned. Whatever it raises becomes a ContractError,
        which counts as a failure of the service.
        """
        parts = {"json": json, "params": params, "headers": headers}
        again = retrying(self.endpoint.attempts, repeatable=repeatable)
        parse = read_json_of_items if item_by_item else read_json

        def made(body: bytes) -> Any:
            answer = self._parsed(parse, body)
            return self._made_by(read, answer) if read else answer

        return again(self._attempt, method, path, parts, made, about_one)

    def call_all(
        self, send: Callable[[Item], Answer], items: Iterable[Item]
    ) -> list[Answer | ServiceError]:
        """Apply ``send`` to each item, as many at once as the endpoint allows. Return the answers
        in the order of the items; a ServiceError stands in the place of a failed one.

        ``send`` makes its calls with ``call``.
        """

        def answer_or_error(item: Item) -> Answer | ServiceError:
            try:
                return send(item)
            except ServiceError as error:
                return error

        return list(self._executor.map(answer_or_error, items))

    def _attempt(
        self,
        method: str,
        path: str,
        parts: dict[str, Any],
        made: Callable[[bytes], Any],
        about_one: bool,
    ) -> Any:
        with self._slots:
            self._raise_if_open()
            try:
                answer = made(self._exchange(method, path, parts))
            except TemporaryError as error:
                if not about_one or _is_connection_failure(error):
                    self.breaker.note_failure()
                logger.warning("%s", error)
                raise
            except PermanentError as error:
                self.breaker.note_success()  # it answers, only not to this
                level = logging.DEBUG if error.status in ANSWERS else logging.ERROR
                logger.log(level, "%s", error)
                raise
            self.breaker.note_success()
            return answer

    def _raise_if_open(self) -> None:
        if wait := self.breaker.seconds_to_wait():
            open_circuit = CircuitOpenError(self.endpoint.name, "is not called after many failures")
            open_circuit.retry_after_seconds = wait
            raise open_circuit

    def _exchange(self, method: str, path: str, parts: dict[str, Any]) -> bytes:
        """Return the body of a successful answer."""
        url = self.endpoint.base_url.rstrip("/") + path
        timeouts = (self.endpoint.connect_seconds, self.endpoint.read_seconds)
        try:
            with self._session.request(
                method, url, timeout=timeouts, stream=True, allow_redirects=False, **parts
            ) as response:
                body = self._read(response)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise self._connection_error(error) from error
        if not 200 <= response.status_code < 300:
            raise self._status_error(response)
        return body

    def _read(self, response: requests.Response) -> bytes:
        """Return the whole body. Raises when it is too large, or takes more than twice the read
        time-out, even if a byte comes now and then.
        """
        give_up_at = time.monotonic() + 2 * self.endpoint.read_seconds
        body = bytearray()
        # read1 returns the bytes that have come; iter_content would wait for a whole chunk
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
            body += chunk
            if len(body) > self.endpoint.answer_bytes:
                raise ContractError(self.endpoint.name, _("the answer is too large"))
            if time.monotonic() > give_up_at:
                raise TemporaryError(self.endpoint.name, "the answer came too slowly")
        return bytes(body)

    def _connection_error(self, error: Exception) -> ServiceError:
        """Return the error of a failure below HTTP. It names only its kind: the texts of requests
        quote addresses.
        """
        if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
            return PermanentError(self.endpoint.name, "its address is not a URL")
        temporary = TemporaryError(self.endpoint.name, type(error).__name__)
        # a read time-out has already cost the caller its whole time
        temporary.again_at_once = not isinstance(error, requests.ReadTimeout | ReadTimeoutError)
        temporary.was_sent = not _is_unconnected(error)
        return temporary

    def _status_error(self, response: requests.Response) -> ServiceError:
        status, name = response.status_code, self.endpoint.name
        if status < 500 and status not in TEMPORARY_STATUSES:
            return PermanentError(name, f"answered {status}", status=status)
        error = TemporaryError(name, f"answered {status}", status=status)
        error.again_at_once = status in RETRIED_STATUSES
        error.was_sent = status not in UNSENT_STATUSES
        error.retry_after_seconds = retry_after(response)
        return error

    def _made_by(self, read: Callable[[Any], Any], answer: Any) -> Any:
        try:
            return read(answer)
        except ServiceError:
            raise
        except Exception as error:  # noqa: BLE001 - the barrier of one answer
            # not "from error": its text may quote a value of the answer
            what = _("the answer cannot be read (%s)") % type(error).__name__
            raise ContractError(self.endpoint.name, what) from None

    def _parsed(self, parse: Callable[[bytes], Any], body: bytes) -> Any:
        if not body:
            return None
        try:
            return parse(body)
        except (ValueError, RecursionError):
            raise ContractError(self.endpoint.name, _("the answer is not JSON")) from None


@cache
def http_service(endpoint: Endpoint) -> HttpService:
    """Return the service at this endpoint: one per process, made at its first use."""
    return HttpService(endpoint)


def _session(endpoint: Endpoint) -> requests.Session:
    session = requests.Session()
    pool = HTTPAdapter(
        pool_connections=1, pool_maxsize=endpoint.concurrency, pool_block=True, max_retries=0
    )
    session.mount("http://", pool)
    session.mount("https://", pool)
    environment = session.merge_environment_settings(endpoint.base_url, {}, None, None, None)
    session.proxies, session.verify = environment["proxies"], environment["verify"]
    session.trust_env = False  # read once, above: reading it at each call costs a quarter of it
    session.headers.update(dict(endpoint.headers))
    return session


def _is_connection_failure(error: TemporaryError) -> bool:
    """Return True if there was no answer at all, for another reason than its slowness."""
    return error.status is None and error.again_at_once


def _is_unconnected(error: Exception) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)
