"""The control port: shows the state and sets clock, pace and faults. For tests and demos only."""

from dataclasses import asdict, fields
from math import isfinite
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from simulators.blacklist.app import create_record
from simulators.clock import Pace
from simulators.control.page import add_page
from simulators.control.state import WORLD, state_of
from simulators.faults import SERVICES, BadFaultsError
from simulators.web import Json, RequestError, answer_errors, read_object
from simulators.world import World

CALLS_SHOWN, CALLS_SHOWN_MAX = 100, 10_000


def make_control(world: World) -> web.Application:
    app = web.Application(middlewares=[answer_errors, same_origin])
    app[WORLD] = world
    app.router.add_get("/health", health)
    app.router.add_get("/state", get_state)
    app.router.add_get("/faults/{service}", get_faults)
    app.router.add_put("/faults/{service}", put_faults)
    app.router.add_delete("/faults/{service}", delete_faults)
    app.router.add_put("/clock", put_clock)
    app.router.add_put("/speed", put_speed)
    app.router.add_get("/mightycall/calls", get_calls)
    app.router.add_post("/mightycall/agents/{ext}/hangup", post_hangup)
    app.router.add_post("/blacklist/records", post_record)
    app.router.add_put("/casper/clients/{phone}", put_client)
    app.router.add_delete("/casper/clients/{phone}", delete_client)
    add_page(app)
    return app


@web.middleware
async def same_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Reject requests that a page of another site sends: the control port asks for no
    credential.
    """
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        raise RequestError(403, "OTHER_ORIGIN", "only pages of this port may ask")
    return await handler(request)


async def health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def get_state(request: web.Request) -> web.Response:
    return web.json_response(state_of(request.app[WORLD]))


async def get_faults(request: web.Request) -> web.Response:
    return web.json_response(asdict(request.app[WORLD].faults.of(_service(request))))


async def put_faults(request: web.Request) -> web.Response:
    service, wanted = _service(request), await read_object(request)
    try:
        return web.json_response(asdict(request.app[WORLD].faults.put(service, wanted)))
    except BadFaultsError as error:
        raise RequestError(400, "BAD_FAULTS", str(error)) from error


async def delete_faults(request: web.Request) -> web.Response:
    request.app[WORLD].faults.clear(_service(request))
    return await get_faults(request)


async def put_clock(request: web.Request) -> web.Response:
    """Set the offset from real time, in seconds; it may be negative."""
    world, body = request.app[WORLD], await read_object(request)
    world.clock.offset_sec = _number(body.get("offset_sec"), "offset_sec")
    world.center.nudge()
    return web.json_response({"offset_sec": world.clock.offset_sec, "now": world.clock.now_text()})


async def put_speed(request: web.Request) -> web.Response:
    """Set some fields of the pace; the others stay as they are."""
    set_pace(request.app[WORLD].pace, await read_object(request))
    return web.json_response(asdict(request.app[WORLD].pace))


async def get_calls(request: web.Request) -> web.Response:
    text = request.query.get("limit", str(CALLS_SHOWN))
    limit = min(int(text), CALLS_SHOWN_MAX) if text.isdecimal() else CALLS_SHOWN
    return web.json_response({"calls": request.app[WORLD].center.calls.recent(limit)})


async def post_hangup(request: web.Request) -> web.Response:
    call_id = request.app[WORLD].center.calls.hang_up(request.match_info["ext"])
    return web.json_response({"callId": call_id})


async def post_record(request: web.Request) -> web.Response:
    record = create_record(request.app[WORLD].records, await read_object(request))
    return web.json_response({"record": record}, status=201)


async def put_client(request: web.Request) -> web.Response:
    """Casper finds this phone from now on, with these fields in place of its own."""
    phone, changes = request.match_info["phone"], await read_object(request)
    request.app[WORLD].clients.change(phone, changes)
    return web.json_response({"client": request.app[WORLD].clients.find({"phone": phone})})


async def delete_client(request: web.Request) -> web.Response:
    """Casper says of this phone again what it said before it was changed."""
    request.app[WORLD].clients.forget_changes(request.match_info["phone"])
    return web.json_response({"phone": request.match_info["phone"]})


def set_pace(pace: Pace, wanted: Json) -> None:
    """Set the named fields of the pace, all or none of them. Raises RequestError 400."""
    known = {field.name for field in fields(Pace)}
    if unknown := set(wanted) - known:
        raise RequestError(400, "BAD_SPEED", f"unknown: {', '.join(sorted(unknown))}")
    numbers = {name: _number(value, name) for name, value in wanted.items()}
    if any(number < 0 for number in numbers.values()) or numbers.get("speed") == 0:
        raise RequestError(400, "BAD_SPEED", "speed must be above 0, times not below it")
    for name, number in numbers.items():
        setattr(pace, name, number)


def _service(request: web.Request) -> str:
    service = request.match_info["service"]
    if service not in SERVICES:
        raise RequestError(404, "UNKNOWN_SERVICE", f"known: {', '.join(SERVICES)}")
    return service


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise RequestError(400, "BAD_REQUEST", f"{name} must be a number")
    return float(value)
