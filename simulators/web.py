"""What every simulated service shares over HTTP: JSON, errors, credentials, faults."""

import asyncio
import hmac
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from simulators.faults import FaultBoard

BODY_BYTES = 16 * 1024 * 1024  # one BlackList search carries thousands of clients
HANG_SEC = 120.0  # longer than any sensible read timeout
HANG_LOOK_SEC = 0.1  # how soon requests go on after the fault is off

Json = dict[str, Any]


class RequestError(Exception):
    """A request that is answered with an error; `extra` adds keys to the body."""

    def __init__(self, status: int, code: str, message: str, extra: Json | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"error": {"code": code, "message": message}, **(extra or {})}


@dataclass
class Service:
    """The name, the credential and the counters of one simulated service."""

    name: str
    header: str
    credential: str  # what the header must hold; empty: not checked
    faults: FaultBoard
    requests: Counter[str] = field(default_factory=Counter)


def bearer(token: str) -> str:
    return f"Bearer {token}" if token else ""


def make_app(service: Service) -> web.Application:
    """An application; every path but /health checks the credential and is subject to faults."""
    app = web.Application(
        client_max_size=BODY_BYTES,
        middlewares=[answer_errors, _counting(service), _credential(service), _faulty(service)],
    )
    app.router.add_get("/health", _health)
    return app


async def read_object(request: web.Request) -> Json:
    """The JSON object of the body. Raises RequestError 400."""
    try:
        body = await request.json()
    except (ValueError, RecursionError) as error:
        raise RequestError(400, "BAD_JSON", "the body is not JSON") from error
    if not isinstance(body, dict):
        raise RequestError(400, "BAD_REQUEST", "the body must be a JSON object")
    return body


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a RequestError, or aiohttp's own error, as JSON."""
    try:
        return await handler(request)
    except RequestError as error:
        return web.json_response(error.body, status=error.status)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        body = {"error": {"code": error.reason.upper().replace(" ", "_"), "message": error.reason}}
        return web.json_response(body, status=error.status)


def _counting(service: Service) -> Middleware:
    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        service.requests[str(response.status)] += 1
        return response

    return count


def _credential(service: Service) -> Middleware:
    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        sent = request.headers.get(service.header, "")
        is_open = request.path == "/health" or not service.credential
        if is_open or hmac.compare_digest(sent.encode(), service.credential.encode()):
            return await handler(request)
        raise RequestError(401, "UNAUTHORIZED", f"wrong or missing {service.header}")

    return check


def _faulty(service: Service) -> Middleware:
    @web.middleware
    async def spoil(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/health":
            return await handler(request)
        spoilt = await _spoil_before(service, request)
        if spoilt is not None:
            return spoilt
        return _spoil_after(service, request, await handler(request))

    return spoil


async def _spoil_before(service: Service, request: web.Request) -> web.Response | None:
    """Faults that hit before the request has an effect; None when none hits."""
    faults, name = service.faults, service.name
    if latency := faults.latency_sec(name):
        await asyncio.sleep(latency)
    if faults.strikes(name, "unauthorized"):
        raise RequestError(401, "UNAUTHORIZED", "switched on at the control port")
    if faults.strikes(name, "error_rate"):
        return _error(service)
    if faults.strikes(name, "hang"):
        await _hang(service)
        return _cut_connection(request)
    return None


def _spoil_after(
    service: Service, request: web.Request, response: web.StreamResponse
) -> web.StreamResponse:
    """Faults that hit after the request took effect: its answer is spoilt or lost."""
    faults, name = service.faults, service.name
    if faults.strikes(name, "effect_without_answer"):
        return _cut_connection(request)
    if faults.strikes(name, "malformed"):
        return web.json_response({"unexpected": [None, {"shape": True}]}, status=response.status)
    if faults.strikes(name, "cut_off") and isinstance(response, web.Response):
        whole = response.body if isinstance(response.body, bytes) else b"{}"
        half = whole[: len(whole) // 2]
        return web.Response(body=half, status=response.status, content_type="application/json")
    return response


def _error(service: Service) -> web.Response:
    faults = service.faults.of(service.name)
    headers = {} if faults.retry_after is None else {"Retry-After": str(faults.retry_after)}
    body = json.dumps({"error": {"code": "FAULT", "message": "switched on at the control port"}})
    return web.Response(
        text=body, status=faults.error_status, headers=headers, content_type="application/json"
    )


async def _hang(service: Service) -> None:
    """Do not answer until the client gives up, the fault is off or HANG_SEC have passed."""
    for _ in range(int(HANG_SEC / HANG_LOOK_SEC)):
        if service.faults.of(service.name).hang == 0:
            return
        await asyncio.sleep(HANG_LOOK_SEC)


def _cut_connection(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
