"""The control port's page: the state to read and forms to switch faults. No script, no assets."""

import json
from dataclasses import asdict
from html import escape
from math import inf
from pathlib import Path
from string import Template

from aiohttp import web

from simulators.control.state import WORLD, state_of
from simulators.faults import EVENT_RATES, EVENT_SERVICE, SERVICES, BadFaultsError, Faults
from simulators.web import Json, RequestError
from simulators.world import World

PAGE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
CALLS_SHOWN = 15


def add_page(app: web.Application) -> None:
    app.router.add_get("/", show)
    app.router.add_post("/page/faults/{service}", switch_faults)
    app.router.add_post("/page/speed", switch_speed)
    app.router.add_post("/page/agents/{ext}/hangup", hang_up)


async def show(request: web.Request) -> web.Response:
    return web.Response(text=render(request.app[WORLD]), content_type="text/html")


async def switch_faults(request: web.Request) -> web.Response:
    """The form's fields are the faults; an empty field is a fault that is off."""
    service, form = request.match_info["service"], await request.post()
    if service not in SERVICES:
        raise RequestError(404, "UNKNOWN_SERVICE", f"known: {', '.join(SERVICES)}")
    try:
        wanted = {name: _number(name, str(value)) for name, value in form.items() if value != ""}
        request.app[WORLD].faults.put(service, wanted)
    except BadFaultsError as error:
        raise RequestError(400, "BAD_FAULTS", str(error)) from error
    raise web.HTTPSeeOther("/")


async def switch_speed(request: web.Request) -> web.Response:
    form = await request.post()
    speed = _number("speed", str(form.get("speed", "")))
    if not 0 < speed < inf:
        raise RequestError(400, "BAD_SPEED", "speed must be above 0")
    request.app[WORLD].pace.speed = speed
    raise web.HTTPSeeOther("/")


async def hang_up(request: web.Request) -> web.Response:
    request.app[WORLD].center.calls.hang_up(request.match_info["ext"])
    raise web.HTTPSeeOther("/")


def render(world: World) -> str:
    state = state_of(world)
    return PAGE.substitute(
        now=escape(state["clock"]["now"]),
        offset=f"{state['clock']['offset_sec']:+.0f} s",
        speed=f"{world.pace.speed:g}",
        answers=escape(json.dumps(state["answers"])),
        tasks=escape(json.dumps(state["mightycall"]["tasks"])),
        records=state["blacklist"]["written_records"],
        events=state["mightycall"]["events"],
        agents="".join(_agent_row(agent) for agent in state["mightycall"]["agents"]),
        calls="".join(_call_row(call) for call in world.center.calls.recent(CALLS_SHOWN)),
        faults="".join(_fault_form(name, world.faults.of(name)) for name in SERVICES),
    )


def _agent_row(agent: Json) -> str:
    extension = escape(agent["extension"])
    button = (
        f'<form method="post" action="/page/agents/{extension}/hangup"><button>hang up</button>'
    )
    state = "on a call" if agent["callId"] else "wrap-up" if agent["wrapUpUntil"] else "free"
    action = f"{button}</form>" if agent["callId"] else ""
    return _row([extension, escape(agent["status"]), state, action])


def _call_row(call: Json) -> str:
    phone = f"{call['phone'][:1]} (***) ***-{call['phone'][-4:-2]}-{call['phone'][-2:]}"
    names = ("dialled_at", "extension", "state", "disposition", "hangup_by")
    return _row([phone, *(escape(str(call[name] or "")) for name in names)])


def _row(cells: list[str]) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _fault_form(service: str, faults: Faults) -> str:
    """The form of one service; only faults that are on are filled in."""
    calm = asdict(Faults())
    inputs = "".join(
        _fault_input(name, value, is_calm=value == calm[name])
        for name, value in asdict(faults).items()
        if service == EVENT_SERVICE or name not in EVENT_RATES
    )
    return (
        f'<fieldset><legend>{service}</legend><form method="post" action="/page/faults/{service}">'
        f"{inputs}<button>set</button></form>"
        f'<form method="post" action="/page/faults/{service}"><button>all off</button></form>'
        "</fieldset>"
    )


def _fault_input(name: str, value: float | None, *, is_calm: bool) -> str:
    shown = "" if is_calm or value is None else f"{value:g}"
    css = "" if is_calm else ' class="on"'
    return f'<label{css}>{name}<input name="{name}" value="{shown}" inputmode="decimal"></label>'


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise RequestError(400, "BAD_REQUEST", f"{name} must be a number") from error
