"""MightyCall over HTTP: one port; each transport registers its own paths on it."""

from aiohttp import web

from simulators.mightycall.center import ContactCenter
from simulators.mightycall.contact_center import add_contact_center
from simulators.web import Service, make_app


def make_mightycall(service: Service, center: ContactCenter) -> web.Application:
    app = make_app(service)
    add_contact_center(app, center)
    return app
