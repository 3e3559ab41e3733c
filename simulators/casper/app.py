"""Casper over HTTP: one search, which finds most of the clients."""

from aiohttp import web

from simulators.casper.clients import Clients
from simulators.web import Service, make_app, read_object

CLIENTS = web.AppKey("clients", Clients)


def make_casper(service: Service, clients: Clients) -> web.Application:
    app = make_app(service)
    app[CLIENTS] = clients
    app.router.add_post("/api/v1/clients/search", search)
    return app


async def search(request: web.Request) -> web.Response:
    client = request.app[CLIENTS].find(await read_object(request))
    return web.json_response({"found": client is not None, "client": client})
