"""Abram over HTTP: products for a client, and ML checks of what the client showed."""

import json
import re
from typing import Any

from aiohttp import web

from simulators.abram.offers import make_offers
from simulators.seeds import fraction, rng
from simulators.web import Json, RequestError, Service, make_app, read_object

SUBJECTS = {
    "DEVICE": ("device_id",),
    "PHONE": ("phone",),
    "FACE": ("face_id",),
    "DOCUMENT": ("document_series", "document_number"),
}
# of any other check, such as INCOME: cascades name checks in their settings
OTHER_SUBJECT = ("phone",)
# checks that begin with UNKNOWN are not known, so that this case can be tried too
KNOWN = re.compile(r"(?!UNKNOWN)[A-Z][A-Z0-9_]{0,31}")
ERROR_PART = 0.1  # of the checks that are not passed; the rest are FAILED
SEED = web.AppKey("seed", int)
PASSED_SHARE = web.AppKey("passed_share", float)


def make_abram(service: Service, seed: int, passed_share: float) -> web.Application:
    app = make_app(service)
    app[SEED] = seed
    app[PASSED_SHARE] = passed_share
    app.router.add_post("/api/v1/products", products)
    app.router.add_post("/api/v1/checks", checks)
    return app


async def products(request: web.Request) -> web.Response:
    """Offers for the client. Any features are accepted.

    The phone identifies the client; without a phone all features together do.
    """
    features = await read_object(request)
    identity = str(features.get("phone") or json.dumps(features, sort_keys=True))
    return web.json_response(make_offers(rng(request.app[SEED], "abram", identity)))


async def checks(request: web.Request) -> web.Response:
    asked = await read_object(request)
    names = _read_names(asked.get("checks"))
    return web.json_response({"results": {name: _verdict(request, name, asked) for name in names}})


def _read_names(names: Any) -> list[str]:
    if not isinstance(names, list) or not names:
        raise RequestError(400, "BAD_REQUEST", "checks must be a list of at least one check")
    if not all(isinstance(name, str) and KNOWN.fullmatch(name) for name in names):
        raise RequestError(400, "BAD_REQUEST", "unknown checks; one is known by a name like INCOME")
    return list(dict.fromkeys(names))


def _verdict(request: web.Request, name: str, asked: Json) -> str:
    """PASSED, FAILED or ERROR. ERROR also when the request lacks what the check looks at."""
    keys = SUBJECTS.get(name, OTHER_SUBJECT)
    subject = " ".join(str(asked[key]) for key in keys if asked.get(key)).strip()
    if not subject:
        return "ERROR"
    luck = fraction(request.app[SEED], name, subject)
    share = request.app[PASSED_SHARE]
    if luck < share:
        return "PASSED"
    return "ERROR" if luck >= 1 - (1 - share) * ERROR_PART else "FAILED"
