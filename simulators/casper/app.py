"""Casper over HTTP: one search, which finds most of the clients."""

from aiohttp import web

from simulators.casper.trace import make_client
from simulators.seeds import fraction, rng
from simulators.web import Json, RequestError, Service, make_app, read_object

KEYS = ("phone", "device_id", "document_series", "document_number")
SEED = web.AppKey("seed", int)
FOUND_SHARE = web.AppKey("found_share", float)


def make_casper(service: Service, seed: int, found_share: float) -> web.Application:
    app = make_app(service)
    app[SEED] = seed
    app[FOUND_SHARE] = found_share
    app.router.add_post("/api/v1/clients/search", search)
    return app


async def search(request: web.Request) -> web.Response:
    asked = await read_object(request)
    identity = identity_of(asked)
    if fraction(request.app[SEED], "casper", identity) >= request.app[FOUND_SHARE]:
        return web.json_response({"found": False, "client": None})
    client = make_client(rng(request.app[SEED], "casper", identity), asked)
    return web.json_response({"found": True, "client": client})


def identity_of(asked: Json) -> str:
    """What identifies the client: the phone, else the device, else the document."""
    for key in KEYS:
        if asked.get(key) is not None and not isinstance(asked[key], str):
            raise RequestError(400, "BAD_REQUEST", f"{key} must be a text")
    document = f"{asked.get('document_series') or ''} {asked.get('document_number') or ''}".strip()
    identity = asked.get("phone") or asked.get("device_id") or document
    if not identity:
        raise RequestError(400, "BAD_REQUEST", f"at least one of {', '.join(KEYS)} is needed")
    return str(identity)
